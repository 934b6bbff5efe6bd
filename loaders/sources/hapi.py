"""HDX HAPI: the Humanitarian API's tables, as CSV or JSON. Which one it is tells the kind."""

from __future__ import annotations

from datetime import date

import pandas as pd

from layers.report import Finding
from loaders.raw import RawLayer
from loaders.reshape import kept, summed, table
from loaders.sources.dtm import without_totals
from loaders.sources.source import Look, Prepared, Reading, Source, column, constant, fit, headers, numbered

COMMON = headers(
    "location_ref,location_code,location_name,admin1_ref,admin1_code,admin1_name,provider_admin1_name,admin2_ref,"
    "admin2_code,admin2_name,provider_admin2_name,admin_level,has_hrp,in_gho,resource_hdx_id,reference_period_start,"
    "reference_period_end"
)
BULK = headers("dataset_hdx_id,warning,error")
IDPS = COMMON | headers("reporting_round,assessment_type,operation,population")
PRESENCE = COMMON | headers("org_acronym,org_name,org_type_code,org_type_description,sector_code,sector_name")
CONFLICT = COMMON | headers("event_type,events,fatalities")
POPULATION = COMMON | headers("gender,age_range,min_age,max_age,population")
ABROAD = headers(
    "origin_location_ref,origin_location_code,origin_location_name,origin_has_hrp,origin_in_gho,asylum_location_ref,"
    "asylum_location_code,asylum_location_name,asylum_has_hrp,asylum_in_gho,population_group,gender,age_range,min_age,"
    "max_age,population,resource_hdx_id,reference_period_start,reference_period_end"
)
LAYOUTS = (IDPS, PRESENCE, CONFLICT, POPULATION, ABROAD, COMMON)
GROUPS = {
    "REF": "refugee",
    "ROC": "refugee",
    "ASY": "refugee",
    "OIP": "refugee",
    "IDP": "idp",
    "IOC": "idp",
    "RET": "returnee",
    "RDP": "returnee",
    "HST": "host",
}
PLACES = {
    "location code": "location_code",
    "admin1 code": "admin1_code",
    "provider admin1 name": "provider_admin1_name",
    "admin2 code": "admin2_code",
    "provider admin2 name": "provider_admin2_name",
}
FIELDS = {
    "idp_sites": {
        "population": "population",
        "reporting round": "reporting_round",
        "assessment type": "assessment_type",
        "operation": "operation",
        "reference period end": "assessment_date",
    },
    "projects": {
        "org acronym": "org_acronym",
        "org name": "owner",
        "sector code": "sector_code",
        "reference period end": "reported_date",
    },
    "population_groups": {
        "asylum location code": "location_code",
        "population": "population",
        "reference period start": "reference_period_start",
        "reference period end": "reference_period_end",
    },
    "other": {},
}
ALL_OF_THEM = ("all", "a", "total")
BREAKDOWN = ("gender", "age range", "min age", "max age")
# Rows that agree in these speak of the same people, or of parts of them.
ONE_FIGURE = (
    "location code",
    "origin location code",
    "asylum location code",
    "admin1 code",
    "admin2 code",
    "provider admin1 name",
    "provider admin2 name",
    "population group",
    "reference period start",
    "reference period end",
)


def _kind(look: Look) -> str:
    if look.has("org acronym", "sector code"):
        return "projects"
    if look.has("population", "reporting round"):
        return "idp_sites"
    if look.has("population") and look.any_of("asylum location code", "gender", "age range"):
        return "population_groups"
    return "other"


def _recognise(look: Look) -> float:
    period = ("reference period start",)
    layouts = (*LAYOUTS, *(layout | BULK for layout in LAYOUTS))
    abroad = fit(look, ("asylum location code", "population", *period), *layouts, least=0.8)
    displaced = fit(look, ("location code", "population", "reporting round", *period), *layouts, least=0.8)
    return abroad or displaced or fit(look, ("location code", "resource hdx id", *period), *layouts, least=0.8)


def _one_record_a_figure(raw: RawLayer, look: Look) -> RawLayer:
    """Without breakdowns by sex and age, and without totals of larger areas."""
    if _kind(look) == "population_groups":
        raw = _without_breakdowns(raw, look)
    codes = _there(look, "admin1 code", "admin2 code")
    when = _there(look, "operation", "assessment type", "reporting round", "reference period end")
    return without_totals(raw, look.any_of("location code"), codes, when) if codes else raw


def _there(look: Look, *spellings: str) -> list[str]:
    return [header for name in spellings if (header := look.any_of(name))]


def _without_breakdowns(raw: RawLayer, look: Look) -> RawLayer:
    """One row an area, group and period: its total where that stands, else the sum of its parts."""
    cells = table(raw)
    (people,), by = _there(look, "population"), _there(look, *ONE_FIGURE)
    keep = pd.Series(data=True, index=cells.index)
    parts = _there(look, "age range", "gender")
    # First the ages of each sex, then the sexes: women of all ages stand for women by age.
    for header, others in zip(parts, (parts[1:], []), strict=False):
        whole = cells[header].fillna("all").str.lower().isin(ALL_OF_THEM)
        stands = keep & whole & cells[people].notna()
        keep &= whole | ~stands.groupby([cells[name].fillna("") for name in (*by, *others)]).transform("any")
    if not keep.all():
        raw = kept(raw, keep.to_numpy(bool), _breakdown(int((~keep).sum())))
    return summed(raw, by, people, _there(look, *BREAKDOWN))


def _breakdown(count: int) -> Finding:
    return Finding(
        "breakdown_left_out",
        "info",
        f"{count} rows break totals of the same file down by sex or age; they make no record, for their people would"
        " count twice.",
        field="population",
    )


def _readings(look: Look) -> tuple[Reading, ...]:
    people = _kind(look) in ("idp_sites", "population_groups")
    return (Reading(reshape=_one_record_a_figure if people else None),)


def _mapping(look: Look) -> dict[str, str]:
    kind = _kind(look)
    return look.mapping({**PLACES, **FIELDS[kind]})


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    kind = _kind(look)
    area = column(texts, look, "admin2 name").fillna(column(texts, look, "provider admin2 name"))
    area = area.fillna(column(texts, look, "admin1 name")).fillna(column(texts, look, "provider admin1 name"))
    name = area.fillna(column(texts, look, "location name", "asylum location name"))
    code = column(texts, look, "admin2 code").fillna(column(texts, look, "admin1 code"))
    code = code.fillna(column(texts, look, "location code", "asylum location code"))
    columns = {"name": name}
    findings: tuple[Finding, ...] = ()
    if kind == "idp_sites":
        operation = column(texts, look, "operation")
        columns["site_id"] = code + "/" + operation.fillna("") if operation.nunique() > 1 else code
        round_ = column(texts, look, "reporting round").fillna(column(texts, look, "reference period end"))
        columns["id"] = numbered(columns["site_id"] + "/" + round_)
        columns |= {"site_type": constant(texts, "area_total"), "population_group": constant(texts, "idp")}
    elif kind == "population_groups":
        columns["population_group"] = column(texts, look, "population group").str.upper().map(GROUPS)
        period = column(texts, look, "reference period start").str[:10]
        origin = column(texts, look, "origin location code").fillna("")
        group = column(texts, look, "population group").fillna("")
        columns["id"] = numbered(
            (code + "/" + origin + "/" + group + "/" + period.fillna("")).str.replace(r"/+", "/", regex=True)
        )
    elif kind == "projects":
        columns["activity_class"] = constant(texts, "humanitarian")
        columns["name"] = column(texts, look, "org name", "org acronym") + ", " + column(texts, look, "sector name")
        findings = (_presence(),)
    else:
        findings = (_no_records_of_ours(look),)
    return Prepared(columns, findings)


def _presence() -> Finding:
    return Finding(
        "presence_without_dates",
        "info",
        "operational presence says who is where in a period, not when an activity starts and ends; activity dates and"
        " status stay blank.",
        field="start_date",
    )


def _no_records_of_ours(look: Look) -> Finding:
    what = "a count of events in an area and a month" if look.has("events", "fatalities") else "a figure of a period"
    return Finding(
        "aggregates_are_no_incidents" if look.has("events") else "table_of_figures",
        "warning",
        f"each row is {what}, not a record of its own: the layer is drawn and filtered, and takes part in no analysis.",
        found=what,
        remedy="Load the events themselves where incidents are to be counted.",
    )


HAPI = Source(
    id="hdx_hapi",
    label="HDX HAPI",
    kind=_kind,
    recognise=_recognise,
    mapping=_mapping,
    prepare=_prepare,
    computes=frozenset({"name", "site_id", "site_type", "population_group", "activity_class", "id"}),
    readings=_readings,
)

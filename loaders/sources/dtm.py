"""IOM DTM: the API's answer and the tables on HDX. People present (a stock) by area and round, no coordinates."""

from __future__ import annotations

from datetime import date

import pandas as pd

from layers.kind import normalise
from layers.report import Finding
from loaders.raw import RawLayer
from loaders.reshape import blank_rows, kept, summed, table
from loaders.sources.source import Look, Prepared, Reading, Source, column, constant, fit, headers, numbered
from loaders.values import without_placeholders

API = headers(
    "id,operation,admin0Name,admin0Pcode,admin1Name,admin1Pcode,admin2Name,admin2Pcode,numPresentIdpInd,reportingDate,"
    "yearReportingDate,monthReportingDate,roundNumber,displacementReason,numberMales,numberFemales,idpOriginAdmin1Name,"
    "idpOriginAdmin1Pcode,assessmentType"
)
HDX = API | headers("adminLevel,operationStatus")
FIELDS = {
    "id": "id",
    "operation": "operation",
    "admin0pcode": "location_code",
    "admin1name": "provider_admin1_name",
    "admin1pcode": "admin1_code",
    "admin2name": "provider_admin2_name",
    "admin2pcode": "admin2_code",
    "numpresentidpind": "population",
    "reportingdate": "assessment_date",
    "roundnumber": "reporting_round",
    "displacementreason": "displacement_reason",
    "assessmenttype": "assessment_type",
}
# Rows that agree in these are parts of one figure: DTM splits it by reason and by origin.
ONE_FIGURE = (
    "operation",
    "admin0pcode",
    "admin1pcode",
    "admin2pcode",
    "roundnumber",
    "reportingdate",
    "assessmenttype",
)
PARTS = ("displacementreason", "idporiginadmin1name", "idporiginadmin1pcode")
SEXES = ("numbermales", "numberfemales")
SHOWN = 5


def without_totals(raw: RawLayer, country: str | None, codes: list[str], when: list[str]) -> RawLayer:
    """Without the total of an area whose own parts stand beside it: its people stand in them already.

    Parameters
    ----------
    codes : list of str
        P-code columns, largest areas first.
    when : list of str
        Columns that tell rounds or periods apart.
    """
    cells = table(raw)
    by = [cells[name].fillna("") for name in (country, *when) if name]
    # The whole country is the one area that needs no code.
    areas = [constant(cells, ""), *(without_placeholders(cells[code]) for code in codes)]
    level = pd.Series(0, index=cells.index)
    for depth, area in enumerate(areas):
        level = level.mask(area.notna(), depth)
    total = pd.Series(data=False, index=cells.index)
    for depth, area in enumerate(areas):
        deepest = level.groupby([*by, area.fillna("")]).transform("max")
        total |= (level == depth) & (deepest > depth)
    dropped = total.to_numpy(bool) & ~blank_rows(raw)
    return kept(raw, ~dropped, _totals(raw.rows[dropped].tolist(), codes[-1])) if dropped.any() else raw


def _totals(rows: list[int], field: str) -> Finding:
    listed = ", ".join(map(str, rows[:SHOWN])) + (" and others" if len(rows) > SHOWN else "")
    return Finding(
        "totals_left_out",
        "warning",
        f"{len(rows)} rows are totals of areas whose parts stand in the same file; they make no record, for their"
        f" people would count twice (row{'s' if len(rows) > 1 else ''} {listed}).",
        field=field,
        found=listed,
        remedy="Load a file of one admin level if the totals are wanted.",
    )


def _one_record_a_figure(raw: RawLayer, look: Look) -> RawLayer:
    columns = {normalise(header): header for header in raw.columns}

    def there(*spellings: str) -> list[str]:
        return [columns[s] for s in spellings if s in columns]

    codes = there("admin1pcode", "admin2pcode")
    when = there("operation", "assessmenttype") + there("roundnumber", "reportingdate")[:1]
    raw = without_totals(raw, columns.get("admin0pcode"), codes, when) if codes else raw
    return summed(raw, there(*ONE_FIGURE), columns["numpresentidpind"], there(*PARTS), there(*SEXES))


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    area = column(texts, look, "admin2name").fillna(column(texts, look, "admin1name"))
    code = without_placeholders(column(texts, look, "admin2pcode", "admin1pcode"))
    code = code.fillna(without_placeholders(column(texts, look, "admin1pcode")))
    code = code.fillna(column(texts, look, "admin0pcode"))
    origin = without_placeholders(column(texts, look, "idporiginadmin1pcode"))
    operation = column(texts, look, "operation")
    several = operation.nunique() > 1
    columns = {
        "name": area.fillna(column(texts, look, "admin0name")),
        "site_id": code + "/" + operation.fillna("") if several else code,
        "site_type": constant(texts, "area_total"),
        "population_group": constant(texts, "idp"),
        "origin_admin1_name": without_placeholders(column(texts, look, "idporiginadmin1name")),
        "origin_admin1_code": origin.mask(origin.str.contains(": ", regex=False)),  # several are no code
    }
    if not look.has("id"):
        round_ = column(texts, look, "roundnumber").fillna(column(texts, look, "reportingdate"))
        columns["id"] = numbered(columns["site_id"] + "/" + round_)
    return Prepared(columns)


DTM = Source(
    id="dtm",
    label="IOM DTM",
    kind=lambda look: "idp_sites",
    recognise=lambda look: fit(look, ("numpresentidpind", "admin0pcode"), API, HDX, least=0.8),
    mapping=lambda look: look.mapping(FIELDS),
    prepare=_prepare,
    computes=frozenset(
        {"name", "site_id", "site_type", "population_group", "origin_admin1_name", "origin_admin1_code"}
    ),
    readings=lambda look: (Reading(reshape=_one_record_a_figure),),
)

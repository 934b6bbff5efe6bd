"""IOM DTM: the API's answer and the tables on HDX. People present (a stock) by area and round, no coordinates."""

from __future__ import annotations

from datetime import date

import numpy as np
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
PARTS = ("displacementreason", "idporiginadmin1name")


def only_deepest(raw: RawLayer, country: str | None, codes: list[str], when: list[str]) -> RawLayer:
    """Without the totals of larger areas: a country's people stand in its areas already.

    Parameters
    ----------
    codes : list of str
        P-code columns, largest areas first.
    when : list of str
        Columns that tell rounds or periods apart.
    """
    cells = table(raw)
    level = np.zeros(len(cells), int)
    for depth, code in enumerate(codes, 1):
        level[without_placeholders(cells[code]).notna().to_numpy(bool)] = depth
    by = [cells[name].fillna("") for name in (country, *when) if name]
    deepest = pd.Series(level).groupby(by).transform("max").to_numpy() if by else np.full(len(level), level.max())
    total = (level < deepest) & ~blank_rows(raw)
    if not total.any():
        return raw
    note = Finding(
        "totals_left_out",
        "warning",
        f"{int(total.sum())} rows are totals of larger areas whose parts stand in the same file; they make no record,"
        " for their people would count twice.",
        field=codes[-1],
        remedy="Load a file of one admin level if the totals are wanted.",
    )
    return kept(raw, ~total, note)


def _one_record_a_figure(raw: RawLayer, look: Look) -> RawLayer:
    columns = {normalise(header): header for header in raw.columns}
    codes = [columns[s] for s in ("admin1pcode", "admin2pcode") if s in columns]
    when = [columns[s] for s in ("operation", "roundnumber", "assessmenttype") if s in columns]
    raw = only_deepest(raw, columns.get("admin0pcode"), codes, when)
    by = [columns[s] for s in ONE_FIGURE if s in columns]
    return summed(raw, by, columns["numpresentidpind"], [columns[s] for s in PARTS if s in columns])


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    area = column(texts, look, "admin2name").fillna(column(texts, look, "admin1name"))
    code = without_placeholders(column(texts, look, "admin2pcode", "admin1pcode"))
    code = code.fillna(without_placeholders(column(texts, look, "admin1pcode")))
    code = code.fillna(column(texts, look, "admin0pcode"))
    operation = column(texts, look, "operation")
    several = operation.nunique() > 1
    columns = {
        "name": area.fillna(column(texts, look, "admin0name")),
        "site_id": code + "/" + operation.fillna("") if several else code,
        "site_type": constant(texts, "area_total"),
        "population_group": constant(texts, "idp"),
        "origin_admin1_name": without_placeholders(column(texts, look, "idporiginadmin1name")),
        "origin_admin1_code": without_placeholders(column(texts, look, "idporiginadmin1pcode")),
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

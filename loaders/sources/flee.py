"""FLEE: towns, roads and camps of a displacement model, with UNHCR's registrations by camp.

A camp's file has no header, only dates and numbers of people registered; its name says
which camp in which country: `cam-east` is East in Cameroon.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath

import numpy as np
import pandas as pd

from layers.report import Finding
from loaders.raw import RawLayer
from loaders.reshape import kept, renamed, table
from loaders.sources.source import (
    ONE_READING,
    Look,
    Prepared,
    Reading,
    Source,
    column,
    constant,
    fit,
    headers,
    numbered,
)

LOCATIONS = headers("name,region,country,lat,lon,location_type,conflict_date,population")
ROADS = headers("name1,name2,distance,forced_redirection")
COUNTRY = {"cam": "CMR", "cha": "TCD", "con": "COG", "dcon": "COD"}
CAMP_FILE = re.compile(r"(cam|cha|con|dcon)-([^\W\d_]+)(-outside)?$")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
ARRIVALS_COLUMNS = ("date", "refugees")
LAYOUT_COLUMNS = ("name", "file")


def _camp(look: Look) -> re.Match[str] | None:
    return CAMP_FILE.match(PurePath(look.layer or look.file).stem.lower()) or CAMP_FILE.match(
        PurePath(look.file).stem.lower()
    )


def _recognise_arrivals(look: Look) -> float:
    if len(look.columns) != 2 or _camp(look) is None:
        return 0.0
    if look.columns == ARRIVALS_COLUMNS:
        return 0.8
    days, counts = (look.samples.get(header, ()) for header in look.columns)
    if not look.columns[0].startswith("column_"):
        return 0.0
    dated = sum(bool(DAY.match(day.strip())) for day in days)
    numbers = sum(bool(re.fullmatch(r"\d+", n.strip())) for n in counts)
    return 0.8 if (dated and numbers) or not (days or counts) else 0.6


def _without_comments(raw: RawLayer, look: Look) -> RawLayer:
    """The columns named, and the lines that begin with # taken aside."""
    first = table(raw).iloc[:, 0]
    comment = first.str.startswith("#").fillna(False).to_numpy(bool)
    named = renamed(raw, ARRIVALS_COLUMNS)
    named.findings = [f for f in named.findings if f.code != "no_header" and f.row not in set(raw.rows[comment])]
    note = Finding(
        "columns_by_layout",
        "info",
        "there is no header: the columns were taken as a date and the people registered on it"
        + (f"; {int(comment.sum())} comment lines make no record." if comment.any() else "."),
        remedy="Give the columns with --mapping if that is wrong.",
    )
    return kept(named, ~comment, note) if comment.any() else kept(named, np.ones(len(raw), bool), note)


def _prepare_arrivals(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    camp = _camp(look)
    if camp is None:
        return Prepared()
    filled = texts.notna().any(axis=1)
    name = camp[2].title()
    site = f"{name} (outside)" if camp[3] else name
    said = {
        "name": name,
        "site_id": f"{COUNTRY[camp[1]]}/{site}",
        "location_code": COUNTRY[camp[1]],
        "population_group": "refugee",
        "source_name": "UNHCR",
    }
    columns = {field: constant(texts, value).where(filled) for field, value in said.items()}
    columns["id"] = numbered(columns["site_id"] + "/" + texts[look.columns[0]])
    note = Finding(
        "name_from_file",
        "info",
        f"the camp is {site}, country {COUNTRY[camp[1]]}, by the file's name; it is placed by that name.",
        field="name",
        found=name,
        remedy="Load the settlements too, so that the camp has a place.",
    )
    return Prepared(columns, (note,))


def _prepare_total(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    note = Finding(
        "total_of_other_files",
        "warning",
        "each row is the total of all camps on a day, which the camps' own files hold already: the layer takes part"
        " in no analysis, or people would count twice.",
        field=look.columns[-1],
        remedy="Load the camps' files for the people present.",
    )
    return Prepared({"name": "all camps, " + texts[look.columns[0]]}, (note,))


def _is_table_of_files(look: Look) -> bool:
    """Whether all that stands beside the first column are names of files."""
    if look.columns[:2] == LAYOUT_COLUMNS:
        return True
    shown = [look.samples.get(header, ()) for header in look.columns]
    named = all(s.strip().lower().endswith(".csv") for values in shown[1:] for s in values)
    nameless = all(header.startswith("column_") for header in look.columns)
    return nameless and 2 <= len(shown) <= 5 and bool(shown[1]) and named


def _with_names(raw: RawLayer, look: Look) -> RawLayer:
    beside = [f"file {number}" for number in range(2, len(raw.columns))]
    return renamed(raw, [*LAYOUT_COLUMNS, *beside])


def _prepare_layout(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    note = Finding(
        "table_of_files",
        "info",
        "the table says which file belongs to which camp; it holds no places and no people.",
        remedy="Load the files that it names.",
    )
    return Prepared({}, (note,))


FLEE_LOCATIONS = Source(
    id="flee_locations",
    label="FLEE",
    kind=lambda look: "settlements",
    recognise=lambda look: fit(look, ("location type", "conflict date", "lat", "lon"), LOCATIONS),
    mapping=lambda look: look.mapping(
        {
            "name": "name",
            "region": "provider_admin1_name",
            "country": "country",
            "lat": "latitude",
            "lon": "longitude",
            "location type": "settlement_type",
            "population": "population",
        }
    ),
    prepare=lambda texts, look, as_of: Prepared({"id": numbered(column(texts, look, "name"))}),
)


def _prepare_roads(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    ends = (texts[look.by_spelling[name]] for name in ("name1", "name2"))
    return Prepared({"id": numbered(next(ends) + "–" + next(ends))})


FLEE_ROADS = Source(
    id="flee_roads",
    label="FLEE",
    kind=lambda look: "roads",
    recognise=lambda look: fit(look, ("name1", "name2", "distance"), ROADS),
    mapping=lambda look: look.mapping({"name1": "from_name", "name2": "to_name", "distance": "length_km"}),
    prepare=_prepare_roads,
)

FLEE_ARRIVALS = Source(
    id="flee_arrivals",
    label="FLEE, figures of UNHCR",
    kind=lambda look: "idp_sites",
    recognise=_recognise_arrivals,
    mapping=lambda look: dict(zip(look.columns, ("assessment_date", "population"), strict=True)),
    prepare=_prepare_arrivals,
    readings=lambda look: ONE_READING if look.columns == ARRIVALS_COLUMNS else (Reading(reshape=_without_comments),),
)

FLEE_TOTAL = Source(
    id="flee_total",
    label="FLEE, figures of UNHCR",
    kind=lambda look: "other",
    recognise=lambda look: 0.9 if len(look.columns) == 2 and look.has("date", "refugee numbers") else 0.0,
    mapping=lambda look: {},
    prepare=_prepare_total,
)

FLEE_LAYOUT = Source(
    id="flee_layout",
    label="FLEE",
    kind=lambda look: "other",
    recognise=lambda look: 0.85 if _is_table_of_files(look) else 0.0,
    mapping=lambda look: {look.columns[0]: "name"},
    prepare=_prepare_layout,
    readings=lambda look: ONE_READING if look.columns[:2] == LAYOUT_COLUMNS else (Reading(reshape=_with_names),),
)

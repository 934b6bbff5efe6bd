"""Areas and their people by other layouts than COD-AB: geoBoundaries, the global table of P-codes, COD-PS."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from layers.report import Finding
from loaders.sources.cod_ab import ADMIN_CODES, area_codes, area_names
from loaders.sources.source import Look, Prepared, Source, column, fit, headers, numbered

GEOBOUNDARIES_LAYOUT = headers("shapeName,shapeISO,shapeID,shapeGroup,shapeType")
GLOBAL_LAYOUT = headers("Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date")
# Totals of both sexes and of each, and age bands such as F_00_04 and T_80PLUS.
SEX_AND_AGE = re.compile(r"[fmt] (?:tl|\d\d(?: \d\d| ?plus)?|\d\dplus)$")


def _prepare_geoboundaries(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    level = column(texts, look, "shapetype").str.extract(r"(\d)", expand=False)
    return Prepared({"admin_level": level.astype("str")})


GEOBOUNDARIES = Source(
    id="geoboundaries",
    label="geoBoundaries",
    kind=lambda look: "admin_areas",
    recognise=lambda look: fit(look, ("shapename", "shapegroup", "shapetype"), GEOBOUNDARIES_LAYOUT, least=0.85),
    mapping=lambda look: look.mapping({"shapename": "name", "shapeid": "id", "shapegroup": "location_code"}),
    prepare=_prepare_geoboundaries,
    computes=frozenset({"admin_level"}),
)

GLOBAL_PCODES = Source(
    id="global_pcodes",
    label="OCHA, global P-codes",
    kind=lambda look: "admin_areas",
    recognise=lambda look: fit(look, ("admin level", "p code", "parent p code"), GLOBAL_LAYOUT, least=0.85),
    mapping=lambda look: look.mapping(
        {
            "location": "location_code",
            "admin level": "admin_level",
            "p code": "id",
            "name": "name",
            "parent p code": "parent_code",
            "valid from date": "valid_on",
        }
    ),
)


def _recognise_population(look: Look) -> float:
    bands = sum(bool(SEX_AND_AGE.match(spelling)) for spelling in look.by_spelling)
    if not area_codes(look) or not look.has("t tl"):
        return 0.0
    return 0.85 if bands < 3 else 0.97


def _population_mapping(look: Look) -> dict[str, str]:
    codes = area_codes(look)
    pairs = {codes[level]: ADMIN_CODES[level] for level in codes if level in ADMIN_CODES}
    names = {level: area_names(look, level) for level in (1, 2, 3)}
    pairs |= {n: f"provider_admin{level}_name" for level, n in names.items() if n is not None}
    return pairs | look.mapping({"t tl": "population", "iso3": "location_code"})


def _prepare_population(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    codes = area_codes(look)
    name = area_names(look, max(codes))
    columns = {"id": numbered(texts[codes[max(codes)]])}
    if name is not None:
        columns["name"] = texts[name]
    note = Finding(
        "everybody_in_an_area",
        "info",
        "each row is everybody in an area by projection, so it is a population figure, not a settlement; people by"
        " sex and age stay as attributes.",
        field="population",
    )
    return Prepared(columns, (note,))


# People of an area, not of a place: as settlements they would count twice beside the towns inside the area.
COD_PS = Source(
    id="cod_ps",
    label="OCHA COD-PS",
    kind=lambda look: "population_groups",
    recognise=_recognise_population,
    mapping=_population_mapping,
    prepare=_prepare_population,
    computes=frozenset({"name", "id", "population_group"}),
)

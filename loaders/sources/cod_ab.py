"""OCHA common operational datasets: administrative areas with P-codes, as areas, tables or points."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from loaders.sources.source import Look, Prepared, Source

# ADM1_PCODE, adm1_pcode, admin1Pcod (cut by the shapefile), admin1Pcode
CODE = re.compile(r"adm(?:in)?\s?(\d)\s?pcode?$")
NAME = re.compile(r"adm(?:in)?\s?(\d)\s?(?:name(?: en| fr)?|en|fr|ref name)?$")
LOCAL = re.compile(r"adm(?:in)?\s?(\d)\s?(?:name )?(?:ar|name1)$")
# Sudan's and South Sudan's own words for their levels.
WORDS = {"country": 0, "state": 1, "locality": 2, "county": 2}
ADMIN_CODES = {1: "admin1_code", 2: "admin2_code", 3: "admin3_code"}


def area_codes(look: Look) -> dict[int, str]:
    """Level -> its P-code column."""
    found = {int(m[1]): c for s, c in look.by_spelling.items() if (m := CODE.match(s))}
    return found or {level: c for word, level in WORDS.items() if (c := look.any_of(f"{word} code", f"{word} pcode"))}


def area_names(look: Look, level: int, local: bool = False) -> str | None:
    word = next((w for w, n in WORDS.items() if n == level and look.any_of(f"{w} code", f"{w} pcode")), None)
    if word is not None:
        return look.any_of(f"{word} name ar") if local else look.any_of(f"{word} name en", f"{word} name")
    pattern = LOCAL if local else NAME
    return next((c for s, c in look.by_spelling.items() if (m := pattern.match(s)) and int(m[1]) == level), None)


def _recognise_areas(look: Look) -> float:
    codes = area_codes(look)
    if not codes or area_names(look, max(codes)) is None:
        return 0.0
    if "polygon" in look.geometries:
        return 0.95
    # A table is a list of areas only when it says how large or how old each area is.
    listing = look.any_of("area sqkm", "valid from", "valid on", "validon", "data date")
    return 0.8 if listing and not look.geometries else 0.0


def _area_mapping(look: Look) -> dict[str, str]:
    codes = area_codes(look)
    deepest = max(codes)
    parents = [codes[level] for level in sorted(codes) if level < deepest]
    pairs = {
        codes[deepest]: "id",
        area_names(look, deepest): "name",
        area_names(look, deepest, local=True): "name_local",
    }
    if parents:
        pairs[parents[-1]] = "parent_code"
    valid = look.any_of("valid on", "validon", "valid from")
    if valid:
        pairs[valid] = "valid_on"
    return {column: field for column, field in pairs.items() if column is not None}


def _prepare_areas(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    codes = area_codes(look)
    deepest = max(codes)
    known = texts[codes[deepest]].notna()
    columns = {"admin_level": pd.Series(str(deepest), index=texts.index, dtype="str").where(known)}
    if 0 in codes:
        columns["location_code"] = texts[codes[0]]
    return Prepared(columns)


def _recognise_points(look: Look) -> float:
    codes = area_codes(look)
    few = len(look.columns) <= 12
    named = bool(codes) and area_names(look, max(codes)) is not None
    return 0.7 if few and named and look.geometries == {"point"} else 0.0


def _point_mapping(look: Look) -> dict[str, str]:
    codes = area_codes(look)
    deepest = max(codes)
    pairs = {codes[level]: ADMIN_CODES[level] for level in codes if level in ADMIN_CODES}
    name = area_names(look, deepest)
    above = area_names(look, deepest - 1)
    pairs |= {name: "name"} if name else {}
    pairs |= {above: "provider_admin1_name"} if above and deepest == 2 else {}
    return pairs


COD_AB = Source(
    id="cod_ab",
    label="OCHA COD-AB",
    kind=lambda look: "admin_areas",
    recognise=_recognise_areas,
    mapping=_area_mapping,
    prepare=_prepare_areas,
)

# One point per P-code stands for the people of an area, so it serves as demand.
PCODE_POINTS = Source(
    id="pcode_points",
    label="P-code points",
    kind=lambda look: "settlements",
    recognise=_recognise_points,
    mapping=_point_mapping,
)

"""IOM DTM master lists: one row an area, people present beside the states they came from.

Two layers are made of one table: the stock by area, and the flows from each state of
origin. The file's own pairs of state and code name the origins.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd

from layers.kind import normalise
from layers.kinds import IDP_SITES
from layers.kinds.population_groups import POPULATION_GROUPS
from layers.report import Finding
from loaders.raw import RawLayer
from loaders.reshape import added, blank_rows, table, taken, without
from loaders.sources.source import ONE_READING, Look, Prepared, Reading, Source, column, constant, numbered
from loaders.values import read_numbers

FLOWS = "flows"
PEOPLE = ("idps", "individuals", "idp individuals", "total idps", "ind", "idps ind")
AREA = ("locality of displacement", "locality", "locality name", "district", "county", "admin2name", "admin2 name")
AREA_CODE = (
    "locality code",
    "admin2pcode",
    "admin2 pcode",
    "adm2 pcode",
    "district code",
    "district pcode",
    "county code",
    "admin2 code",
)
STATE = (
    "state of displacement",
    "state of displacemet",
    "state",
    "state name",
    "region",
    "province",
    "admin1name",
    "admin1 name",
)
STATE_CODE = (
    "state code",
    "state pcode",
    "admin1pcode",
    "admin1 pcode",
    "adm1 pcode",
    "region code",
    "province code",
    "admin1 code",
)
ORIGIN = re.compile(r"\borigine?s?\b")
ORIGIN_WORDS = re.compile(r"\b(?:state|region|province|admin ?1)? ?(?:of )?(?:origine?s?)\b|\bby\b|\bfrom\b")
# Figures of the whole area that are no origins.
WHOLE_AREA = re.compile(
    r"\bnational|\bsudanese\b|\bforeign|\bmales?\b|\bfemales?\b|\bchild|\btotal\b|\bshelter|\byears?\b"
)
ALIKE = 85  # of 100, by rapidfuzz: "Aj Jazirah" and "Al Jazirah" are one state


def _is_area_list(look: Look) -> bool:
    return look.any_of(*PEOPLE) is not None and look.any_of(*AREA_CODE, *AREA) is not None


def _recognise(look: Look) -> float:
    if look.reading == FLOWS:
        return 0.9
    if not _is_area_list(look) or look.any_of("site id", "site name", "ssid", "latitude", "org name"):
        return 0.0
    words = normalise(f"{look.title} {look.file} {look.layer}")
    named = bool(re.search(r"\bdtm\b|displacement tracking", words)) or "master list" in words
    exact = look.any_of(*AREA_CODE) is not None and look.any_of(*STATE) is not None
    return 0.55 + 0.3 * named + 0.1 * exact + 0.03 * _has_origins(look)


def _has_origins(look: Look) -> bool:
    """Whether the file says that some of its columns are places of origin."""
    if ORIGIN.search(normalise(look.title)):
        return True
    tagged = sum("+origin" in tag for tag in look.hxl)
    return max(tagged, sum(bool(ORIGIN.search(normalise(header))) for header in look.columns)) >= 3


def _readings(look: Look) -> tuple[Reading, ...]:
    return (*ONE_READING, Reading(FLOWS, _flows)) if _has_origins(look) else ONE_READING


def _flows(raw: RawLayer, look: Look) -> RawLayer:
    """One record a row and origin from which people came."""
    cells = table(raw)
    origins, notes = _origins(raw, look, cells)
    counts = {header: read_numbers(cells[header], whole=True) for header in origins}
    people = np.column_stack([c.values.fillna(0).to_numpy(float) for c in counts.values()] or [np.zeros(len(cells))])
    worded = np.column_stack([c.bad for c in counts.values()] or [np.zeros(len(cells), bool)])
    notes += _sums_that_differ(raw, look, cells, people)
    row_of, origin_of = np.nonzero((people != 0) | worded)
    empty = np.flatnonzero(blank_rows(raw))
    positions = np.concatenate([row_of, empty])
    order = np.argsort(positions, kind="stable")
    member = np.concatenate([origin_of, np.full(len(empty), -1)])[order]
    positions = positions[order]
    listed = list(origins)
    zeros = int(((people == 0) & ~worded).sum())
    notes.append(
        Finding(
            "no_people_from_there",
            "info",
            f"{zeros} of {people.size} cells of {len(listed)} origins are zero or blank and make no flow;"
            f" {len(row_of)} flows were made. They count the people present by where they came from: no period is"
            " stated.",
            field="origin_name",
        )
    )
    cut = without(taken(raw, positions, *notes), [*listed, *_measures(look)])
    stated = [cells[listed[m]].iloc[p] if m >= 0 else None for p, m in zip(positions, member, strict=True)]
    return added(
        cut,
        {
            "origin_name": [origins[listed[m]][0] if m >= 0 else None for m in member],
            "origin_admin1_code": [origins[listed[m]][1] if m >= 0 else None for m in member],
            "population": stated,
        },
    )


def _measures(look: Look) -> list[str]:
    """Figures of the whole area, which would be counted once for every origin."""
    sites, groups = IDP_SITES.field_by_name, POPULATION_GROUPS.field_by_name
    spellings = sites["population"].spellings | sites["households"].spellings | groups["population"].spellings
    return [c for c in look.columns if (n := normalise(c)) in spellings or WHOLE_AREA.search(n)]


def _origins(raw: RawLayer, look: Look, cells: pd.DataFrame) -> tuple[dict[str, tuple[str, str | None]], list[Finding]]:
    """Column -> name and code of the origin, and what had to be guessed."""
    from rapidfuzz import fuzz, process

    state, code = look.any_of(*STATE), look.any_of(*STATE_CODE)
    pairs = cells[[state, code]].dropna().drop_duplicates() if state and code else pd.DataFrame()
    codes = dict(pairs.itertuples(index=False)) if len(pairs) else {}
    names = {normalise(name): name for name in (codes or dict.fromkeys(cells[state].dropna()) if state else {})}
    found: dict[str, tuple[str, str | None]] = {}
    guessed: list[Finding] = []
    for header in _candidates(look):
        folded = ORIGIN_WORDS.sub(" ", normalise(header)).strip()
        near = process.extractOne(folded, list(names), scorer=fuzz.ratio, score_cutoff=ALIKE) if names else None
        if near is None:
            found[header] = (header, None)
            continue
        name = names[near[0]]
        found[header] = (name, codes.get(name))
        if near[0] != folded:
            guessed.append(_spelled_otherwise(header, name, codes.get(name)))
    return _between_known(found, look), guessed


def _candidates(look: Look) -> list[str]:
    """Columns that no field of a site takes, and that do not count nationalities or sexes."""
    taken_by = {s for f in IDP_SITES.fields for s in f.spellings} | {*PEOPLE, *AREA, *AREA_CODE, *STATE, *STATE_CODE}
    tags = look.hxl or ("",) * len(look.columns)
    return [
        header
        for header, name, tag in zip(look.columns, map(normalise, look.columns), tags, strict=True)
        if name not in taken_by and not WHOLE_AREA.search(name) and (not tag or "+origin" in tag)
    ]


def _between_known(found: dict[str, tuple[str, str | None]], look: Look) -> dict[str, tuple[str, str | None]]:
    """Known origins, and what stands between the first and the last of them or says "origin" itself."""
    order = [header for header in look.columns if header in found]
    known = [i for i, header in enumerate(order) if found[header][1] or ORIGIN.search(normalise(header))]
    return {header: found[header] for header in order[known[0] : known[-1] + 1]} if known else {}


def _spelled_otherwise(header: str, name: str, code: str | None) -> Finding:
    return Finding(
        "origin_spelling",
        "warning",
        f'the origin "{header}" was taken as {name}{f" ({code})" if code else ""}, the nearest name in this file.',
        field=header,
        found=header,
        remedy="Correct the spelling of the header if that is wrong.",
    )


def _sums_that_differ(raw: RawLayer, look: Look, cells: pd.DataFrame, people: np.ndarray) -> list[Finding]:
    """Rows whose origins do not add up to their people."""
    header = look.any_of(*PEOPLE)
    if header is None:
        return []
    stated = read_numbers(cells[header], whole=True).values.to_numpy(float, na_value=np.nan)
    summed = people.sum(axis=1)
    return [
        Finding(
            "origins_do_not_add_up",
            "warning",
            f"row {raw.rows[i]}: the origins add up to {summed[i]:.0f} people, {header} says {stated[i]:.0f}.",
            row=int(raw.rows[i]),
            field=header,
            found=f"{summed[i]:.0f}",
            remedy="Check this row's origins with the sender.",
        )
        for i in np.flatnonzero(~np.isnan(stated) & (stated != summed))
    ]


def _mapping(look: Look) -> dict[str, str]:
    pairs = {
        look.any_of(*AREA_CODE): "admin2_code",
        look.any_of(*AREA): "provider_admin2_name",
        look.any_of(*STATE_CODE): "admin1_code",
        look.any_of(*STATE): "provider_admin1_name",
        look.any_of(*PEOPLE): "population",
    }
    if look.reading == FLOWS:
        pairs |= {name: name for name in ("origin_name", "origin_admin1_code", "population") if name in look.columns}
    return {header: field for header, field in pairs.items() if header is not None}


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    code, area = column(texts, look, *AREA_CODE), column(texts, look, *AREA)
    if look.reading == FLOWS:
        origin = column(texts, look, "origin admin1 code").fillna(column(texts, look, "origin name"))
        return Prepared(
            {
                "id": numbered(origin + ">" + code.fillna(area)),
                "destination_code": code,
                "destination_name": area,
                "population_group": constant(texts, "idp"),
            }
        )
    filled = texts.notna().any(axis=1)
    return Prepared(
        {
            "id": numbered(code.fillna(area)),
            "site_id": code.fillna(area),
            "name": area,
            "site_type": constant(texts, "area_total").where(filled),
            "population_group": constant(texts, "idp").where(filled),
        }
    )


DTM_MASTER_LIST = Source(
    id="dtm_master_list",
    label="IOM DTM",
    kind=lambda look: "idp_flows" if look.reading == FLOWS else "idp_sites",
    recognise=_recognise,
    mapping=_mapping,
    prepare=_prepare,
    computes=frozenset({"site_type", "site_id", "name", "destination_code", "destination_name"}),
    readings=_readings,
)

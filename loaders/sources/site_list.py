"""Lists of displacement sites: one round, or wide by round or date ("Round 1 ... Round 6", "R1 IDPs / R1 HHs").

Of a wide list one record a site and round is made. A blank cell gives no record; a cell that
says "not assessed" or "closed" gives one without people, never a zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from layers.kind import normalise
from layers.kinds import IDP_SITES
from layers.report import Finding
from loaders.dates import read_dates
from loaders.places import PLACE_SPELLINGS
from loaders.raw import RawLayer, text_array
from loaders.reshape import added, blank_rows, blanked, melted, table
from loaders.sources.source import ONE_READING, Look, Prepared, Reading, Source, by_value, constant, in_order, numbered
from loaders.values import without_placeholders

ROUND = re.compile(
    r"(?<![^\W_])(?:dtm[ _]?)?(?:rounds?|ronde|cycle|rnd|rd|r)[ ._#-]*0*(\d{1,3})(?![\d])", re.IGNORECASE
)
MEASURES = {
    "population": in_order(
        ",idps,idp,individuals,ind,inds,people,population,persons,pop,# ind,total,idp individuals,idps individuals,"
        "number of individuals,individus,personnes,pdi"
    ),
    "households": in_order(
        "hh,hhs,households,# hh,families,menages,idp hh,idp hhs,idp households,idps hh,idps hhs,idps households,"
        "number of households"
    ),
    "assessment_date": in_order("date,assessment date,date of assessment,survey date,reporting date,assessed on"),
    "assessment_status": in_order("status,assessment,assessment status,assessed"),
}
MEASURE_OF = {word: measure for measure, words in MEASURES.items() for word in words}
SITE_FIELDS = ("site_id", "name")
AREA_FIELDS = ("admin1_code", "admin2_code", "provider_admin1_name", "provider_admin2_name")
LEAST_ROUNDS = 2
# Numbers that a spreadsheet shows as dates: 1990 to 2064.
SERIALS = range(32_874, 60_000)
STATUS_OF = {
    "not assessed": "not_assessed",
    "not visited": "not_assessed",
    "inaccessible": "not_assessed",
    "no access": "not_assessed",
    "closed": "closed",
    "site closed": "closed",
    "not accessible": "not_assessed",
    "not reached": "not_assessed",
    "non evalue": "not_assessed",
    "ferme": "closed",
    "not covered": "not_assessed",
}
NEW_COLUMNS = ("reporting_round", "assessment_date", "population", "households", "assessment_status")


@dataclass(frozen=True)
class Round:
    """Columns of one round: new column -> the sender's, and what its header says of it."""

    name: str
    day: str
    columns: dict[str, str]

    @property
    def constants(self) -> dict[str, str]:
        """What all records of this round get."""
        said = {"reporting_round": self.name, "assessment_date": self.day}
        return {name: value for name, value in said.items() if value and name not in self.columns}


def rounds(headers: tuple[str, ...]) -> tuple[Round, ...]:
    """The rounds that the headers name, by number; else by date."""
    return _numbered(headers) or _dated(headers)


def _numbered(headers: tuple[str, ...]) -> tuple[Round, ...]:
    found: dict[int, dict[str, str]] = {}
    days: dict[int, str] = {}
    for header in headers:
        match = ROUND.search(header)
        if match is None:
            continue
        rest = f"{header[: match.start()]} {header[match.end() :]}"
        day = _day_in(rest)
        words = normalise(rest.replace(day, " ") if day else rest)
        measure = MEASURE_OF.get(re.sub(r"^(?:of|in) | (?:of|in)$", "", words).strip())
        number = int(match[1])
        if measure is not None and measure not in found.setdefault(number, {}):
            found[number][measure] = header
            if day:
                days.setdefault(number, day)
    counted = {n: c for n, c in found.items() if {"population", "households"} & c.keys()}
    if len(counted) < LEAST_ROUNDS:
        return ()
    return tuple(Round(str(n), days.get(n, ""), counted[n]) for n in sorted(counted))


def _day_in(text: str) -> str:
    """The date that stands in the rest of a header, as written there."""
    parts = re.findall(r"[^()\[\]|]+", text)
    candidates = [p.strip(" -–:,/_") for p in parts]
    read = read_dates(pd.Series([c if _may_be_date(c) else None for c in candidates], dtype="str"))
    return next((c for c, value in zip(candidates, read.values, strict=True) if pd.notna(value)), "")


def _may_be_date(text: str) -> bool:
    """Longer than a bare number: a round of 2026 persons is no year."""
    return bool(re.search(r"\d", text)) and not text.isdigit()


def _dated(headers: tuple[str, ...]) -> tuple[Round, ...]:
    shown = pd.Series([h if _may_be_date(h) or _is_serial(h) else None for h in headers], dtype="str")
    read = read_dates(shown.str.strip())
    days = {h: v.strftime("%Y-%m-%d") for h, v in zip(headers, read.values, strict=True) if pd.notna(v)}
    vague = {h for h, p in zip(headers, read.precision, strict=True) if p == "year"}
    found = [Round("", day, {"population": h}) for h, day in days.items() if h not in vague]
    return tuple(sorted(found, key=lambda r: r.day)) if len(found) >= LEAST_ROUNDS else ()


def _is_serial(header: str) -> bool:
    plain = header.strip().removesuffix(".0")
    return plain.isdigit() and int(plain) in SERIALS


def _header_of(look: Look, *fields: str) -> str | None:
    """The first column that one of these fields of a site is spelled by."""
    for name in fields:
        spellings = IDP_SITES.field_by_name[name].spellings
        found = next((header for header in look.columns if normalise(header) in spellings), None)
        if found is not None:
            return found
    return None


def _recognise(look: Look) -> float:
    """A list of sites: by its site column, its place, its figures, its rounds, and what it is called."""
    wide = bool(rounds(look.columns)) or bool({"reporting_round", "assessment_date"} & set(look.columns))
    site, figures = _header_of(look, *SITE_FIELDS), _header_of(look, "population", "households")
    placed = look.geometries == {"point"} or bool(look.any_of(*PLACE_SPELLINGS["latitude"]))
    area = _header_of(look, *AREA_FIELDS)
    if not (wide or figures) or not (site or (wide and area)) or not (placed or area):
        return 0.0
    if {"destination_code", "destination_name"} & set(look.columns):  # where people went to: flows
        return 0.0
    if not wide and _header_of(look, "site_id") is None:
        return 0.0
    words = normalise(f"{look.title} {look.file} {look.layer} {' '.join(look.columns)}")
    named = bool(re.search(r"\bdtm\b|displacement tracking|\bidps?\b|displaced|master list|\bpdi\b", words))
    if not named and not wide:
        return 0.0
    return round(0.55 + 0.15 * bool(site) + 0.1 * bool(wide) + 0.15 * named, 3)


def _by_round(raw: RawLayer, look: Look) -> RawLayer:
    """One record a site and round."""
    columns = rounds(look.columns)
    if _header_of(look, "site_id") is None:
        raw = added(raw, {"site_id": _named_sites(raw, look)})
    raw, columns, said = _with_figures_of_no_round(raw, look, columns)
    long = melted(raw, [r.columns for r in columns], [r.constants for r in columns])
    records = len(long) - int(blank_rows(long).sum())
    cells = int((~blank_rows(raw)).sum()) * len(columns)
    long, worded = _with_status(long)
    note = Finding(
        "rounds_to_records",
        "info",
        f"{len(columns)} rounds stand side by side; {records} records of a site and round were made, {worded} of them"
        f" without a figure because the cell says why. {cells - records} blank cells make no record:"
        " they are not zero.",
        field="reporting_round",
    )
    return replace(long, findings=[*long.findings, note, *said])


def _with_figures_of_no_round(
    raw: RawLayer, look: Look, columns: tuple[Round, ...]
) -> tuple[RawLayer, tuple[Round, ...], list[Finding]]:
    """A lone "HHs" beside rounds of people is of the last round: it must not stand in each of them."""
    *before, last = columns
    used = {header for r in columns for header in r.columns.values()}
    said = []
    for measure in ("population", "households"):
        spellings = IDP_SITES.field_by_name[measure].spellings
        lone = next((c for c in look.columns if c not in used and normalise(c) in spellings), None)
        if lone is None or measure in last.columns:
            continue
        own = table(raw)[list(last.columns.values())].apply(without_placeholders)
        raw = blanked(raw, lone, own.isna().all(axis=1).to_numpy(bool))
        last = replace(last, columns=last.columns | {measure: lone})
        said.append(
            Finding(
                "figure_without_round",
                "warning",
                f"{lone} names no round; it was taken for the last one ({last.name or last.day}) and stays blank in"
                " the others.",
                field=lone,
                found=lone,
                remedy="Name the round in the header.",
            )
        )
    return raw, (*before, last), said


def _named_sites(raw: RawLayer, look: Look) -> list[str | None]:
    """What ties the rounds of a site together where it has no identifier: its name, else its row."""
    header = _header_of(look, "name", "admin2_code", "provider_admin2_name", "admin1_code", "provider_admin1_name")
    names = table(raw)[header] if header else pd.Series(None, index=range(len(raw)), dtype="str")
    rows = pd.Series(raw.rows, index=names.index).astype("str")
    named = numbered(names).fillna("row " + rows).astype(object)
    return list(named.mask(blank_rows(raw), None).where(lambda s: s.notna(), None))


def _with_status(long: RawLayer) -> tuple[RawLayer, int]:
    """Words in the place of a figure as assessment status; how many there were."""
    cells = table(long)
    status = cells.get("assessment_status", constant(cells, None))
    worded = pd.Series(data=False, index=cells.index)
    for measure in ("population", "households"):
        if measure not in cells:
            continue
        said = by_value(cells[measure], lambda word: STATUS_OF.get(normalise(word)))
        status = status.fillna(said)
        worded |= said.notna()
        cells[measure] = cells[measure].mask(said.notna())
    if not worded.any():
        return long, 0
    cells["assessment_status"] = status
    changed = {"population", "households", "assessment_status"}
    columns = tuple(dict.fromkeys((*long.columns, "assessment_status")))
    own = dict(zip(long.columns, long.cells, strict=True))
    texts = {name: cells[name].astype(object).where(cells[name].notna(), None) for name in changed & set(cells)}
    return replace(
        long,
        columns=columns,
        cells=[text_array(texts[name]) if name in texts else own[name] for name in columns],
        hxl=(*long.hxl, *[""] * (len(columns) - len(long.columns))) if long.hxl else (),
    ), int(worded.sum())


def _mapping(look: Look) -> dict[str, str]:
    """Of a list made long, the new columns; the rest is spelled as sites are."""
    return {name: name for name in (*NEW_COLUMNS, "site_id") if name in look.columns}


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    """An identifier that lasts: the site and its round, or the day of it."""
    site = _texts_of(texts, look, "site_id")
    round_, day = _texts_of(texts, look, "reporting_round"), _texts_of(texts, look, "assessment_date")
    part = ("R" + round_).str.replace(r"^R(?=[^\d])", "", regex=True).fillna(day)
    return Prepared({"id": numbered((site + "/" + part).fillna(site))})


def _texts_of(texts: pd.DataFrame, look: Look, field: str) -> pd.Series:
    header = _header_of(look, field)
    return texts[header] if header else constant(texts, None)


SITE_LIST = Source(
    id="site_list",
    label="Site list",
    kind=lambda look: "idp_sites",
    recognise=_recognise,
    mapping=_mapping,
    prepare=_prepare,
    readings=lambda look: (Reading(reshape=_by_round),) if rounds(look.columns) else ONE_READING,
)

"""OCHA 3W, 4W, 5W: who does what, where (and when, for whom), in English or French."""

from __future__ import annotations

import calendar
import re
from datetime import date

import pandas as pd

from layers.report import Finding
from loaders.dates import MONTHS, is_month_word
from loaders.sources.source import Look, Prepared, Source

SECTOR = ("cluster", "sector", "secteur", "secteur domaine", "cluster sector")
ORGANISATION = (
    "implementing partner name",
    "program partner name",
    "organization name",
    "organisation",
    "organization",
    "nom organization",
    "organization name en",
    "org name",
    "acronyme",
    "implementing partner",
)
PLACE = (
    "woreda",
    "woredapcod",
    "district",
    "districtpcode",
    "territoire",
    "departement",
    "admin2",
    "admin1",
    "region",
    "province",
    "zone de sante",
    "zone",
    "county",
    "adm2 pcode",
    "prefecture",
)
FIELDS = {
    "lat": "latitude",
    "long": "longitude",
    "program partner name": "owner",
    "program partner acronym": "org_acronym",
    "implementing partner name": "implementing_partner",
    "donor name": "donor",
    "activity status": "status",
    "cluster": "sector_code",
    "activity": "activity_type",
    "woredapcod": "admin3_code",
    "woreda": "provider_admin3_name",
    "zone": "provider_admin2_name",
    "region": "provider_admin1_name",
    # Somalia
    "organization name": "owner",
    "regionpcode": "admin1_code",
    "districtpcode": "admin2_code",
    "district": "provider_admin2_name",
    # Chad and DRC, in French
    "organisation": "owner",
    "nom organization": "owner",
    "acronyme": "org_acronym",
    "nom activite projet2": "name",
    "nom activite projet": "name",
    "date debut": "start_date",
    "date fin": "end_date",
    "etat projet": "status",
    "bailleur": "donor",
    "nombre beneficiaires directs": "people_targeted",
    "id projet": "id",
    "province": "provider_admin1_name",
    "code province": "admin1_code",
    "departement": "provider_admin2_name",
    "territoire": "provider_admin2_name",
    "code terrtoire": "admin2_code",
    "code territoire": "admin2_code",
}
# Chad's export of a SharePoint list: the column called Title holds the P-code.
SHAREPOINT = ("title", "item type", "path")
PCODE = re.compile(r"[A-Z]{2}\d{2,8}$")
AREA_CODES = ("woredapcod", "admin3pcode", "adm3 pcode", "districtpcode", "admin2pcode", "adm2 pcode", "code terrtoire")


def _recognise(look: Look) -> float:
    if "#sector" in " ".join(look.hxl) and "#org" in " ".join(look.hxl):
        return 0.95
    found = [look.any_of(*spellings) is not None for spellings in (SECTOR, ORGANISATION, PLACE)]
    if not all(found):
        return 0.0
    known = sum(spelling in FIELDS for spelling in look.by_spelling)
    return round(0.75 + 0.2 * min(1.0, known / 8), 3)


def _mapping(look: Look) -> dict[str, str]:
    found = look.mapping(FIELDS)
    title = look.any_of("title")
    if title and look.has(*SHAREPOINT) and all(PCODE.match(s.strip()) for s in look.samples.get(title, ())):
        found[title] = "admin2_code"
    return found


def _prepare(texts: pd.DataFrame, look: Look, as_of: date | None) -> Prepared:
    filled = texts.notna().any(axis=1)
    columns = {"activity_class": pd.Series("humanitarian", index=texts.index, dtype="str").where(filled)}
    findings = [
        Finding("class_assumed", "info", "All activities of a 3W are taken as humanitarian.", field="activity_class")
    ]
    month = look.any_of("month", "mois")
    if month is not None:
        reported, note = _reported(texts[month], month, as_of)
        findings += note
        if reported is not None:
            columns["reported_date"] = reported
    shared = _area_points(texts, look)
    if shared is not None:
        columns["place_precision"], note = shared
        findings += note
    return Prepared(columns, tuple(findings))


def _reported(months: pd.Series, header: str, as_of: date | None) -> tuple[pd.Series | None, list[Finding]]:
    """The month's end as reporting date, when the year is known; never an invented year."""
    words = months.notna() & months.fillna("").map(is_month_word)
    count = int(words.sum())
    if not count:
        return None, []
    distinct = sorted(set(months[words]))
    known = as_of is not None and len(distinct) == 1 and _number(distinct[0]) == as_of.month
    if not known or as_of is None:
        return None, [
            Finding(
                "month_without_year",
                "warning",
                f"{header}: {count} rows give a month without a year ({', '.join(distinct[:3])}); it was kept as text"
                " and no date was made of it.",
                field=header,
                found=distinct[0],
                remedy="Give the reporting date with --as-of.",
            )
        ]
    last = calendar.monthrange(as_of.year, as_of.month)[1]
    text = date(as_of.year, as_of.month, last).isoformat()
    return pd.Series(text, index=months.index, dtype="str").where(words), [
        Finding(
            "month_without_year",
            "warning",
            f"{header}: {count} rows give a month without a year ({distinct[0]}); with the as-of {as_of:%Y-%m} they"
            f" count as reported by {text}, known to the month. Activity dates stay blank.",
            field=header,
            found=distinct[0],
            remedy="Correct --as-of if that is another year.",
        )
    ]


def _number(word: str) -> int:
    return next((n for w, n in MONTHS.items() if word.strip().casefold().rstrip(".") == w), 0)


def _area_points(texts: pd.DataFrame, look: Look) -> tuple[pd.Series, list[Finding]] | None:
    """Points that are the same for every row of an area are the area's own, not the activity's."""
    code, lat, lon = look.any_of(*AREA_CODES), look.any_of("lat", "latitude"), look.any_of("long", "lon", "longitude")
    if code is None or lat is None or lon is None:
        return None
    placed = texts[[code, lat, lon]].dropna()
    if len(placed) < 20 or len(placed) < 2 * placed[code].nunique():
        return None
    if len(placed.drop_duplicates()) > 1.02 * placed[code].nunique():
        return None
    precision = pd.Series("area", index=texts.index, dtype="str").where(texts[lat].notna() & texts[code].notna())
    return precision, [
        Finding(
            "area_points",
            "warning",
            f"{lat}, {lon}: all rows with one {code} share one point, so it stands for the area:"
            f" {len(placed)} places are marked as known to an area.",
            field="place_precision",
            remedy="Ask the sender for site coordinates if distances matter.",
        )
    ]


OCHA_3W = Source(
    id="ocha_3w",
    label="OCHA 3W",
    kind=lambda look: "projects",
    recognise=_recognise,
    mapping=_mapping,
    prepare=_prepare,
)

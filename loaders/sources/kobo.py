"""KoboToolbox and ODK exports: a form's questions, in groups, with the answers' metadata.

The questions may be anything: the kind is the one that they propose, and where they
propose none the person says. Group names before the question are passed over.
"""

from __future__ import annotations

import re

from layers.kind import normalise
from layers.kinds import KIND_BY_ID
from loaders.places import PLACE_SPELLINGS
from loaders.sources.source import Look, Source

KOBO = (
    "_uuid",
    "_submission_time",
    "_id",
    "_index",
    "_validation_status",
    "__version__",
    "_geolocation",
    "_attachments",
)
ODK = ("__id", "SubmissionDate", "KEY", "meta-instanceID", "instanceID", "__system/submissionDate", "start", "end")
META = (*KOBO, *ODK, "_submitted_by", "_notes", "_status", "_tags", "deviceid", "formhub/uuid", "meta/instanceID")
AXIS = re.compile(
    r"_?(?P<question>.*?)[_\-:./]*(?P<axis>latitude|longitude|accuracy|precision|altitude)$", re.IGNORECASE
)
AXES = {"latitude": "latitude", "longitude": "longitude", "accuracy": "place_radius_m", "precision": "place_radius_m"}
GEOPOINT = re.compile(r"-?\d{1,2}(?:\.\d+)? -?\d{1,3}(?:\.\d+)?(?: -?\d+(?:\.\d+)?){0,2}$")
SUBMITTED = ("submission time", "submissiondate", "system submissiondate")
REPORTED = ("reported_at", "reported_date")


def _question(header: str) -> str:
    """A header without the groups that the question stands in."""
    return re.split(r"/|::|(?<=\w)-(?=\w)", header)[-1]


def _questions(look: Look) -> Look:
    """The form as if its headers were the bare questions."""
    return Look(
        tuple(_question(c) for c in look.columns if c not in META and not AXIS.match(c)),
        geometries=look.geometries,
        file=look.file,
        layer=look.layer,
        samples={_question(c): s for c, s in look.samples.items()},
    )


def _recognise(look: Look) -> float:
    lower = {c.strip().lower() for c in look.columns}
    kobo = sum(name in lower for name in KOBO)
    odk = sum(name.lower() in lower for name in ODK)
    if {"_uuid", "_submission_time"} <= lower or {"_index", "_submission_time"} <= lower:
        return min(0.95, 0.8 + 0.03 * kobo)
    return min(0.9, 0.7 + 0.04 * odk) if {"key", "submissiondate"} <= lower or "__id" in lower else 0.0


def _kind(look: Look) -> str:
    from loaders.matching import best_kind

    kind, _, _ = best_kind(_questions(look))
    return kind.id if kind else ""


def _mapping(look: Look) -> dict[str, str]:
    from loaders.matching import spellings

    found: dict[str, str] = {}
    kind = KIND_BY_ID.get(_kind(look))
    for header in look.columns:
        if (
            (match := AXIS.match(header))
            and match["axis"].lower() in AXES
            and header.startswith(("_", match["question"]))
        ):
            found.setdefault(header, AXES[match["axis"].lower()])
        elif "geopoint" in PLACE_SPELLINGS and _is_geopoint(look, header):
            found[header] = "geopoint"
        elif kind is not None and header not in META and (name := spellings(kind).get(normalise(_question(header)))):
            found[header] = name
    found |= {
        look.by_spelling[s]: "id" for s in ("uuid", "key", "id") if s in look.by_spelling and "id" not in found.values()
    }
    reported = next((f for f in REPORTED if kind is not None and f in kind.field_by_name), None)
    stamp = look.any_of(*SUBMITTED)
    if reported and stamp and reported not in found.values():
        found[stamp] = reported
    return _one_place(found)


def _is_geopoint(look: Look, header: str) -> bool:
    shown = look.samples.get(header, ())
    return bool(shown) and all(GEOPOINT.match(s.strip()) for s in shown)


def _one_place(found: dict[str, str]) -> dict[str, str]:
    """Where a form asks for several points, the first is the record's place."""
    kept: dict[str, str] = {}
    for header, name in found.items():
        if name not in (*AXES.values(), "geopoint") or name not in kept.values():
            kept[header] = name
    if {"latitude", "longitude"} <= set(kept.values()):
        kept = {header: name for header, name in kept.items() if name != "geopoint"}
    return kept


KOBOTOOLBOX = Source(
    id="kobo",
    label="KoboToolbox or ODK form",
    kind=_kind,
    recognise=_recognise,
    mapping=_mapping,
)

"""Where is it: places, names and identifiers in the layers of one world."""

from __future__ import annotations

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from dashboard.cache.door import access, current_layers, edition
from dashboard.cache.keeping import kept
from dashboard.cache.layers import version
from dashboard.features import titles_of
from dashboard.finding import LONGEST, MOST_ANSWERS, Answer, Found, read_places
from dashboard.name_index import MOST_EACH, MOST_NAMES, Hit, NameIndex, columns_read, name_index
from layers.errors import WrongParameter
from layers.kinds import KIND_BY_ID, kind_of
from store import LayerInfo

FIRST_KINDS = ("settlements", "admin_areas", "idp_sites", "facilities", "projects", "security_risks", "roads")
"""Of equal fits, the kinds that people look for first; the others follow."""
_ORDER = {kind: n for n, kind in enumerate(dict.fromkeys((*FIRST_KINDS, *KIND_BY_ID)))}


def find(text: str, *, exercise: bool) -> Found:
    """The places, names and identifiers that a text may mean, the likeliest first.

    Raises
    ------
    WrongParameter
        When the text is longer than `LONGEST`.
    """
    text = " ".join(text.split())
    if len(text) > LONGEST:
        raise WrongParameter("search", f"{len(text)} characters", f"at most {LONGEST}", "Type less.")
    if not text:
        return Found()
    places = read_places(text)
    infos = current_layers(exercise=exercise)
    indexes = [(info, _names(info.ref, edition(info))) for info in infos]
    said = [*places.said, *(_by_id_only(info) for info, index in indexes if index.too_many)]
    hits = [(info, hit) for info, index in indexes for hit in index.hits(text, MOST_ANSWERS)]
    if not hits and not places.answers:
        hits = [(info, hit) for info, index in indexes for hit in index.alike(text, MOST_ANSWERS)]
        said += ["Nothing is called so; these are spelled much like it."] if hits else []
    hits.sort(key=lambda pair: (pair[1].rank, -pair[1].likeness, _ORDER[pair[0].kind], -pair[1].weight))
    named: list[Answer] = []
    for info, hit in hits:
        if len(named) >= MOST_ANSWERS:
            break
        named += _answers(info, hit)
    answers = _once([*places.answers, *named])[:MOST_ANSWERS]
    return Found(answers, tuple(said if answers or places.said else [f'Nothing found for "{text}".', *said]))


@kept("names")
def _names(ref: str, edition: str) -> NameIndex:
    kind = kind_of(access().info(ref).kind)
    return name_index(access().load(ref, columns=columns_read(kind)).frame, kind)


def _by_id_only(info: LayerInfo) -> str:
    return f"{info.layer} is searched by identifier only: it holds more than {MOST_NAMES:,} names."


def _answers(info: LayerInfo, hit: Hit) -> list[Answer]:
    """The records of a hit one by one, or together where many bear one name."""
    frame = version(info.ref, edition(info)).frame
    kind = kind_of(info.kind)
    some = frame.loc[list(hit.rows[:MOST_EACH])]
    titles = titles_of(some, kind)
    if len(hit.rows) > MOST_EACH:
        placed = [geometry for geometry in frame.geometry.loc[list(hit.rows)] if _has_place(geometry)]
        shape = shapely.box(*shapely.total_bounds(placed)) if placed else None
        label = kind.label if kind.label[:2].isupper() else kind.label.lower()
        return [Answer(titles[0], f"{len(hit.rows):,} {label} of this name · {info.layer}", shape, info.layer)]
    within = some.get("provider_admin1_name", pd.Series(None, index=some.index, dtype=object))
    answers = []
    for title, record, area, geometry in zip(titles, some["id"], within, some.geometry, strict=True):
        shape = geometry if _has_place(geometry) else None
        lies = area if isinstance(area, str) else ""
        words = (f"{kind.singular} {record}", lies, info.layer, "" if shape is not None else "no place of its own")
        answers.append(Answer(title, " · ".join(filter(None, words)), shape, info.layer, str(record)))
    return answers


def _has_place(geometry: BaseGeometry | None) -> bool:
    return geometry is not None and not geometry.is_empty


def _once(answers: list[Answer]) -> tuple[Answer, ...]:
    """Each record once, however it was found."""
    kept_one: dict[tuple[str, str, str], Answer] = {}
    for answer in answers:
        key = (answer.layer, answer.id, "" if answer.id else answer.label + answer.note)
        kept_one.setdefault(key, answer)
    return tuple(kept_one.values())

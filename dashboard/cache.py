"""Every cache there is, and the only door from the screen to the store.

What is asked for names an *edition*: the content of a layer version and when it was
received. A version number may come back after a removal; an edition never does. So a
cached answer can only be the answer to the same question, and what has left the store is
refused before any cache is asked. The caches are shared by all sessions, hold at most so
many bytes, and compute an answer once however many ask at the same time.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache, cached

import store
from analysis import method_of
from analysis.assumed import apply_edits
from analysis.backtest import Calibration, backtest
from analysis.edits import read_edits
from analysis.method import Result, run_method
from dashboard import features
from dashboard.assets import coastline
from dashboard.map_tiles import TileSet, index_of, tile_set
from dashboard.pictures import picture_of
from dashboard.view import DraftQuery, LayerQuery, Question, from_text, to_text
from layers.dataset import Dataset
from layers.errors import LoadError, UnknownLayer
from layers.filters import Where, filter_dataset
from layers.kind import Kind
from layers.kinds import ADMIN_AREAS, INCIDENTS, SETTLEMENTS, kind_of
from layers.rating import Rating, in_force
from layers.rounds import entities, has_rounds
from layers.schema import ROW, empty
from layers.settings import home, settings
from layers.times import Period, calendar_days
from loaders import ingest
from loaders.draft import Draft
from loaders.duplicates import Stored
from loaders.entry import layer_of as entered_layer
from loaders.kept import SUMMARY, KeptReview, kept_review
from loaders.reference import Reference
from store import Access, LayerInfo

P = ParamSpec("P")
T = TypeVar("T")
MEGABYTE = 1_000_000
BYTES_A_VERTEX = 16
MOST_IDS = 20  # of a difference
MOST_FEATURES = 5_000
"""Features that a browser is handed in one file; beyond it points come as tiles."""
TILE_INDEX = "morton-1"
_CACHES: list[LRUCache[Any, Any]] = []


def kept(megabytes: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the answers of a function, the least used going first beyond so many megabytes."""
    store_of: LRUCache[Any, Any] = LRUCache(megabytes * MEGABYTE, getsizeof=size_of)
    _CACHES.append(store_of)
    return cached(store_of, condition=threading.Condition())


def size_of(value: object) -> int:
    """About how many bytes an answer holds."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Dataset):
        return _frame_bytes(value.frame)
    if isinstance(value, Result):
        return _frame_bytes(value.rows) + sum(_frame_bytes(shape) for shape in value.shapes.values())
    if isinstance(value, TileSet):
        return 2 * value.nbytes  # its groups, made after it is kept, take less than itself
    return _frame_bytes(value) if isinstance(value, pd.DataFrame) else 100


def _frame_bytes(frame: pd.DataFrame) -> int:
    size = int(frame.memory_usage(deep=False).sum())
    if isinstance(frame, gpd.GeoDataFrame):
        size += BYTES_A_VERTEX * int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum())
    return size


def forget_all() -> None:
    """Empty every cache, the store's opened door included."""
    for each in _CACHES:
        each.clear()
    access.cache_clear()


@lru_cache(maxsize=1)
def access() -> Access:
    """The store, opened as the operator until sign-in exists."""
    return store.open(home(), as_=store.OPERATOR)


def current_layers(*, exercise: bool) -> list[LayerInfo]:
    """Current versions of one world's layers, read from the catalogue each time."""
    return access().layers(exercise=exercise)


# ---- what is asked for ---------------------------------------------------------------------


def edition(info: LayerInfo) -> str:
    """What a version holds and when it came: never the same for two things."""
    return f"{info.content_hash[:16]}.{info.received_at:%Y%m%d%H%M%S%f}"


def areas_edition(*, exercise: bool) -> str:
    """The admin areas in force in one world, as one short text."""
    parts = [f"{i.ref}:{edition(i)}" for i in current_layers(exercise=exercise) if i.kind == ADMIN_AREAS.id]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def query(info: LayerInfo, where: Where | None = None) -> LayerQuery:
    """A layer as it is now, and what the filters keep of it."""
    where = where or Where()
    areas = areas_edition(exercise=info.exercise) if where.areas else ""
    return LayerQuery(info.ref, edition(info), where, areas)


def check(*queries: LayerQuery) -> None:
    """Refuse what is no longer what was asked for.

    Raises
    ------
    UnknownLayer
        When a layer is gone, was replaced under the same number, or its areas changed.
    """
    for asked in queries:
        info = access().info(asked.ref)
        areas = areas_edition(exercise=info.exercise) if asked.where.areas else ""
        if (edition(info), areas) != (asked.edition, asked.areas):
            raise UnknownLayer(
                asked.ref, "another edition than the page was made from", "the edition in the store", "Reload the page."
            )


# ---- answers -------------------------------------------------------------------------------


def dataset(info: LayerInfo) -> Dataset:
    """A whole layer version; never assign into its frame."""
    return _dataset(info.ref, edition(info))


@kept(700)
def _dataset(ref: str, edition: str) -> Dataset:
    return access().load(ref)


def without_rows(info: LayerInfo) -> Dataset:
    """A layer version with all that is said of it, and none of its rows."""
    return Dataset(kind_of(info.kind), empty(kind_of(info.kind)), info.layer, info.version, info.content_hash,
                   info.source, info.as_of, info.received_at, info.marking, info.exercise)  # fmt: skip


def things(info: LayerInfo) -> int:
    """How many things a layer speaks of: rows, or sites where it has rounds."""
    return _things(info.ref, edition(info)) if has_rounds(kind_of(info.kind)) else info.rows


@kept(1)
def _things(ref: str, edition: str) -> int:
    kind = kind_of(access().info(ref).kind)
    data = access().load(ref, columns=("id", kind.entity))
    return int(entities(data.frame, kind).nunique())


def choices(info: LayerInfo, field: str) -> tuple[tuple[str, ...], bool]:
    """The values that a column holds, in no order, and whether some rows hold none."""
    return _choices(info.ref, edition(info), field)


@kept(10)
def _choices(ref: str, edition: str, field: str) -> tuple[tuple[str, ...], bool]:
    column = access().load(ref, columns=(field,)).frame[field]
    return tuple(column.dropna().unique().tolist()), bool(column.isna().any())


def box(info: LayerInfo) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a layer in degrees; None where nothing has a place."""
    return _box(info.ref, edition(info))


@kept(1)
def _box(ref: str, edition: str) -> tuple[float, float, float, float] | None:
    return access().box(ref)


def now() -> datetime:
    """The one clock of the dashboard."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in the theatre's zone."""
    moment = pd.Series([pd.Timestamp(now())])
    day: date = calendar_days(moment, pd.Series(["moment"]), settings().theatre_timezone)[0].astype(object)
    return day


def admin_areas(*, exercise: bool) -> gpd.GeoDataFrame | None:
    """Every admin area and mission sector of one world, or None when none is loaded."""
    frames = [dataset(i).frame for i in current_layers(exercise=exercise) if i.kind == ADMIN_AREAS.id]
    return pd.concat(frames, ignore_index=True) if frames else None


def filtered(asked: LayerQuery) -> Dataset:
    """What the filters keep of a layer."""
    check(asked)
    return _filtered(to_text(asked))


@kept(300)
def _filtered(query_text: str) -> Dataset:
    asked = from_text(LayerQuery, query_text)
    whole = _dataset(asked.ref, asked.edition)
    areas = admin_areas(exercise=whole.exercise) if asked.where.areas else None
    return filter_dataset(whole, asked.where, areas=areas, zone=settings().theatre_timezone)


def difference(old: LayerInfo, new: LayerInfo) -> dict[str, tuple[int, tuple[str, ...]]]:
    """How many rows were added, changed and withdrawn between two versions, and the first ids of each."""
    return _difference(old.ref, edition(old), new.ref, edition(new))


@kept(1)
def _difference(old: str, old_edition: str, new: str, new_edition: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    found = access().difference(old, new)
    named = {"added": found.added, "changed": found.changed, "withdrawn": found.withdrawn}
    return {word: (len(ids), ids[:MOST_IDS]) for word, ids in named.items()}


def count(asked: LayerQuery) -> int:
    """How many rows the filters keep, found without reading more of the layer than they look at."""
    check(asked)
    return _count(to_text(asked))


@kept(1)
def _count(query_text: str) -> int:
    asked = from_text(LayerQuery, query_text)
    where, info = asked.where, access().info(asked.ref)
    needed = _looked_at(where, kind_of(info.kind))
    if needed is None:
        return len(_filtered(query_text))
    if not needed:
        return info.rows
    some = access().load(asked.ref, columns=("id", *needed))
    return len(filter_dataset(some, where, zone=settings().theatre_timezone))


def _looked_at(where: Where, kind: Kind) -> set[str] | None:
    """The columns that filters look at; None where they need more: places, or a column of the sender's own."""
    needed = {name for name, values in where.fields.items() if values}
    if where.areas or not needed <= set(kind.names):
        return None
    times = {name for name in (kind.starts, kind.ends, "time_precision") if name in kind.names}
    if where.period != Period():
        needed |= times
    if where.round_at is not None and has_rounds(kind):
        needed |= {kind.entity, "reporting_round", ROW} | times
    return needed


def picture(query_text: str, record: str) -> bytes:
    """The picture of one image of a filtered layer: PNG or WebP."""
    data = filtered(from_text(LayerQuery, query_text))
    return picture_of(data.frame, data.kind, record)


def drawn_layer(query_text: str) -> bytes:
    """A filtered layer as the browser draws it: GeoJSON bytes."""
    check(from_text(LayerQuery, query_text))
    return _drawn_layer(query_text)


@kept(100)
def _drawn_layer(query_text: str) -> bytes:
    data = _filtered(query_text)
    return features.drawn_rows(data.frame, data.kind, data.layer)


def tiled(asked: LayerQuery) -> bool:
    """Whether the points of a filtered layer are too many to be drawn one by one from one file."""
    return count(asked) > MOST_FEATURES


def tile(query_text: str, zoom: int, x: int, y: int) -> bytes:
    """A vector tile of the points of a filtered layer."""
    check(from_text(LayerQuery, query_text))
    return _tile_set(query_text).tile(zoom, x, y)


@kept(600)
def _tile_set(query_text: str) -> TileSet:
    asked = from_text(LayerQuery, query_text)
    whole, data = _dataset(asked.ref, asked.edition), _filtered(query_text)
    index = whole.derived(TILE_INDEX, lambda: index_of(*features.lonlat(whole.frame)))
    keep = np.zeros(len(whole.frame), bool)
    keep[data.frame.index] = True
    sizes = np.zeros(len(whole.frame), np.uint8)
    sizes[data.frame.index] = features.sizes_of(data.frame, data.kind)
    return tile_set(index, sizes, keep)


def drawn_shapes(query_text: str) -> bytes:
    """What of a filtered layer stands at no single point, as GeoJSON: the points are in its tiles."""
    data = filtered(from_text(LayerQuery, query_text))
    return features.drawn_rows(data.frame[~features.is_point(data.frame)], data.kind, data.layer)


def place_of(asked: LayerQuery, record: str) -> tuple[float, float] | None:
    """Degrees of the record of a filtered layer that stands at one point; else None."""
    frame = filtered(asked).frame
    one = frame[(frame["id"] == record).fillna(False).to_numpy(dtype=bool)].head(1)
    lon, lat = features.lonlat(one)
    return (float(lon[0]), float(lat[0])) if len(one) and np.isfinite(lon[0]) else None


def record_at(query_text: str, row: int) -> dict[str, str]:
    """Layer, id and tooltip of the record that a tile names by its row.

    Raises
    ------
    UnknownLayer
        When the filtered layer has no such row.
    """
    data = filtered(from_text(LayerQuery, query_text))
    if row not in data.frame.index:
        raise UnknownLayer(data.ref, f"row {row}", "a row that the filters keep", "Reload the page.")
    return features.told(data.frame.loc[[row]], data.kind, data.layer)


def answer(question: Question) -> Result:
    """The result of an analysis on filtered layers."""
    check(*question.inputs.values())
    return _answer(to_text(question), _ratings(question))


def _ratings(question: Question) -> tuple[Rating, ...]:
    """The officers' ratings of the activities asked about: part of the question."""
    if "activities" not in question.inputs:
        return ()
    layer = access().info(question.inputs["activities"].ref).layer
    return tuple(in_force(access().ratings(layer)).values())


@kept(300)
def _answer(question_text: str, ratings: tuple[Rating, ...]) -> Result:
    question = from_text(Question, question_text)
    inputs = {role: _filtered(to_text(asked)) for role, asked in question.inputs.items()}
    rated = {rating.record: rating for rating in ratings}
    method, assumptions = method_of(question.method), tuple[str, ...]()
    if question.edits:
        inputs, assumptions = apply_edits(method, inputs, read_edits(question.edits))
    result = run_method(
        method, inputs, question.values, as_of=question.as_of, settings=settings(), today=today(), ratings=rated
    )
    return replace(result, limits=(*result.limits, *(f"Assumption: {said}." for said in assumptions)))


def calibration(incidents: LayerQuery, areas: LayerQuery | None = None) -> Calibration:
    """How good the risk formula was on the whole of an incident layer, whatever the filters keep of it.

    Raises
    ------
    NotEnoughData
        When the layer has too little history to be replayed.
    """
    check(incidents, *([areas] if areas else []))
    return _calibration(incidents.ref, incidents.edition, *((areas.ref, areas.edition) if areas else ()))


@kept(1)
def _calibration(ref: str, edition: str, areas: str = "", areas_edition: str = "") -> Calibration:
    return backtest(_dataset(ref, edition), settings(), areas=_dataset(areas, areas_edition) if areas else None)


def drawn_shape(question_text: str, name: str, most: int | None = None) -> bytes:
    """One shape of a result (rings, gaps ...) or its rows, as the browser draws it; of the `most` highest."""
    question = from_text(Question, question_text)
    check(*question.inputs.values())
    return _drawn_shape(question_text, _ratings(question), name, most)


@kept(100)
def _drawn_shape(question_text: str, ratings: tuple[Rating, ...], name: str, most: int | None) -> bytes:
    return features.drawn_result(_answer(question_text, ratings), name, most)


# ---- files that came in ----------------------------------------------------------------------


def draft_query(draft: Draft, kept: KeptReview) -> DraftQuery:
    """The review of a draft as it lies on disk: made anew, it is another question."""
    return DraftQuery(draft.id, str((kept.folder / SUMMARY).stat().st_mtime_ns))


def reviewed(asked: DraftQuery) -> KeptReview:
    """The review that was asked for.

    Raises
    ------
    LoadError
        When the draft is gone, or was checked anew since.
    """
    draft = ingest.load_draft(access(), asked.draft)
    found = kept_review(draft, access())
    if found is None or draft_query(draft, found) != asked:
        raise LoadError(
            draft.shown, "another check than the page was made from", "the last one", "Open the page Layers again."
        )
    return found


def draft_preview(asked: DraftQuery) -> gpd.GeoDataFrame:
    """Some of the records of a draft, to be drawn; never assign into it."""
    return reviewed(asked).preview()


def drawn_draft(query_text: str) -> bytes:
    """The same as the browser draws them."""
    reviewed(from_text(DraftQuery, query_text))
    return _drawn_draft(query_text)


@kept(50)
def _drawn_draft(query_text: str) -> bytes:
    found = reviewed(from_text(DraftQuery, query_text))
    return features.drawn_rows(found.preview(), kind_of(found.kind), "")


def draft_picture(query_text: str, record: str) -> bytes:
    """The picture of one image that is not published yet: PNG or WebP."""
    found = reviewed(from_text(DraftQuery, query_text))
    return picture_of(found.preview(), kind_of(found.kind), record)


# ---- incidents entered by hand -----------------------------------------------------------------


def entered(*, exercise: bool) -> dict[str, str]:
    """Incidents entered by hand: id -> what people call it, the latest first."""
    frame = _entered_frame(exercise=exercise)
    if frame is None:
        return {}
    kind = INCIDENTS
    when = features.display_values(frame["occurred_at"], kind.field_by_name["occurred_at"])
    what = features.display_values(frame["incident_type"], kind.field_by_name["incident_type"])
    named = zip(frame["id"], when, what, features.titles_of(frame, kind), strict=True)
    labels = {record: " · ".join(filter(None, [record, at, type_, title])) for record, at, type_, title in named}
    return dict(reversed(labels.items()))


def entered_row(record: str, *, exercise: bool) -> dict[str, Any]:
    """One of them, as it is stored.

    Raises
    ------
    UnknownLayer
        When it is no longer there.
    """
    frame = _entered_frame(exercise=exercise)
    rows = [] if frame is None else frame[frame["id"] == record].to_dict("records")
    if not rows:
        raise UnknownLayer(record, "no such incident", "one that was entered by hand", "Reload the page.")
    return dict(rows[0])


def _entered_frame(*, exercise: bool) -> gpd.GeoDataFrame | None:
    name = entered_layer(exercise=exercise)
    info = next((i for i in current_layers(exercise=exercise) if i.layer == name), None)
    return None if info is None else dataset(info).frame


def incidents_around(*, exercise: bool) -> tuple[Reference, list[Stored]]:
    """What an entry is held against: stored areas, towns and incidents of its world."""
    infos = current_layers(exercise=exercise)
    frames = {kind: [dataset(i).frame for i in infos if i.kind == kind] for kind in (ADMIN_AREAS.id, SETTLEMENTS.id)}
    reference = Reference.of(areas=frames[ADMIN_AREAS.id], places=frames[SETTLEMENTS.id])
    return reference, [Stored(i.layer, dataset(i).frame) for i in infos if i.kind == INCIDENTS.id]


def land(bounds: tuple[float, float, float, float]) -> bytes:
    """Coastline around what is shown."""
    return coastline(*bounds)

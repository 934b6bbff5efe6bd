"""Layers as they are stored, and what the filters keep of them; never assign into a frame."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analysis.headlines import recent
from dashboard.cache.door import access, check, current_layers, edition
from dashboard.cache.keeping import kept
from dashboard.view import LayerQuery, from_text, to_text
from layers.dataset import Dataset
from layers.filters import Where, rows_kept, with_rows
from layers.kind import Kind
from layers.kinds import ADMIN_AREAS, kind_of
from layers.known_place import known_by_area
from layers.road_states import COLUMNS, has_states, roads
from layers.rounds import entities, has_rounds
from layers.schema import ATTRIBUTE_PREFIX, ROW, empty
from layers.settings import settings
from layers.times import Period
from store import LayerInfo

MOST_IDS = 20  # of a difference
HALF = 0.5


def dataset(info: LayerInfo) -> Dataset:
    """A whole layer version; never assign into its frame."""
    return version(info.ref, edition(info))


@kept("versions")
def version(ref: str, edition: str) -> Dataset:
    return access().load(ref)


def without_rows(info: LayerInfo) -> Dataset:
    """A layer version with all that is said of it, and none of its rows."""
    return Dataset(kind_of(info.kind), empty(kind_of(info.kind)), info.layer, info.version, info.content_hash,
                   info.source, info.as_of, info.received_at, info.marking, info.exercise)  # fmt: skip


def things(info: LayerInfo) -> int:
    """How many things a layer speaks of: rows, or the sites or roads that have several."""
    kind = kind_of(info.kind)
    return _things(info.ref, edition(info)) if has_rounds(kind) or has_states(kind) else info.rows


@kept("small")
def _things(ref: str, edition: str) -> int:
    kind = kind_of(access().info(ref).kind)
    if has_states(kind):
        return int(roads(access().load(ref, columns=("id", "road_id")).frame).nunique())
    data = access().load(ref, columns=("id", kind.entity))
    return int(entities(data.frame, kind).nunique())


def choices(info: LayerInfo, field: str) -> tuple[tuple[str, ...], bool]:
    """The values that a column holds, in no order, and whether some rows hold none."""
    return _choices(info.ref, edition(info), field)


def own_figures(info: LayerInfo) -> tuple[str, ...]:
    """The sender's own columns that hold figures in at least half of the rows."""
    return _own_figures(info.ref, edition(info))


@kept("small")
def _own_figures(ref: str, edition: str) -> tuple[str, ...]:
    frame = version(ref, edition).frame
    own = [str(name) for name in frame.columns if str(name).startswith(ATTRIBUTE_PREFIX)]
    return tuple(n for n in own if len(frame) and pd.to_numeric(frame[n], errors="coerce").notna().mean() >= HALF)


@kept("small")
def _choices(ref: str, edition: str, field: str) -> tuple[tuple[str, ...], bool]:
    column = access().load(ref, columns=(field,)).frame[field]
    return tuple(column.dropna().unique().tolist()), bool(column.isna().any())


def box(info: LayerInfo) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a layer in degrees; None where nothing has a place."""
    return _box(info.ref, edition(info))


@kept("small")
def _box(ref: str, edition: str) -> tuple[float, float, float, float] | None:
    return access().box(ref)


def admin_areas(*, exercise: bool) -> gpd.GeoDataFrame | None:
    """Every admin area and mission sector of one world, or None when none is loaded."""
    frames = [dataset(i).frame for i in current_layers(exercise=exercise) if i.kind == ADMIN_AREAS.id]
    return pd.concat(frames, ignore_index=True) if frames else None


def filtered(asked: LayerQuery) -> Dataset:
    """What the filters keep of a layer."""
    check(asked)
    return filtered_by(to_text(asked))


def filtered_by(query_text: str) -> Dataset:
    """The same, for what was checked. Where filters keep every row, none is copied, and nothing to be kept."""
    asked = from_text(LayerQuery, query_text)
    every = len(rows_kept_by(query_text)) == access().info(asked.ref).rows
    return _with_rows(query_text) if every else _filtered_by(query_text)


def recent_incidents(asked: LayerQuery, since: datetime) -> Dataset:
    """What of a filtered layer of incidents can have been after a moment: `analysis.headlines.recent`."""
    check(asked)
    return _recent_incidents(to_text(asked), since)


@kept("rows")
def _recent_incidents(query_text: str, since: datetime) -> Dataset:
    data = filtered_by(query_text)
    return data.with_frame(recent(data.frame, since))


@kept("rows")
def _filtered_by(query_text: str) -> Dataset:
    return _with_rows(query_text)


def _with_rows(query_text: str) -> Dataset:
    asked = from_text(LayerQuery, query_text)
    return with_rows(version(asked.ref, asked.edition), asked.where, rows_kept_by(query_text))


@kept("rows")
def rows_kept_by(query_text: str) -> npt.NDArray[np.int32]:
    """Which rows of a version the filters keep, found without reading more of it than they look at."""
    asked = from_text(LayerQuery, query_text)
    where, info, zone = asked.where, access().info(asked.ref), settings().theatre_timezone
    needed = _looked_at(where, kind_of(info.kind))
    if needed is None:
        whole = version(asked.ref, asked.edition)
        areas = admin_areas(exercise=whole.exercise) if where.areas else None
        return rows_kept(whole, where, areas=areas, zone=zone)
    if not needed:
        return np.arange(info.rows, dtype=np.int32)
    return rows_kept(access().load(asked.ref, columns=sorted({"id", *needed})), where, zone=zone)


def difference(old: LayerInfo, new: LayerInfo) -> dict[str, tuple[int, tuple[str, ...]]]:
    """How many rows were added, changed and withdrawn between two versions, and the first ids of each."""
    return _difference(old.ref, edition(old), new.ref, edition(new))


@kept("small")
def _difference(old: str, old_edition: str, new: str, new_edition: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    found = access().difference(old, new)
    named = {"added": found.added, "changed": found.changed, "withdrawn": found.withdrawn}
    return {word: (len(ids), ids[:MOST_IDS]) for word, ids in named.items()}


def count(asked: LayerQuery) -> int:
    """How many rows the filters keep."""
    check(asked)
    return len(rows_kept_by(to_text(asked)))


def kind(asked: LayerQuery) -> Kind:
    """What kind of layer is asked for."""
    return kind_of(access().info(asked.ref).kind)


def unplaced(asked: LayerQuery) -> int:
    """How many of them have no place to draw."""
    check(asked)
    return int(unplaced_rows(asked.ref, asked.edition)[rows_kept_by(to_text(asked))].sum())


@kept("columns")
def unplaced_rows(ref: str, edition: str) -> npt.NDArray[np.bool_]:
    geometry = version(ref, edition).frame.geometry.to_numpy()
    return shapely.is_missing(geometry) | shapely.is_empty(geometry)


def left_out(asked: LayerQuery) -> int:
    """How many the drawn area leaves out because they are known by area only; 0 where none is drawn."""
    check(asked)
    if not asked.where.drawn:
        return 0
    anywhere = to_text(replace(asked, where=replace(asked.where, drawn="")))
    return int(_by_area(asked.ref, asked.edition)[rows_kept_by(anywhere)].sum())


@kept("columns")
def _by_area(ref: str, edition: str) -> npt.NDArray[np.bool_]:
    return known_by_area(version(ref, edition).frame)


def _looked_at(where: Where, kind: Kind) -> set[str] | None:
    """The columns that filters look at; None where they need more: places, or a column of the sender's own."""
    needed = {name for name, values in where.fields.items() if values}
    if where.areas or where.drawn or not needed <= set(kind.names):
        return None
    times = {name for name in (kind.starts, kind.ends, "time_precision") if name in kind.names}
    if where.period != Period():
        needed |= times
    if where.round_at is not None and has_rounds(kind):
        needed |= {kind.entity, "reporting_round", ROW} | times
    if where.round_at is not None and has_states(kind):
        needed |= set(COLUMNS)
    return needed

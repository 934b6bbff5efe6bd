"""Every cache there is, and the only door from the screen to the store.

Keys are the content-addressed layer version and the View alone, so a cached answer can
only ever be the answer to the same question. The caches are shared by all sessions: what
they hold has already passed the store's door.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

import geopandas as gpd
import pandas as pd

import store
from analysis import METHODS
from analysis.method import Method, Result, run_method
from dashboard import features
from dashboard.assets import coastline
from dashboard.view import DraftQuery, LayerQuery, Question, from_text, to_text
from layers.dataset import Dataset
from layers.errors import WrongParameter
from layers.filters import Where, filter_dataset
from layers.kinds import ADMIN_AREAS, kind_of
from layers.rounds import entities, has_rounds
from layers.settings import home, settings
from layers.times import calendar_days
from loaders import ingest
from loaders.ingest import Review
from store import Access, LayerInfo


@lru_cache(maxsize=1)
def access() -> Access:
    """The store, opened as the operator until sign-in exists."""
    return store.open(home(), as_=store.OPERATOR)


def current_layers(*, exercise: bool) -> list[LayerInfo]:
    """Current versions of one world's layers, read from the catalogue each time."""
    return access().layers(exercise=exercise)


@lru_cache(maxsize=24)
def dataset(ref: str) -> Dataset:
    """A whole layer version; never assign into its frame."""
    return access().load(ref)


@lru_cache(maxsize=128)
def things(ref: str) -> int:
    """How many things a layer speaks of: rows, or sites where it has rounds."""
    data = dataset(ref)
    return int(entities(data.frame, data.kind).nunique()) if has_rounds(data.kind) else len(data)


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
    return _admin_areas(tuple(i.ref for i in current_layers(exercise=exercise) if i.kind == ADMIN_AREAS.id))


@lru_cache(maxsize=4)
def _admin_areas(refs: tuple[str, ...]) -> gpd.GeoDataFrame | None:
    frames = [dataset(ref).frame for ref in refs]
    return pd.concat(frames, ignore_index=True) if frames else None


def filtered(query: LayerQuery) -> Dataset:
    """What the filters keep of a layer."""
    whole = dataset(query.ref)
    if query.where == Where():
        return whole
    refs = tuple(i.ref for i in current_layers(exercise=whole.exercise) if i.kind == ADMIN_AREAS.id)
    return _filtered(to_text(query), refs if query.where.areas else ())


@lru_cache(maxsize=48)
def _filtered(query_text: str, area_refs: tuple[str, ...]) -> Dataset:
    query = from_text(LayerQuery, query_text)
    areas = _admin_areas(area_refs) if area_refs else None
    return filter_dataset(dataset(query.ref), query.where, areas=areas, zone=settings().theatre_timezone)


@lru_cache(maxsize=64)
def drawn_layer(query_text: str) -> bytes:
    """A filtered layer as the browser draws it: GeoJSON bytes."""
    data = filtered(from_text(LayerQuery, query_text))
    return features.drawn_rows(data.frame, data.kind, data.layer)


def review(query: DraftQuery) -> Review:
    """What a draft becomes when its columns are taken that way."""
    return _review(to_text(query))


@lru_cache(maxsize=4)
def _review(query_text: str) -> Review:
    query = from_text(DraftQuery, query_text)
    draft = ingest.load_draft(access(), query.draft)
    left_out = {c.name: "" for c in draft.columns if c.name not in query.mapping}
    return ingest.review(draft, access(), mapping={**left_out, **query.mapping}, kind=query.kind)


@lru_cache(maxsize=4)
def drawn_draft(query_text: str) -> bytes:
    """The rows of a draft as the browser draws them."""
    query = from_text(DraftQuery, query_text)
    return features.drawn_rows(_review(query_text).frame, kind_of(query.kind), "")


def method_of(method_id: str) -> Method:
    """The analysis with this id.

    Raises
    ------
    WrongParameter
        When there is none.
    """
    found = next((m for m in METHODS if m.id == method_id), None)
    if found is None:
        raise WrongParameter(
            "analysis", f'"{method_id}"', f"one of {', '.join(m.id for m in METHODS)}", "Choose one of these."
        )
    return found


def answer(question: Question) -> Result:
    """The result of an analysis on filtered layers."""
    return _answer(to_text(question))


@lru_cache(maxsize=24)
def _answer(question_text: str) -> Result:
    question = from_text(Question, question_text)
    inputs = {role: filtered(query) for role, query in question.inputs.items()}
    return run_method(
        method_of(question.method), inputs, question.values, as_of=question.as_of, settings=settings(), today=today()
    )


@lru_cache(maxsize=32)
def drawn_shape(question_text: str, name: str, most: int | None = None) -> bytes:
    """One shape of a result (rings, gaps ...) or its rows, as the browser draws it; of the `most` highest."""
    result = _answer(question_text)
    return features.drawn_result(result, name, most)


def land(bounds: tuple[float, float, float, float]) -> bytes:
    """Coastline around what is shown."""
    return coastline(*bounds)

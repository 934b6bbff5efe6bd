"""Results of analyses, and how the map draws them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from analysis import method_of
from analysis.assumed import apply_edits
from analysis.backtest import Calibration, backtest
from analysis.edits import read_edits
from analysis.method import Result, run_method
from dashboard import result_features
from dashboard.cache.door import access, check, today
from dashboard.cache.keeping import kept
from dashboard.cache.layers import filtered_by, version
from dashboard.view import LayerQuery, Question, from_text, to_text
from layers.rating import Rating, in_force
from layers.settings import settings


def answer(question: Question) -> Result:
    """The result of an analysis on filtered layers."""
    check(*question.inputs.values())
    return _answer(to_text(question), _ratings(question))


def ratings_edition(question: Question) -> str:
    """Which ratings an answer heeds, as one short text; empty where there are none."""
    ratings = _ratings(question)
    return hashlib.sha256(repr(ratings).encode()).hexdigest()[:16] if ratings else ""


def _ratings(question: Question) -> tuple[Rating, ...]:
    """The officers' ratings of the activities asked about: part of the question."""
    if "activities" not in question.inputs:
        return ()
    layer = access().info(question.inputs["activities"].ref).layer
    return tuple(in_force(access().ratings(layer)).values())


@kept("answers")
def _answer(question_text: str, ratings: tuple[Rating, ...]) -> Result:
    question = from_text(Question, question_text)
    inputs = {role: filtered_by(to_text(asked)) for role, asked in question.inputs.items()}
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


@kept("small")
def _calibration(ref: str, edition: str, areas: str = "", areas_edition: str = "") -> Calibration:
    return backtest(version(ref, edition), settings(), areas=version(areas, areas_edition) if areas else None)


def drawn_shape(question_text: str, name: str, most: int | None = None) -> bytes:
    """One shape of a result (rings, gaps ...) or its rows, as the browser draws it; of the `most` highest."""
    question = from_text(Question, question_text)
    check(*question.inputs.values())
    return _drawn_shape(question_text, _ratings(question), name, most)


@kept("drawn")
def _drawn_shape(question_text: str, ratings: tuple[Rating, ...], name: str, most: int | None) -> bytes:
    return result_features.drawn_result(_answer(question_text, ratings), name, most)

"""What the frame hands to a page: the layers of this world and the View."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st

from dashboard import cache
from dashboard.basemaps import choices
from dashboard.components import look
from dashboard.components.moment import clock, is_stale, moment_shown
from dashboard.maps import Base
from dashboard.view import NOTES, LayerQuery, View
from layers.drawn import DrawnArea, parse_area
from layers.errors import NotEnoughData
from layers.kinds import ADMIN_AREAS, kind_of
from layers.layer_style import LayerStyle, parse_style
from layers.marking import Marking
from layers.settings import settings
from layers.times import Period, date_time_group
from store import LayerInfo

_KEY = "_page"


@dataclass(frozen=True)
class Page:
    """Layers of one world, and what the filter bar says; `view` is None when nothing is loaded.

    `marking` is the highest of the layers and of the notes that hold.
    """

    infos: list[LayerInfo]
    view: View | None
    title: str = ""
    marking: Marking = Marking.UNCLASSIFIED

    def of_kind(self, *kinds: str) -> list[LayerInfo]:
        """Layers of these kinds, kind by kind as the store has them; the largest first, for questions open on it.

        Areas stay as they are: which division is asked for is no matter of size.
        """
        order = list(dict.fromkeys(info.kind for info in self.infos))
        found = [info for info in self.infos if info.kind in kinds]
        return sorted(found, key=lambda info: (order.index(info.kind), info.kind != ADMIN_AREAS.id and -info.rows))

    def asked(self, info: LayerInfo, *, around: bool = False) -> LayerQuery:
        """A layer as the input of an analysis: what is asked about, or what lies `around` it."""
        return cache.query(info, self._view.asked(info.layer, around=around))

    def seen(self, info: LayerInfo) -> LayerQuery:
        """A layer as the map shows it, as the filters keep it."""
        return cache.query(info, self._view.seen(info.layer, info.kind))

    def over_time(self, info: LayerInfo) -> LayerQuery:
        """A layer as it is played through time."""
        return cache.query(info, self._view.over_time(info.layer, info.kind))

    def moment(self) -> date:
        """The moment that the picture speaks of."""
        return moment_shown(self.infos, self.as_of)

    @property
    def as_of(self) -> date:
        """The day that is looked at."""
        return self._view.as_of

    @property
    def period(self) -> Period:
        """The days that incidents and movements are looked at in."""
        return self._view.period

    @property
    def view_period(self) -> str:
        """The same in words."""
        return self._view.period_label

    @property
    def exercise(self) -> bool:
        """Whether the layers are fictional."""
        return self._view.exercise

    @property
    def _view(self) -> View:
        if self.view is None:
            raise NotEnoughData("page", "no layer", "at least one layer", "Load one on the page Layers.")
        return self.view

    def shown(self) -> list[tuple[LayerInfo, LayerQuery]]:
        """The layers that are switched on, filtered."""
        on = self.view.shown if self.view else ()
        return [(i, self.seen(i)) for i in self.infos if i.layer in on]

    def words(self, *, period: bool = False) -> str:
        """The view in words, for the heading; the period only where it is what the page shows."""
        if self.view is None:
            return ""
        areas = cache.admin_areas(exercise=self.view.exercise)
        names = [] if areas is None else areas[areas["id"].isin(self.view.areas)]["name"].fillna("").tolist()
        names += [parse_area(self.view.drawn).words] if self.view.drawn else []
        as_of = date_time_group(self.moment(), settings().theatre_timezone)
        shown = [self.view.period_label] if period else []
        return " · ".join([f"as of {as_of}", *(names or ["whole theatre"]), *shown])


def hold(page: Page) -> None:
    """Keep the page for this run; everything in it follows from the address and the store."""
    st.session_state[_KEY] = page


def current() -> Page:
    """The page of this run."""
    page: Page = st.session_state[_KEY]
    return page


def opacity_of(layer: str) -> float:
    """How strongly the pictures of a layer are drawn, 0 to 1."""
    page: Page | None = st.session_state.get(_KEY)
    return page.view.opacity.get(layer, 1.0) if page and page.view else 1.0


def style_of(info: LayerInfo) -> LayerStyle:
    """How a layer is drawn in this run."""
    page: Page | None = st.session_state.get(_KEY)
    text = page.view.styles.get(info.layer, "") if page and page.view else ""
    return parse_style(text, kind_of(info.kind))


def stale(info: LayerInfo) -> bool:
    """Whether a layer is older, at the moment looked at, than its kind keeps."""
    page: Page | None = st.session_state.get(_KEY)
    if page is None or page.view is None:
        return False
    return is_stale(info, clock(page.infos, page.as_of, exercise=page.exercise))


def drawn_area() -> DrawnArea | None:
    """The area drawn on a map that filters this run."""
    page: Page | None = st.session_state.get(_KEY)
    return parse_area(page.view.drawn) if page and page.view and page.view.drawn else None


def notes_of() -> bool | None:
    """Of which world notes are shown in this run; None where they are switched off."""
    page: Page | None = st.session_state.get(_KEY)
    return page.view.exercise if page and page.view and NOTES in page.view.shown else None


def is_later(info: LayerInfo) -> bool:
    """Whether a layer was made for a day after the one that is looked at."""
    page: Page | None = st.session_state.get(_KEY)
    made = info.as_of.date() if isinstance(info.as_of, datetime) else info.as_of
    return bool(page and page.view and made > page.as_of)


def base_chosen() -> Base | None:
    """The base map of this run; None for the coastline alone."""
    page: Page | None = st.session_state.get(_KEY)
    return choices().named(page.view.base) if page and page.view and page.view.base else None


def nothing_loaded() -> None:
    """The empty state of a fresh installation."""
    look.empty(
        "Nothing is loaded yet", "Load the sample scenario with `python cli.py sample`, or open Layers and drop a file."
    )

"""Picture: where everything lies, what changed, what is at risk next."""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.components import look, page, picture_panel, selection
from dashboard.components.boundary import in_words
from dashboard.components.filter_bar import brushed, look_at_days
from dashboard.components.headline_tiles import tiles_of
from dashboard.components.map_panel import map_panel
from dashboard.components.picture_questions import risk_question
from dashboard.components.record_card import record_card
from dashboard.components.tiles import tiles

here = page.current()
if here.view is None:
    page.nothing_loaded()
    st.stop()

look.heading("Picture", here.words(period=True))
question = risk_question(here)
risk = cache.answer(question) if question else None
tiles(tiles_of(here, risk))


@st.fragment
@in_words
def scene_and_cards() -> None:
    """Map, time and cards: a click runs this part alone; other days run the whole page."""
    if brushed():
        st.rerun()
    shown = here.shown()
    left, right = st.columns([0.73, 0.27], gap="small")
    with left:
        map_panel(
            picture_panel.scene(here, shown, question),
            here.infos,
            [q for _, q in shown],
            key="picture.map",
            height=370,
            on_brush=look_at_days,
        )
    with right:
        record_card(selection.current(), here.infos)
        picture_panel.changes_card(here)
        picture_panel.risks_card(risk)


scene_and_cards()

"""The script that st.App runs: navigation, the filter bar that makes the View, one error boundary."""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.assets import OWN
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.components.filter_bar import filter_bar, world
from dashboard.components.page import Page, hold
from dashboard.menu import MENU
from layers.marking import highest


@in_words
def main() -> None:
    """One run of the frame."""
    # No icons: Streamlit would ask another machine for them as the page's favicon.
    pages = [st.Page(e.script, title=e.title, url_path=e.path, default=not e.path) for e in MENU]
    chosen = st.navigation(pages, expanded=True)
    st.set_page_config(
        page_title=f"{chosen.title} · Overlay",
        page_icon=str(OWN / "favicon.png"),
        layout="wide",
        initial_sidebar_state="expanded",
    )
    st.html(look.css())
    st.logo(str(OWN / f"logo-{look.theme()}.svg"), size="large")
    with st.sidebar:
        everything = cache.access().layers()
        exercise = world(everything)
        infos = [i for i in everything if i.exercise == exercise]
        view = filter_bar(infos, exercise=exercise) if infos else None
    noted = [note.marking for note in cache.notes(exercise=exercise) if note.withdrawn is None] if infos else []
    marking = highest([*(i.marking for i in infos), *noted])
    look.banner(marking, exercise=exercise and bool(infos))
    hold(Page(infos, view, chosen.title, marking))
    in_words(chosen.run)()


main()

"""An incident entered by hand in under a minute, amended, or closed."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.components.boundary import in_words
from dashboard.components.draft_map import clicked_on, point_map
from dashboard.components.filter_bar import look_at
from dashboard.components.findings_panel import SEVERITY
from dashboard.components.moment import clock
from dashboard.components.page import Page
from dashboard.components.sketching import RECORD_AT
from layers.errors import OverlayError
from layers.kinds import INCIDENTS
from layers.report import Finding
from loaders import entry as by_hand
from loaders.entry import Entry

NEW = "a new incident"
ID, CLICKED, DOUBTED = "entry.id", "entry.clicked", "entry.doubted"
TELLING = frozenset({"rejected", "repaired", "warning"})


def entry_panel(page: Page) -> None:
    """The form beside a map; it runs by itself, so that a click on the map does not make the page anew."""
    with st.container(border=True, key="entry"):
        st.fragment(in_words(_entry))(page)


def _entry(page: Page) -> None:
    exercise = page.exercise if page.view else False
    layer = by_hand.layer_of(exercise=exercise)
    world = "EXERCISE data" if exercise else "real data"
    head, which = st.columns([3, 2], vertical_alignment="center")
    head.html(f'<div class="o-head"><h2>Enter an incident</h2><span>into {look.text(layer)} · {world}</span></div>')
    known = cache.entered(exercise=exercise)
    _take_drawn()
    with which:
        record = st.selectbox(
            "Which", [NEW, *known], format_func=lambda i: known.get(i, NEW), key="entry.which",
            label_visibility="collapsed",
        )  # fmt: skip
    amends = record != NEW
    record = record if amends else st.session_state.setdefault(ID, by_hand.new_id())
    opening = by_hand.entry_of(cache.entered_row(record, exercise=exercise)) if amends else Entry()
    form, beside = st.columns([3, 2])
    with beside:
        _map(page, record, opening)
    with form:
        said, note, sent = _form(record, opening, amends=amends)
    if sent and amends and not note:
        st.warning("Say why it is amended: the reason stays with the version.")
    elif sent or st.session_state.get(DOUBTED) == [record, asdict(said)]:
        _enter(page, said, record, note, exercise=exercise, amends=amends)


def _take_drawn() -> None:
    """A place that was drawn on a map opens a new incident there."""
    if RECORD_AT in st.session_state:
        st.session_state["entry.which"] = NEW
        record = st.session_state.setdefault(ID, by_hand.new_id())
        st.session_state[f"entry.{record}.place"] = st.session_state.pop(RECORD_AT)


def _form(record: str, opening: Entry, *, amends: bool) -> tuple[Entry, str, bool]:
    """The fields in the order in which they are typed; Enter sends them."""

    def key(name: str) -> str:
        return f"entry.{record}.{name}"

    def choice(box: st.delta_generator.DeltaGenerator, name: str) -> str:
        field = INCIDENTS.field_by_name[name]
        values = ["", *(c.value for c in field.choices)]
        opened = getattr(opening, name)
        return str(
            box.selectbox(
                field.label,
                values,
                index=values.index(opened) if opened in values else 0,
                format_func=lambda value: field.label_of(value) if value else "not stated",
                key=key(name),
            )
        )

    with st.form(f"entry.form.{record}", border=False):
        place, when = st.columns(2)
        st.session_state.setdefault(key("place"), opening.place)
        placed = place.text_input("Place, MGRS or degrees", key=key("place"), placeholder="11L JM 9397 1309")
        happened = when.text_input("When (UTC)", opening.when, key=key("when"), placeholder="120600Z NOV 26")
        kind, victims, deaths = st.columns([3, 2, 1])
        incident_type, victim_group = choice(kind, "incident_type"), choice(victims, "victim_group")
        fatalities = deaths.text_input("Deaths", opening.fatalities, key=key("fatalities"))
        name, source = st.columns(2)
        place_name = name.text_input("Name of the place", opening.place_name, key=key("place_name"))
        source_name = source.text_input("Reported by (post or office)", opening.source_name, key=key("source_name"))
        account = st.text_input("Account", opening.description, key=key("description"))
        until, verification, note = opening.until, opening.verification, ""
        if amends:
            ended, verified, why = st.columns([2, 2, 3])
            until = ended.text_input("Ended (closes it)", opening.until, key=key("until"), placeholder="130000Z NOV 26")
            verification = choice(verified, "verification")
            note = why.text_input("Reason", key=key("note"), placeholder="Why is it amended or closed?")
        sent = st.form_submit_button("Amend" if amends else "Enter", type="primary")
    said = Entry(
        placed, happened, incident_type, victim_group, fatalities, place_name, source_name, account, until, verification
    )
    return said, note.strip(), sent


def _map(page: Page, record: str, opening: Entry) -> None:
    """A click says where; what is typed is drawn."""
    key, spot_key = f"entry.{record}.place", f"entry.map.{record}"
    clicked = clicked_on(spot_key)
    if clicked and st.session_state.get(CLICKED) != clicked:
        st.session_state[CLICKED] = clicked
        st.session_state[key] = f"{clicked[0]:.5f}, {clicked[1]:.5f}"
    try:
        point = by_hand.read_place(st.session_state.get(key, opening.place))
    except OverlayError:  # not typed yet, or not yet a place
        point = None
    point_map(page.infos, INCIDENTS, (point.latitude, point.longitude) if point else None, key=spot_key)


def _enter(page: Page, said: Entry, record: str, note: str, *, exercise: bool, amends: bool) -> None:
    """Check and publish; what gives cause for doubt is shown first."""
    moment = clock(page.infos, page.as_of, exercise=True) if exercise else cache.now()
    reference, stored = cache.incidents_around(exercise=exercise)
    checked = by_hand.check(said, record, moment=moment, reference=reference, stored=stored)
    telling = [f for f in checked.findings if f.severity in TELLING]
    _tell(telling)
    if not checked.accepted:
        return
    if telling:
        st.session_state[DOUBTED] = [record, asdict(said)]
        if not st.button("Enter it all the same", key=f"entry.sure.{record}"):
            return
    access = cache.access()
    info = by_hand.publish_entry(
        checked,
        access,
        exercise=exercise,
        moment=moment,
        by=access.principal.name,
        note=f"{record}: {note}" if note else f"{record}: entered",
        base=by_hand.current(access, exercise=exercise) if amends else None,
    )
    for name in (ID, CLICKED, DOUBTED):
        st.session_state.pop(name, None)
    look_at(exercise=exercise)
    st.toast(f"{record} is in {look.markdown(info.layer)}, version {info.version}.")
    st.rerun()


def _tell(findings: list[Finding]) -> None:
    for finding in findings[:8]:
        st.html(f'<div class="o-note"><b>{SEVERITY[finding.severity]}:</b> {look.text(finding.message)}</div>')

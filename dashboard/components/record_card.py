"""The card of what is chosen: a record with every field that is stated, its source and version; or a note."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboard import cache
from dashboard.components import look
from dashboard.components.note_panel import note_card, signed
from dashboard.components.page import current
from dashboard.components.place_words import place_words
from dashboard.features import display_values, titles_of
from dashboard.view import Selection
from layers.kind import Kind
from layers.kinds import ROADS
from layers.road_states import ALL_VEHICLES, VEHICLES, has_states, roads
from layers.schema import ATTRIBUTE_PREFIX
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

LONGEST = 240  # characters of a value at the top of the card; all of it stands below
EDGES_OF_PICTURES = "picture_"  # they place the picture; the map shows them


def selected_row(selection: Selection | None, infos: list[LayerInfo]) -> tuple[LayerInfo, pd.DataFrame] | None:
    """The layer and the one-row frame behind a selection, if it is there."""
    info = next((i for i in infos if selection and i.layer == selection.layer), None)
    if info is None or selection is None:
        return None
    frame = cache.dataset(info).frame
    rows = frame[frame["id"] == selection.id]
    return (info, rows.head(1)) if len(rows) else None


def record_card(selection: Selection | None, infos: list[LayerInfo]) -> bool:
    """Draw the card; False when nothing of these layers is selected."""
    if note_card(selection, infos):
        return True
    found = selected_row(selection, infos)
    if found is None:
        return False
    info, row = found
    kind = cache.dataset(info).kind
    precision = row["place_precision"].iloc[0] if "place_precision" in row else None
    stated = stated_fields(row, kind)
    stated = _with_state_of_the_day(stated, row, info) if has_states(kind) else stated
    place = place_words(row.geometry.iloc[0], precision)
    cut = [(name, value) for name, value in stated if len(value) > LONGEST]
    others = [*cut, *own_columns(row), *provenance(info)]
    shown = [(name, _short(value)) for name, value in (*stated, *place, *_notes_about(info, str(row["id"].iloc[0])))]
    footer = f"{info.layer}, version {info.version} · {info.source or 'source not stated'} · as of {_when(info.as_of)}"
    look.table_card(titles_of(row, kind)[0], shown, footer, more=("All other fields, source and marking", others))
    return True


def stated_fields(row: pd.DataFrame, kind: Kind) -> list[tuple[str, str]]:
    """The fields of the kind that the record states, with units; pictures are on the map."""
    fields = [f for f in kind.shown_fields if not f.name.startswith(EDGES_OF_PICTURES) and f.name in row]
    return [(f.label, shown) for f in fields if (shown := display_values(row[f.name], f)[0])]


def _with_state_of_the_day(stated: list[tuple[str, str]], row: pd.DataFrame, info: LayerInfo) -> list[tuple[str, str]]:
    """A road with the state that the map draws, and beside it what the row reports where that is another."""
    field, said = ROADS.field_by_name, dict(stated)
    own, now = row["road_state"].iloc[0], cache.road_state(current().seen(info), str(roads(row).iloc[0]))
    if (pd.isna(own) and now is None) or own == now:
        return stated
    label = field["road_state"].label
    vehicles = "" if row[VEHICLES].fillna(ALL_VEHICLES).iloc[0] == ALL_VEHICLES else said[field[VEHICLES].label]
    reopens = said.get(field["reopening_date"].label)
    words = (
        "reported",
        said.get(label, "without a state").lower(),
        said.get(field["state_since"].label),
        vehicles and f"for {vehicles.lower()}",
    )
    reported = " ".join(filter(None, words)) + (f"; expected to reopen {reopens}" if reopens else "")
    holds = field["road_state"].label_of(now).lower() if now else "not known"
    return [(label, f"{reported}: {holds}"), *((name, value) for name, value in stated if name != label)]


def own_columns(row: pd.DataFrame) -> list[tuple[str, str]]:
    """The sender's own columns that hold something, under the sender's names."""
    own = [str(c) for c in row.columns if str(c).startswith(ATTRIBUTE_PREFIX)]
    return [(c.removeprefix(ATTRIBUTE_PREFIX), str(row[c].iloc[0])) for c in own if not pd.isna(row[c].iloc[0])]


def provenance(info: LayerInfo) -> list[tuple[str, str]]:
    """Where the record comes from, since when it is here, and how it is marked."""
    return [
        ("Source", info.source or "not stated"),
        ("Layer", f"{info.layer}, version {info.version}"),
        ("As of", _when(info.as_of)),
        ("Received", f"{_when(info.received_at)} by {info.by}" if info.by else _when(info.received_at)),
        ("Marking", info.marking.label),
    ]


def _when(moment: date) -> str:
    return date_time_group(moment, settings().theatre_timezone)


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


def _notes_about(info: LayerInfo, record: str) -> list[tuple[str, str]]:
    notes = [n for n in cache.notes(exercise=info.exercise) if (n.layer, n.record) == (info.layer, record)]
    return [(f"Note {n.number}, {signed(n)}", n.text) for n in notes if n.withdrawn is None]

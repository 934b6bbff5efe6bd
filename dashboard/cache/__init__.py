"""Every cache there is, and the only door from the screen to the store.

What is asked for names an *edition*: the content of a layer version and when it was
received. A version number may come back after a removal; an edition never does. So a
cached answer can only be the answer to the same question, and what has left the store is
refused before any cache is asked. The caches are shared by all sessions, hold at most so
many bytes, and compute an answer once however many ask at the same time.

door
    the store as opened, editions, the clock
layers
    versions and what the filters keep of them
drawn
    layers as the map draws them: features, tiles, pictures
in_time
    layers as they are played through time
answers
    results of analyses
finding
    places, names and identifiers that the search of the map looks up
notes
    what people wrote on the map
drafts, entered
    what is not published yet, and what people typed in
"""

from __future__ import annotations

from dashboard.cache.answers import answer, calibration, drawn_shape, ratings_edition
from dashboard.cache.door import access, areas_edition, check, current_layers, edition, forget_all, now, query, today
from dashboard.cache.drafts import draft_picture, draft_preview, draft_query, drawn_draft, reviewed
from dashboard.cache.drawn import (
    MOST_FEATURES,
    class_counts,
    drawn_hexagons,
    drawn_layer,
    drawn_shapes,
    hexagons,
    land,
    picture,
    place_of,
    record_at,
    road_state,
    symbol_counts,
    tile,
    tiled,
)
from dashboard.cache.entered import entered, entered_row, incidents_around
from dashboard.cache.finding import find
from dashboard.cache.in_time import days_in_time, in_time_of, playable
from dashboard.cache.layers import (
    admin_areas,
    box,
    choices,
    count,
    dataset,
    difference,
    filtered,
    kind,
    left_out,
    own_figures,
    recent_incidents,
    things,
    unplaced,
    without_rows,
)
from dashboard.cache.notes import drawn_notes, notes, notes_edition

__all__ = [
    "MOST_FEATURES",
    "access",
    "admin_areas",
    "answer",
    "areas_edition",
    "box",
    "calibration",
    "check",
    "choices",
    "class_counts",
    "count",
    "current_layers",
    "dataset",
    "days_in_time",
    "difference",
    "draft_picture",
    "draft_preview",
    "draft_query",
    "drawn_draft",
    "drawn_hexagons",
    "drawn_layer",
    "drawn_notes",
    "drawn_shape",
    "drawn_shapes",
    "edition",
    "entered",
    "entered_row",
    "filtered",
    "find",
    "forget_all",
    "hexagons",
    "in_time_of",
    "incidents_around",
    "kind",
    "land",
    "left_out",
    "notes",
    "notes_edition",
    "now",
    "own_figures",
    "picture",
    "place_of",
    "playable",
    "query",
    "ratings_edition",
    "recent_incidents",
    "record_at",
    "reviewed",
    "road_state",
    "symbol_counts",
    "things",
    "tile",
    "tiled",
    "today",
    "unplaced",
    "without_rows",
]

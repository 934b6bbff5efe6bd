"""Incidents entered by hand, and what an entry is held against."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from dashboard import features
from dashboard.cache.door import current_layers
from dashboard.cache.layers import dataset
from layers.errors import UnknownLayer
from layers.kinds import ADMIN_AREAS, INCIDENTS, SETTLEMENTS
from loaders.duplicates import Stored
from loaders.entry import layer_of as entered_layer
from loaders.reference import Reference


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

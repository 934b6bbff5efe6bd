"""The card of the selected record: every field, its source and version."""

from __future__ import annotations

import pandas as pd

from dashboard import cache
from dashboard.components import look
from dashboard.features import display_values, titles_of
from dashboard.view import Selection
from layers.geodesy import mgrs_of
from layers.schema import ATTRIBUTE_PREFIX
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo

MOST_ATTRIBUTES = 12
LONGEST = 240
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
    found = selected_row(selection, infos)
    if found is None:
        return False
    info, row = found
    dataset = cache.dataset(info)
    fields = [f for f in dataset.kind.shown_fields if not f.name.startswith(EDGES_OF_PICTURES)]
    lines = [(f.label, shown) for f in fields if (shown := display_values(row[f.name], f)[0])]
    lines += place_lines(row)
    own = [
        (str(c).removeprefix(ATTRIBUTE_PREFIX), str(row[c].iloc[0]))
        for c in row.columns
        if str(c).startswith(ATTRIBUTE_PREFIX) and isinstance(row[c].iloc[0], str)
    ]
    lines += own[:MOST_ATTRIBUTES]
    footer = (
        f"{info.layer}, version {info.version} · {info.source or 'source not stated'} · as of "
        f"{date_time_group(info.as_of, settings().theatre_timezone)}"
        + (f" · {len(own) - MOST_ATTRIBUTES} more columns in the file" if len(own) > MOST_ATTRIBUTES else "")
    )
    look.table_card(titles_of(row, dataset.kind)[0], [(name, value[:LONGEST]) for name, value in lines], footer)
    return True


def place_lines(row: pd.DataFrame) -> list[tuple[str, str]]:
    """MGRS and degrees of a record, as precise as its place is known."""
    geometry = row.geometry.iloc[0]
    if geometry is None or geometry.is_empty:
        return [("Place", "known by area only")]
    point = geometry if geometry.geom_type == "Point" else geometry.representative_point()
    precision = row["place_precision"].iloc[0] if "place_precision" in row else None
    grid = mgrs_of(point.x, point.y, precision if isinstance(precision, str) else None)
    north, east = "N" if point.y >= 0 else "S", "E" if point.x >= 0 else "W"
    degrees = f"{abs(point.y):.4f}° {north}  {abs(point.x):.4f}° {east}"
    about = "" if geometry.geom_type == "Point" else " (a point in it)"
    return [*([("MGRS", grid + about)] if grid else []), ("Degrees", degrees + about)]

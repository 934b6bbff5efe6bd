"""Pictures of the ground, from satellites, aircraft and drones: one record each, its outline as the place."""

from __future__ import annotations

from layers.kind import Field, Kind, Style
from layers.vocabularies import ID, SOURCE_ORG, TIME_PRECISION

IMAGES = Kind(
    id="images",
    label="Images",
    singular="image",
    group="Imagery",
    fields=(
        ID,
        Field("name", "text", "Name", aliases=("title",)),
        Field("taken_at", "moment", "Taken"),
        Field("time_precision", "code", "Time known", choices=TIME_PRECISION),
        Field("resolution_m", "number", "Resolution of the original", unit="m", minimum=0),
        Field("width_px", "integer", "Width of the original", unit="px", minimum=1),
        Field("height_px", "integer", "Height of the original", unit="px", minimum=1),
        Field("bands", "integer", "Bands", minimum=1),
        Field("crs_name", "text", "Coordinate system of the original"),
        SOURCE_ORG,
        Field("picture", "picture", "Picture"),
        Field("picture_west", "number", "West edge of the picture", unit="degrees", minimum=-180, maximum=180),
        Field("picture_south", "number", "South edge of the picture", unit="degrees", minimum=-90, maximum=90),
        Field("picture_east", "number", "East edge of the picture", unit="degrees", minimum=-180, maximum=180),
        Field("picture_north", "number", "North edge of the picture", unit="degrees", minimum=-90, maximum=90),
    ),
    filters=(),
    style=Style("outline", "other"),
    places=("polygon",),
    required_any=(("geometry",),),
    starts="taken_at",
)

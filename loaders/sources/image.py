"""An image layer: the GeoTIFF reader names its columns by our own fields."""

from __future__ import annotations

from loaders.sources.source import Look, Source


def _recognise(look: Look) -> float:
    return 0.99 if look.format == "geotiff" else 0.0


def _mapping(look: Look) -> dict[str, str]:
    from layers.kinds import IMAGES

    return {column: column for column in look.columns if column in IMAGES.field_by_name}


IMAGE = Source(
    id="image", label="Georeferenced image", kind=lambda look: "images", recognise=_recognise, mapping=_mapping
)

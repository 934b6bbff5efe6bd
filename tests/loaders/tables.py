"""Small tables made in code, and the road from a raw layer to what each reading makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import shapely

from loaders.places import geometry_types
from loaders.raw import RawLayer, text_array
from loaders.recognise import Recognition, recognise, source_of
from loaders.sources import Look
from loaders.sources.source import ONE_READING
from loaders.validate import Validated, validate

TODAY = date(2026, 11, 20)


def raw_of(headers, rows, *, shapes=None, title="", hxl=(), layer="", form="tabular", first=2):
    """A raw layer from headers (text between commas, or a list) and rows of text."""
    names = headers.split(",") if isinstance(headers, str) else list(headers)
    cells = [[None if row[i] in (None, "") else str(row[i]) for row in rows] for i in range(len(names))]
    geometry = None
    if shapes is not None:
        geometry = pa.array(shapely.to_wkb(np.array(shapes, dtype=object)), pa.large_binary())
    return RawLayer(
        name=layer,
        columns=tuple(names),
        cells=[text_array(values) for values in cells],
        rows=np.arange(first, first + len(rows), dtype=np.int64),
        geometry=geometry,
        hxl=tuple(hxl),
        title=title,
        format=form,
    )


def look_of(raw, file="table.csv", reading=""):
    """What recognition sees of it."""
    geometries = frozenset()
    if raw.geometry is not None:
        geometries = geometry_types(shapely.from_wkb(raw.geometry.to_numpy(zero_copy_only=False)))
    samples = {
        header: tuple(v for v in column.drop_null().slice(0, 20).to_pylist())
        for header, column in zip(raw.columns, raw.cells, strict=True)
    }
    return Look(raw.columns, raw.hxl, geometries, file, raw.overlay, raw.title, samples, raw.format, raw.name, reading)


@dataclass(frozen=True)
class Taken:
    """One reading of a raw layer."""

    raw: RawLayer
    seen: Recognition
    result: Validated

    @property
    def frame(self):
        return self.result.frame

    @property
    def codes(self):
        return {finding.code for finding in self.result.report.findings}

    @property
    def account(self):
        """Rows in, ok, repaired, rejected, and records."""
        report = self.result.report
        return report.rows_in, report.rows_ok, report.rows_repaired, report.rows_rejected, report.records


def readings_of(raw, file="table.csv", *, kind=None, mapping=None, as_of=None):
    """Name of the reading -> what came of it."""
    look = look_of(raw, file)
    source = source_of(look, kind)
    taken = {}
    for reading in source.readings(look) if source else ONE_READING:
        long = reading.reshape(raw, look) if reading.reshape else raw
        own = look_of(long, file, reading.name)
        seen = recognise(own, kind, mapping, source=source)
        result = validate(long, seen.kind, seen.mapping, name=file, look=own, source=source, as_of=as_of, today=TODAY)
        taken[reading.name] = Taken(long, seen, result)
    return taken


def taken_of(headers, rows, file="table.csv", **options):
    """The one reading of a table."""
    choices = {name: options.pop(name) for name in ("kind", "mapping", "as_of") if name in options}
    (taken,) = readings_of(raw_of(headers, rows, **options), file, **choices).values()
    return taken

"""A picture is for the map: no export carries it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest
import shapely

from exports import EXPORTS, export_to, of_dataset
from layers.dataset import Dataset
from layers.kinds import IMAGES, KINDS
from layers.picture import is_picture, picture_text
from layers.schema import conform
from layers.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.id)
def test_no_export_has_the_picture(export, tmp_path):
    text = picture_text(PNG, "png")
    frame = pd.DataFrame({"id": ["camp"], "picture": [text], "geometry": [shapely.box(20, 5, 21, 6)]})
    dataset = Dataset(
        kind=IMAGES,
        frame=conform(frame, IMAGES),
        layer="camp",
        version=1,
        content_hash="0" * 64,
        source="Office of Samples",
        as_of=date(2026, 11, 12),
        received_at=datetime(2026, 11, 12, tzinfo=UTC),
    )
    path = export_to(of_dataset(dataset, Settings()), tmp_path / f"camp{export.extension}")
    assert text.encode()[30:] not in path.read_bytes()
    assert b"camp" in path.read_bytes()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_people_read_all_fields_but_pictures(kind):
    assert {f.name for f in kind.shown_fields} == set(kind.names) - set(kind.pictures)
    assert kind.pictures == (("picture",) if kind is IMAGES else ())


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (picture_text(PNG, "png"), True),
        (picture_text(b"RIFF\x00\x00\x00\x00WEBP", "webp"), True),
        ("data:image/svg+xml;base64,PHN2Zy8+", False),
        ("data:image/png;base64,PHN2Zy8+", False),
        ('data:image/png;base64,iVBORw0KGgo"onload="x', False),
        ("javascript:alert(1)", False),
        ("http://127.0.0.1/a.png", False),
        ("", False),
        (None, False),
    ],
)
def test_only_png_and_webp_are_pictures(text, fits):
    assert is_picture(text) is fits

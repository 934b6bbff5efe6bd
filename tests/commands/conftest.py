"""The command line in this process, on a home of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands import main

BOUNDARY = "Boundaries are made for the test."


@dataclass(frozen=True)
class Said:
    """What one call gave back."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document; NaN is no JSON."""

        def refuse(name: str) -> None:
            raise AssertionError(f"{name} in the document")

        return json.loads(self.out, parse_constant=refuse)

    @property
    def error(self) -> dict[str, str]:
        """The refusal, with all its parts."""
        assert list(self.document) == ["error"]
        error = self.document["error"]
        assert list(error) == ["code", "where", "found", "expected", "remedy"]
        assert all(error.values())
        assert self.err.strip()
        return error


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("OVERLAY_HOME", str(folder))
    return folder


@pytest.fixture
def cli(home, capsys) -> Callable[..., Said]:
    def call(*arguments: object) -> Said:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


def feature(row_id: str, lon: float | None, lat: float, **properties: object) -> dict[str, Any]:
    """A GeoJSON point; without a longitude it has no place."""
    place = None if lon is None else {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": row_id, "properties": {"id": row_id, **properties}, "geometry": place}


def write_layer(path: Path, kind: str, features: list[dict[str, Any]], **said: object) -> Path:
    """A GeoJSON file that says what it is."""
    overlay = {"kind": kind, "layer": path.stem, "source": "test", "as_of": "2026-11-12", "boundary_note": BOUNDARY}
    overlay |= {"marking": "UNCLASSIFIED", "exercise": False} | said
    path.write_text(json.dumps({"type": "FeatureCollection", "overlay": overlay, "features": features}), "utf-8")
    return path


@pytest.fixture
def layer_file(tmp_path) -> Callable[..., Path]:
    def write(name: str, kind: str, features: list[dict[str, Any]], **said: object) -> Path:
        return write_layer(tmp_path / f"{name}.geojson", kind, features, **said)

    return write


INCIDENTS = [
    feature("i1", 18.50, 4.25, occurred_at="2026-11-10", incident_type="clash", fatalities=2),
    feature("i2", 18.51, 4.25, occurred_at="2026-11-11", incident_type="looting", fatalities=None),
    feature("i3", 18.90, 4.25, occurred_at="2026-11-01", incident_type="clash", fatalities=0),
]
SITES = [feature("s1", 18.5, 4.25, name="North", population=120), feature("s2", 18.6, 4.3, name="South")]


@pytest.fixture
def incidents(layer_file) -> Path:
    """Three incidents near each other; one without fatalities known."""
    return layer_file("incidents", "incidents", INCIDENTS)


@pytest.fixture
def sites(layer_file) -> Path:
    """Two displacement sites."""
    return layer_file("sites", "idp_sites", SITES)


@pytest.fixture(scope="session")
def home_with_layers(tmp_path_factory) -> Path:
    """A home that holds both, loaded once by the ordinary road."""
    folder = tmp_path_factory.mktemp("loaded")
    files = [
        write_layer(folder / "incidents.geojson", "incidents", INCIDENTS),
        write_layer(folder / "sites.geojson", "idp_sites", SITES),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERLAY_HOME", str(folder / "home"))
        assert main(["ingest", *map(str, files)]) == 0
    return folder / "home"


@pytest.fixture
def loaded(cli, home, home_with_layers) -> Callable[..., Said]:
    """The command line on a copy of that home."""
    shutil.copytree(home_with_layers, home)
    return cli

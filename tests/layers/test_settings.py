"""Settings: where they come from, which win, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from layers.errors import SettingsError
from layers.settings import Settings, settings


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write overlay.toml into an OVERLAY_HOME of its own."""
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path))

    def put(text: str) -> None:
        (tmp_path / "overlay.toml").write_text(text, "utf-8")

    return put


def test_defaults_stand_without_a_file(write: Callable[[str], None]) -> None:
    assert settings() == Settings()
    assert settings().risk_rings_km == (5, 10, 25)


def test_a_variable_wins_over_the_file(write: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    write("baseline_days = 60\nhorizon_days = 14\n")
    monkeypatch.setenv("OVERLAY_BASELINE_DAYS", "45")
    assert (settings().baseline_days, settings().horizon_days) == (45, 14)


@pytest.mark.parametrize("name", ["coverage_radius_km", "severity"])
def test_a_table_changes_only_what_it_names(write: Callable[[str], None], name: str) -> None:
    default = Settings.model_fields[name].default
    first = next(iter(default))
    write(f"[{name}]\n{first} = 7\n")
    assert getattr(settings(), name) == default | {first: 7}


def online(name: str, address: str) -> str:
    """A base map as an administrator writes it."""
    return f'[[base_maps]]\nname = "{name}"\naddress = "{address}"\nattribution = "us"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("baseline_dayz = 3", "baseline_dayz"),
        ("baseline_days = 0", "baseline_days"),
        ("baseline_days = 'many'", "baseline_days"),
        ('theatre_timezone = "Africa/Nowhere"', "Africa/Nowhere"),
        ("risk_rings_km = []", "risk_rings_km"),
        ("risk_rings_km = [10, 5]", "risk_rings_km"),
        ("likelihood_bounds = [0.5, 0.2, 0.6, 0.8]", "likelihood_bounds"),
        ("likelihood_bounds = [0.1, 0.2]", "likelihood_bounds"),
        ("likelihood_bounds = [0.1, 0.2, 0.5, 1.0]", "likelihood_bounds"),
        ('risk_matrix = [["low"]]', "risk_matrix"),
        ("[severity]\nclash = -1", "clash"),
        ("[coverage_radius_km]\nHEA = nan", "HEA"),
        ('[[base_maps]]\nname = "A"\naddress = "https://t.example/{z}/{x}/{y}"', "attribution"),
        (online("A", "https://t.example/{z}/{x}.png"), "A: expected"),
        (online("A", "https://{s}.t.example/{z}/{x}/{y}.png"), "A: expected"),
        (online("A", "javascript:alert(1)//{z}/{x}/{y}"), "A: expected"),
        (online("A", "https://user:word@t.example/{z}/{x}/{y}.png"), "A: expected"),
        (online("A", "https://t.example; script-src */{z}/{x}/{y}.png"), "A: expected"),
        (online("A", "https://t.example/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png"), "A: expected"),
        (online("A", "https://t.example/{TileMatrix}/{y}/{x}.png"), "A: expected"),
        (online("A", "https://t.example/{z}/{x}/{y}.png") + 'tile_matrix_set = "web"\n', "layers beside"),
        (online("A", "https://t.example/wmts") + 'tile_matrix_set = "web"\n', "A: expected"),
        (online("A", "https://t.example/{z}/{x}/{y}.png") + 'layers = "roads"\n', "A: expected"),
        (online("Coastline", "https://t.example/{z}/{x}/{y}.png"), "no other base map"),
        (online("region.pmtiles", "https://t.example/{z}/{x}/{y}.png"), "no other base map"),
        (online("A", "https://t.example/{z}/{x}/{y}.png") * 2, "another name"),
        ("this is no TOML", "overlay.toml"),
    ],
)
def test_what_is_wrong_is_refused_by_name(write: Callable[[str], None], text: str, named: str) -> None:
    write(text)
    with pytest.raises(SettingsError, match=named):
        settings()

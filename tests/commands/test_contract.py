"""What holds for every command."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from commands import app
from layers import errors
from layers.errors import OverlayError

PROJECT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "sample": [],
    "ingest": ["/no/such/file.csv"],
    "layers": [],
    "run": ["buffers", "--input", "layer=x"],
    "backtest": ["risk", "--input", "incidents=x"],
    "rate": ["x", "A", "--impact", "4", "--reason", "why"],
    "variants": [],
    "export": ["x", "--to", "x.csv"],
    "template": ["incidents", "--to", "/no/such/folder/x.xlsx"],
    "verify": [],
    "safeguards": [],
}
ERRORS = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, OverlayError)]


def test_the_commands_are_those_of_the_contract():
    assert [command.callback.__name__ for command in app.registered_commands] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_another_user_is_refused_everywhere(cli, home, name):
    said = cli(name, *COMMANDS[name], "--as", "somebody else", "--json")
    assert (said.code, said.error["code"]) == (1, "access_denied")
    assert "somebody else" in said.error["found"]
    assert not home.exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_wrong_usage_is_exit_2_and_one_document(cli, name):
    said = cli(name, *COMMANDS[name], "--no-such-option", "--json")
    assert (said.code, said.error["code"]) == (2, "usage")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_there(cli, name):
    said = cli(name, "--help")
    assert said.code == 0
    assert "--json" in said.out


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("safeguards", "template")])
def test_a_home_that_cannot_be_used_is_said(cli, tmp_path, monkeypatch, name):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path / "file"))
    said = cli(name, *COMMANDS[name], "--json")
    assert said.code == 1
    assert "OVERLAY_HOME" in said.error["remedy"] or "Correct" in said.error["remedy"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_prints_its_parts(cli, monkeypatch, error):
    def fail(_user: object) -> None:
        raise error("somewhere", "this", "that", "Do so.")

    monkeypatch.setattr("commands.layers.open_store", fail)
    said = cli("layers", "--json")
    assert said.code == 1
    parts = {"where": "somewhere", "found": "this", "expected": "that", "remedy": "Do so."}
    assert said.error == {"code": error("", "", "", "").code} | parts
    plain = cli("layers")
    assert (plain.code, plain.out) == (1, "")
    assert all(part in plain.err for part in ("somewhere", "this", "that", "Do so."))


def test_nothing_asked_shows_the_help(cli):
    said = cli()
    assert said.code == 2
    assert "ingest" in said.err


def test_the_door_itself(home):
    """`python cli.py` in a process of its own, and without what only some commands need."""
    heavy = ["geopandas", "pandas", "pyogrio", "sqlalchemy", "scipy", "streamlit", "pydantic"]
    code = f"import sys, commands; print([m for m in {heavy} if m in sys.modules])"
    light = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert light.stdout.strip() == "[]"
    done = subprocess.run([sys.executable, "cli.py", "layers", "--json"], cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["{", '"layers":', "[]", "}"], "")

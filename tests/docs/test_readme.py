"""The commands of README.md run as they stand there, in their order, on the sample."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from commands import app, main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^ {4}\.venv/bin/python cli\.py (.+)$", PAGE, re.MULTILINE)
PLAN = re.search(r"^ {4}\{\"edits\".+?\]\}$", PAGE, re.MULTILINE | re.DOTALL)
INCIDENTS = "event_id,event_date,event_type,latitude,longitude\n1,2026-11-01,Battles,5,20\n"


def test_every_command_stands_there() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {line.split()[0] for line in COMMANDS} == commands
    assert "sample --remove" in COMMANDS


def test_they_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OVERLAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert PLAN is not None
    Path("plan.json").write_text(PLAN[0], "utf-8")
    Path("incidents.csv").write_text(INCIDENTS, "utf-8")
    for line in COMMANDS:
        code = main(shlex.split(line))
        printed = capsys.readouterr()
        assert code == 0, f"{line}: exit {code}: {printed.err}"
        if "--edit" in line:
            assert printed.err.count("Assumption: ") == len(json.loads(PLAN[0])["edits"])

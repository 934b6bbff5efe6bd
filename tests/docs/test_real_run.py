"""The commands of docs/real-run.md, run as they stand there, give the figures that stand there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from commands import main

ROOT = Path(__file__).parents[2]
REAL = ROOT / "../shared/real"
PAGE = (ROOT / "docs/real-run.md").read_text("utf-8")
COMMAND = re.compile(r"^ {4}\.venv/bin/python cli\.py (.+)$", re.MULTILINE)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not REAL.is_dir(), reason="the published data of ../shared/real are not on this machine"),
]


def table(heading: str, after: str = "") -> list[dict[str, str]]:
    """The first table below a heading, as rows by column."""
    lines = PAGE[PAGE.index(after, PAGE.index(f"## {heading}")) :].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in _while_table(lines[start:])]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def _while_table(lines: list[str]) -> list[str]:
    end = next((i for i, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return lines[:end]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Command -> the JSON documents of its runs, in the order of the page."""
    home = tmp_path_factory.mktemp("real-run")
    given: dict[str, list[Any]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("OVERLAY_HOME", str(home))
        for line in COMMAND.findall(PAGE):
            printed: list[str] = []
            patch.setattr("sys.stdout.write", printed.append)
            words = shlex.split(line.replace("$OVERLAY_HOME", str(home)))
            code = main([*words, "--json"])
            assert code == 0, f"{line}: exit {code}: {''.join(printed)}"
            given.setdefault(words[0], []).append(json.loads("".join(printed)))
    return given


def test_every_file_loads_with_the_account_that_stands_there(answers: dict[str, list[Any]]) -> None:
    wanted = table("Load")
    got = [entry for answer in answers["ingest"] for entry in answer["files"]]
    assert [(r["layer"], r["kind"]) for r in wanted] == [(e["layer"], e["kind"]) for e in got]
    columns = {"rows in": "rows_in", "ok": "rows_ok", "repaired": "rows_repaired", "rejected": "rows_rejected",
               "records": "records"}  # fmt: skip
    for row, entry in zip(wanted, got, strict=True):
        assert {name: int(row[name]) for name in columns} == {name: entry[key] for name, key in columns.items()}
        assert entry["rows_in"] == entry["rows_ok"] + entry["rows_repaired"] + entry["rows_rejected"]


def test_the_empty_rows_and_the_month_are_said(answers: dict[str, list[Any]]) -> None:
    findings = answers["ingest"][6]["files"][0]["findings"]
    assert sum(f["code"] == "empty_row" and f["severity"] == "rejected" for f in findings) == 4202
    assert any(f["code"] == "month_without_year" for f in findings)


def test_missing_people_are_null(answers: dict[str, list[Any]]) -> None:
    assert (answers["export"][0]["rows"], answers["export"][0]["rows_stored"]) == (11, 63)


def test_risk_gives_the_figures(answers: dict[str, list[Any]]) -> None:
    wanted = table("Which activities are at risk")
    got = {(str(round(a["parameters"]["radius_km"])), row["id"]): row for a in answers["run"][:2] for row in a["rows"]}
    assert len(wanted) == len(got) == 14
    for row in wanted:
        found = got[row["radius, km"], row["id"]]
        names = ("count_within_radius", "count_certain", "count_possible")
        assert [int(row[n]) for n in ("within", "certain", "possible")] == [found[n] for n in names]
        assert float(row["weighted"]) == found["weighted_sum"]
        assert float(row["nearest, m"]) == pytest.approx(found["nearest_incident_m"], abs=0.051)


@pytest.mark.parametrize(
    ("number", "after"), [(2, "Localities of Sudan"), (3, "The IDP figures"), (4, "Taken to stand")]
)
def test_coverage_gives_the_figures(answers: dict[str, list[Any]], number: int, after: str) -> None:
    wanted = table("Who is not reached", after)
    summary = answers["run"][number]["summary"]
    assert {row["word of the summary"]: json.loads(row["figure"]) for row in wanted}.items() <= summary.items()


def test_siting_gives_the_figures(answers: dict[str, list[Any]]) -> None:
    answer = answers["run"][5]
    got = [[str(row[n]) for n in ("rank", "id", "place", "people_gained")] for row in answer["rows"]]
    assert [list(row.values()) for row in table("Where would new hospitals help most")] == got
    summary = answer["summary"]
    assert [summary[n] for n in ("people_covered_before", "people_covered_after", "people")] == [
        1_442_024,
        2_412_501,
        6_552_118,
    ]
    assert summary["optimality_gap"] == 0


def test_the_store_is_whole(answers: dict[str, list[Any]]) -> None:
    assert answers["verify"][0]["versions"] == 9
    assert answers["verify"][0]["damages"] == []

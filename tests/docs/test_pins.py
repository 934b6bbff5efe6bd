"""What is asked for, what is pinned and what is locked agree."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RUN, DEV = "requirements.txt", "requirements-dev.txt"


def folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> dict[str, str]:
    """Package -> version, as a requirements file pins it."""
    return {folded(name): version for name, version in PIN.findall((ROOT / file).read_text("utf-8"))}


def wanted(requirements: list[str]) -> dict[str, str]:
    """Package -> version, as pyproject.toml asks for it."""
    found = {r: PIN.fullmatch(r) for r in requirements}
    loose = [r for r, match in found.items() if match is None]
    assert not loose, f"not pinned to one version in pyproject.toml: {loose}"
    return {folded(match[1]): match[2] for match in found.values() if match}


@pytest.mark.parametrize(
    ("file", "requirements"),
    [
        (RUN, PROJECT["dependencies"]),
        (DEV, [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]),
    ],
)
def test_pyproject_and_requirements_agree(file: str, requirements: list[str]) -> None:
    pinned = pins(file)
    differing = {name: (version, pinned.get(name)) for name, version in wanted(requirements).items()
                 if pinned.get(name) != version}  # fmt: skip
    assert not differing, f"pyproject.toml and {file} disagree: run `make lock`"


def test_both_requirements_files_agree() -> None:
    dev = pins(DEV)
    assert {name: dev.get(name) for name in pins(RUN)} == pins(RUN)


@pytest.mark.parametrize("file", [RUN, DEV])
def test_every_line_is_a_pin_and_names_no_registry(file: str) -> None:
    lines = [line for line in (ROOT / file).read_text("utf-8").splitlines() if not re.match(r"\s*(#|$)", line)]
    assert all(PIN.match(line) for line in lines)
    assert "://" not in (ROOT / file).read_text("utf-8")


def test_browser_packages_are_pinned_and_locked() -> None:
    asked = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all("integrity" in entry for path, entry in locked.items() if path)

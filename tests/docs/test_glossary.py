"""Every field, coded value and analysis stands in the glossary, and nothing there is out of date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis import METHODS
from analysis.method import Method
from layers.kind import Kind
from layers.kinds import KINDS
from layers.settings import Settings

GLOSSARY = Path(__file__).parents[2] / "docs/glossary.md"
SECTION = re.compile(r"^### (.+)$", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ALL_KINDS = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
ALL_METHODS = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)


def sections() -> dict[str, str]:
    """Heading -> text below it."""
    parts = SECTION.split(GLOSSARY.read_text("utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows_of(section: str) -> dict[str, tuple[str, str, str]]:
    """Name -> (meaning, unit, where it comes from)."""
    return {name: (means, unit, comes_from) for name, means, unit, comes_from in ROW.findall(sections()[section])}


@ALL_KINDS
def test_every_field_stands_in_the_glossary(kind: Kind) -> None:
    assert kind.id in sections(), f"docs/glossary.md has no section for {kind.id}"
    known = rows_of("Shared") | rows_of(kind.id)
    for field in kind.fields:
        assert field.name in known, f"{kind.id}.{field.name} is not in docs/glossary.md"
        means, unit, comes_from = known[field.name]
        assert means.strip()
        assert comes_from.strip()
        assert unit == (field.unit or "–")
        missing = [c.value for c in field.choices if f"`{c.value}`" not in means]
        assert not missing, f"{kind.id}.{field.name}: values not in docs/glossary.md: {missing}"


@ALL_KINDS
def test_nothing_stands_there_that_is_no_field(kind: Kind) -> None:
    assert set(rows_of(kind.id)) <= set(kind.names)


def test_shared_fields_are_fields() -> None:
    assert set(rows_of("Shared")) <= {name for kind in KINDS for name in kind.names}


@ALL_METHODS
def test_every_analysis_stands_in_the_glossary(method: Method) -> None:
    assert f"| `{method.id}` | {method.label} |" in GLOSSARY.read_text("utf-8")
    words = sections()[f"Words of `{method.id}`"]
    missing = [c.name for c in method.controls(Settings()) if f"`{c.name}`" not in words]
    assert not missing, f"parameters of {method.id} not in docs/glossary.md: {missing}"

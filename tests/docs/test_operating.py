"""Every setting stands in docs/operating.md, with the default that is in force."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from layers.settings import Settings

OPERATING = Path(__file__).parents[2] / "docs/operating.md"
ROW = re.compile(r"^\| `([a-z_]+)` \| `(.+?)` \| (.+) \|$", re.MULTILINE)


def table() -> dict[str, tuple[str, str]]:
    """Setting -> (default as JSON, description)."""
    return {name: (default, text) for name, default, text in ROW.findall(OPERATING.read_text("utf-8"))}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_there_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    assert name in table(), f"docs/operating.md does not have {name}"
    default, text = table()[name]
    assert json.loads(default) == json.loads(json.dumps(field.default))
    assert text == field.description


def test_nothing_stands_there_that_is_no_setting() -> None:
    assert set(table()) == set(Settings.model_fields)

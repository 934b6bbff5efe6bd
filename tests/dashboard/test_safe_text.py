"""Text from files must be inert wherever a map can put it."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.maps import script_json
from dashboard.safe_text import safe_text

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "${alert(1)}",
    "`",
    "`);alert(1);(`",
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "'\"><svg onload=alert(1)>",
    "{{7*7}}",
    "&lt;b&gt;",
    "</script><script>alert(1)</script>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_could_run_is_left(payload):
    safe = safe_text(payload)
    assert not set("<>`${}\\\"'") & set(safe)
    assert html.unescape(safe) == payload


@given(st.text(max_size=250))
def test_every_text_comes_back_as_written(text):
    safe = safe_text(text)
    assert not set("<>`${}\\\"'") & set(safe)
    assert html.unescape(safe) == html.unescape(html.escape(text))


def test_missing_values_are_blank_and_long_text_is_cut():
    assert safe_text(None) == safe_text(float("nan")) == ""
    assert safe_text("x" * 500) == "x" * 299 + "…"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_script_json_cannot_end_the_script(payload):
    assert not set("<>&") & set(script_json({"text": payload}))

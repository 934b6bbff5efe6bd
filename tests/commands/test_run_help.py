"""`run --help` and `run METHOD --help`: all that the methods say of themselves."""

from __future__ import annotations

import pytest

from analysis import METHODS
from layers.settings import settings


def words(text):
    """The text without its line breaks, which the width of the help puts anywhere."""
    return " ".join(text.split())


def test_the_methods_are_listed(cli):
    said = cli("run", "--help")
    assert said.code == 0
    for method in METHODS:
        assert words(f"{method.id} {method.label}. {method.question}") in words(said.out)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_a_method_tells_its_layers_and_parameters(cli, method):
    said = cli("run", method.id, "--help")
    assert said.code == 0
    text = words(said.out)
    assert method.question in text
    for role in method.roles:
        needed = "optional" if role.optional else "required"
        assert f"{role.name} {role.label}: a layer of kind {' or '.join(role.kinds) or 'any'}; {needed}." in text
    for control in method.controls(settings()):
        assert words(f"{control.name} {control.label}: {control.takes}; default ") in text
        assert words(control.help) in text
    for limit in method.limits:
        assert words(limit) in text
    assert "--input ROLE=LAYER[@VERSION]" in text


def test_bounds_units_and_defaults_stand_there(cli):
    text = words(cli("run", "risk", "--help").out)
    assert "radius_km Radius: a number from 0.1 to 500 km; default 5 km." in text
    assert "window_days Incidents of the last: a whole number from 1 to 36500 days, or the word all; default 90" in text
    assert "include_qips Count quick-impact projects: yes or no; default no." in words(
        cli("run", "coverage", "--help").out
    )


def test_an_unknown_method_gets_the_list(cli):
    assert METHODS[0].question in words(cli("run", "divination", "--help").out)

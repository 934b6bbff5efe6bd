"""What every analysis keeps to. A new one is checked by being in `METHODS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest

from analysis import METHODS
from analysis.method import Method, run_method
from analysis.parameters import parse
from layers.dataset import Dataset
from layers.errors import MixedWorlds, WrongParameter
from layers.kinds import KIND_BY_ID, KINDS
from layers.settings import Settings

ALL_METHODS = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
UNITS = {"_km": "km", "_days": "days", "_m": "m"}
TODAY = date(2026, 11, 12)


def kind_for(kinds: tuple[str, ...]) -> Any:
    return KIND_BY_ID[kinds[0]] if kinds else KINDS[0]


@pytest.fixture
def ask(dataset_of: Callable[..., Dataset]) -> Callable[..., Any]:
    """``ask(method, **values)`` runs it on one small layer for each role."""

    def run(method: Method, inputs: dict[str, Dataset] | None = None, /, **values: Any) -> Any:
        given = inputs if inputs is not None else {role.name: dataset_of(kind_for(role.kinds)) for role in method.roles}
        return run_method(method, given, values, as_of=TODAY, settings=Settings(), today=TODAY)

    return run


def test_ids_are_unique() -> None:
    assert len({method.id for method in METHODS}) == len(METHODS)


@ALL_METHODS
def test_it_says_what_it_asks_and_where_it_ends(method: Method) -> None:
    assert method.label
    assert method.question.endswith("?")
    assert method.limits, "say what the answer does not tell"
    assert method.references, "say where the formula comes from"


@ALL_METHODS
def test_roles_name_kinds_that_exist(method: Method) -> None:
    names = [role.name for role in method.roles]
    assert names
    assert len(set(names)) == len(names)
    assert any(not role.optional for role in method.roles)
    for role in method.roles:
        assert role.label
        assert set(role.kinds) <= set(KIND_BY_ID)


@ALL_METHODS
def test_parameters_are_frozen_labelled_and_bounded(method: Method) -> None:
    assert is_dataclass(method.parameters)
    assert method.parameters.__dataclass_params__.frozen
    for control in method.controls(Settings()):
        assert control.label, control.name
        if control.type in ("number", "integer"):
            assert control.minimum is not None, f"{control.name} has no least value"
            assert control.maximum is not None, f"{control.name} has no greatest value"
            assert control.minimum < control.maximum
        if control.type == "choice":
            assert control.choices
        for ending, unit in UNITS.items():
            if control.name.endswith(ending):
                assert control.unit == unit


@ALL_METHODS
def test_defaults_are_accepted(method: Method) -> None:
    defaults = {c.name: c.default for c in method.controls(Settings())}
    parsed = parse(method.id, method.parameters, defaults)
    assert {f.name for f in fields(parsed)} == set(defaults)


@ALL_METHODS
def test_an_unknown_parameter_is_refused_by_name(method: Method, ask: Callable[..., Any]) -> None:
    with pytest.raises(WrongParameter, match="no_such_parameter") as refused:
        ask(method, no_such_parameter=1)
    assert all(c.name in refused.value.expected for c in method.controls(Settings()))


@ALL_METHODS
def test_what_is_out_of_bounds_is_refused_by_name(method: Method, ask: Callable[..., Any]) -> None:
    for control in method.controls(Settings()):
        wrong = {"number": ("-1", "nan", "much"), "integer": ("-1", "1.5", "1e99")}.get(
            control.type, ("no such value",)
        )
        for value in wrong:
            with pytest.raises(WrongParameter, match=control.name):
                ask(method, **{control.name: value})


@ALL_METHODS
def test_a_missing_layer_an_unknown_role_and_a_wrong_kind_are_refused(
    method: Method, ask: Callable[..., Any], dataset_of: Callable[..., Dataset]
) -> None:
    whole = {role.name: dataset_of(kind_for(role.kinds)) for role in method.roles}
    with pytest.raises(WrongParameter, match="no_such_role"):
        ask(method, whole | {"no_such_role": next(iter(whole.values()))})
    for role in method.roles:
        if not role.optional:
            without = {name: dataset for name, dataset in whole.items() if name != role.name}
            with pytest.raises(WrongParameter, match=role.name):
                ask(method, without)
        if role.kinds:
            other = next(kind for kind in KINDS if kind.id not in role.kinds)
            with pytest.raises(WrongParameter, match=role.name):
                ask(method, whole | {role.name: dataset_of(other)})


@ALL_METHODS
def test_exercise_and_real_never_meet(
    method: Method, ask: Callable[..., Any], dataset_of: Callable[..., Dataset]
) -> None:
    if len(method.roles) < 2:
        pytest.skip("takes one layer only")
    mixed = {
        role.name: dataset_of(kind_for(role.kinds), exercise=number == 0) for number, role in enumerate(method.roles)
    }
    with pytest.raises(MixedWorlds) as refused:
        ask(method, mixed)
    assert all(d.layer in refused.value.found for d in mixed.values())

"""The controls of an analysis: they follow from its Method."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analysis.admin import SECTOR
from analysis.method import Method, Role
from analysis.parameters import ALL, Control
from dashboard import cache
from dashboard.components.page import Page
from dashboard.view import LayerQuery, Question
from layers.settings import settings
from store import LayerInfo

COMMON_DAYS = (7, 30, 90, 180, 365)
NO_LAYER = "none"
WHOLE = ("areas", "sectors")  # roles whose layers no filter cuts
MOST_IN_ROW = 7


def question(
    method: Method, page: Page, opening: Mapping[str, str] | None = None, *, first: tuple[str, ...] = ()
) -> Question | None:
    """Draw the controls and return what they ask; None (and said) when a layer is missing.

    Parameters
    ----------
    opening : mapping, optional
        Parameters that this page opens on in place of the method's defaults.
    first : tuple of str
        Parameters in the row; the others, and the choices of layers, stand behind a button.
        Without it as many as fit are in the row.
    """
    candidates = {role.name: _candidates(role, page) for role in method.roles}
    missing = [role.label.lower() for role in method.roles if not candidates[role.name] and not role.optional]
    if missing:
        st.info(f"Nothing to analyse: no layer for {' and '.join(missing)} is loaded. Open Layers and drop a file.")
        return None
    several = [role for role in method.roles if len(candidates[role.name]) > 1]
    slots = _slots([r.name for r in several] + [c.name for c in method.controls(settings())], first)
    inputs = {}
    for role in method.roles:
        found = candidates[role.name]
        if role in several:
            with slots[role.name]:
                info = _layer_choice(method, role, found)
        else:
            info = found[0] if found else None
        if info is not None:
            around = role is not method.roles[0]
            inputs[role.name] = cache.query(info) if role.name in WHOLE else page.asked(info, around=around)
    return Question(method.id, inputs, _values(method, inputs, slots, opening or {}), page.as_of)


def _candidates(role: Role, page: Page) -> list[LayerInfo]:
    """The layers that may take a role; mission sectors are those of the admin areas that hold any."""
    found = page.of_kind(*role.kinds) if role.kinds else page.infos
    return [i for i in found if SECTOR in cache.choices(i, "admin_level")[0]] if role.name == "sectors" else found


def _slots(names: list[str], first: tuple[str, ...]) -> dict[str, st.delta_generator.DeltaGenerator]:
    """A place for each control: in one row as many as fit, the rest behind a button at its end."""
    if not names:
        return {}
    row = [name for name in names if name in first] or names[:MOST_IN_ROW]
    behind = [name for name in names if name not in row]
    columns = st.columns([1.0] * len(row) + ([0.6] if behind else []), vertical_alignment="bottom")
    slots = dict(zip(row, columns, strict=False))
    if behind:
        with columns[-1], st.popover("More", icon=":material/tune:", width="stretch"):
            halves = st.columns(2)
            slots |= {name: halves[i % 2].container() for i, name in enumerate(behind)}
    return slots


def _values(
    method: Method,
    inputs: Mapping[str, LayerQuery],
    slots: Mapping[str, st.delta_generator.DeltaGenerator],
    opening: Mapping[str, str],
) -> dict[str, str]:
    """Choices first: the defaults of the other parameters may follow from them."""
    plain = {c.name: c.default for c in method.controls(settings())}
    data = {role: cache.filtered(asked) for role, asked in inputs.items()}
    values: dict[str, str] = {}
    for control in sorted(method.controls(settings()), key=lambda c: c.type != "choice"):
        default = method.defaults(values, settings(), data).get(
            control.name, opening.get(control.name, control.default)
        )
        follows = default != plain[control.name] and control.type != "choice"
        key = f"{method.id}.{control.name}" + (f".{default:g}" if follows else "")
        with slots[control.name]:
            values[control.name] = _control(control, default, key)
    return values


def _layer_choice(method: Method, role: Role, candidates: list[LayerInfo]) -> LayerInfo | None:
    """A layer for a role. Areas open on the finest division; other optional roles on the first layer."""
    names = [i.layer for i in candidates]
    options = [NO_LAYER, *names] if role.optional else names
    opening = max(candidates, key=lambda i: i.rows).layer if role.name == "areas" else names[0]
    picked = st.selectbox(
        role.label, options, index=options.index(opening), key=f"{method.id}.{role.name}", bind="query-params"
    )
    return next((i for i in candidates if i.layer == picked), None)


def _control(control: Control, default: object, key: str) -> str:
    label = f"{control.label}, {control.unit}" if control.unit else control.label
    if control.type == "choice":
        labels = {c.value: c.label for c in control.choices}
        options = list(labels)
        return str(
            st.selectbox(
                label,
                options,
                index=options.index(str(default)),
                key=key,
                bind="query-params",
                format_func=lambda value: labels.get(value, value),
                help=control.help or None,
            )
        )
    if control.type == "flag":
        on = st.toggle(label, value=bool(default), key=key, bind="query-params", help=control.help or None)
        return "true" if on else "false"
    if control.type == "text":
        return str(st.text_input(label, value=str(default), key=key, bind="query-params", help=control.help or None))
    if control.allow_all:
        days = sorted({*COMMON_DAYS, *([int(str(default))] if default is not None else [])})
        options = [*map(str, days), ALL]
        opening = ALL if default is None else str(default)
        return str(
            st.selectbox(
                label,
                options,
                index=options.index(opening),
                key=key,
                bind="query-params",
                help=control.help or None,
                accept_new_options=True,
            )
        )
    if control.several:
        opening = f"{default:g}" if isinstance(default, int | float) else str(default)
        text = st.text_input(label, value=opening, key=key, bind="query-params", help=control.help or None)
        return str(text or opening)
    return _number(control, float(str(default)), label, key)


def _number(control: Control, default: float, label: str, key: str) -> str:
    kind = int if control.type == "integer" else float
    value = st.number_input(
        label, value=kind(default), key=key, bind="query-params", help=control.help or None, step=kind(1),
        min_value=None if control.minimum is None else kind(control.minimum),
        max_value=None if control.maximum is None else kind(control.maximum),
        format="%d" if kind is int else "%g",
    )  # fmt: skip
    return str(default if value is None else value)

"""Parameters of analyses: declared once, parsed from text, refused by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal

from layers.errors import WrongParameter
from layers.kind import Choice, normalise

ControlType = Literal["number", "integer", "choice", "flag", "text"]
ALL = "all"
LONGEST_TEXT = 200
TRUE = frozenset({"true", "yes", "1", "on"})
FALSE = frozenset({"false", "no", "0", "off"})


@dataclass(frozen=True)
class Control:
    """One parameter as a page draws it.

    Attributes
    ----------
    default : Any
        None stands for the word ``all``.
    type : str
        A text is checked by the method itself.
    minimum, maximum : float or None
        Inclusive.
    allow_all : bool
        Whether the word ``all`` is taken in place of a number.
    several : bool
        Whether several numbers are taken, as ``5, 10, 25``: a tuple of them, growing; one
        alone stays a number.
    """

    name: str
    type: ControlType
    label: str
    default: Any
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Choice, ...] = ()
    help: str = ""
    allow_all: bool = False
    several: bool = False

    @property
    def takes(self) -> str:
        """What it takes, in words: for refusals and for help."""
        if self.type == "choice":
            return f"one of {', '.join(choice.value for choice in self.choices)}"
        if self.type == "flag":
            return "yes or no"
        if self.type == "text":
            return "text"
        number = "a whole number" if self.type == "integer" else "a number"
        if self.minimum is not None and self.maximum is not None:
            number += f" from {self.minimum:g} to {self.maximum:g}"
        return " ".join(filter(None, [number, self.unit])) + (", or the word all" if self.allow_all else "")


def parameter(
    default: Any,
    *,
    label: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[Choice, ...] = (),
    help: str = "",
    allow_all: bool = False,
    several: bool = False,
) -> Any:
    """A field of a parameter dataclass, with all that page and command line need."""
    control_type: ControlType
    if choices:
        control_type = "choice"
    elif isinstance(default, bool):
        control_type = "flag"
    elif isinstance(default, str):
        control_type = "text"
    else:
        control_type = "integer" if isinstance(default, int) else "number"
    facts = {
        "type": control_type,
        "label": label,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "help": help,
        "allow_all": allow_all,
        "several": several,
    }
    return field(default=default, metadata=facts)


def controls_of(parameters: type, defaults: Mapping[str, Any]) -> tuple[Control, ...]:
    """The parameters of a dataclass made with `parameter`; `defaults` win over its own."""
    return tuple(
        Control(
            name=f.name,
            default=defaults.get(f.name, None if f.default is MISSING else f.default),
            **f.metadata,
        )
        for f in fields(parameters)
    )


def parse(where: str, parameters: type, values: Mapping[str, Any]) -> Any:
    """An instance of `parameters` from text or typed values.

    Raises
    ------
    WrongParameter
        Naming the parameter, what was found and what is taken.
    """
    controls = {c.name: c for c in controls_of(parameters, {})}
    for name in values:
        if name not in controls:
            raise WrongParameter(
                f"{where}, parameter", f'"{name}"', f"one of {', '.join(controls)}", "Correct the name."
            )
    return parameters(**{name: _value(where, controls[name], value) for name, value in values.items()})


def _value(where: str, control: Control, value: Any) -> Any:
    if control.type == "choice":
        return _choice(where, control, value)
    if control.type == "flag":
        return _flag(where, control, value)
    if control.type == "text":
        return _text(where, control, value)
    if control.allow_all and (value is None or str(value).strip().casefold() == ALL):
        return None
    if control.several:
        return _numbers(where, control, value)
    return _number(where, control, value)


def _refuse(where: str, control: Control, value: Any) -> WrongParameter:
    return WrongParameter(f"{where}, {control.name}", f'"{value}"', control.takes, f"Correct {control.name}.")


def _choice(where: str, control: Control, value: Any) -> str:
    spelled = normalise(str(value))
    for choice in control.choices:
        if spelled in {normalise(s) for s in (choice.value, choice.label, *choice.aliases)}:
            return choice.value
    raise _refuse(where, control, value)


def _flag(where: str, control: Control, value: Any) -> bool:
    text = str(value).strip().casefold()
    if text in TRUE | FALSE:
        return text in TRUE
    raise _refuse(where, control, value)


def _text(where: str, control: Control, value: Any) -> str:
    text = str(value).strip()
    if len(text) > LONGEST_TEXT:
        found = f'"{text[:40]}..." of {len(text):,} characters'
        raise WrongParameter(
            f"{where}, {control.name}", found, f"at most {LONGEST_TEXT} characters", f"Shorten {control.name}."
        )
    return text


def _numbers(where: str, control: Control, value: Any) -> float | tuple[float, ...]:
    given = value if isinstance(value, list | tuple) else str(value).split(",")
    numbers = sorted({_number(where, control, part) for part in given or [value]})
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


def _number(where: str, control: Control, value: Any) -> float | int:
    try:
        parsed = float(str(value).strip())
    except ValueError:
        raise _refuse(where, control, value) from None
    low = -math.inf if control.minimum is None else control.minimum
    high = math.inf if control.maximum is None else control.maximum
    if not (math.isfinite(parsed) and low <= parsed <= high):
        raise _refuse(where, control, value)
    if control.type == "integer":
        if parsed != int(parsed):
            raise _refuse(where, control, value)
        return int(parsed)
    return parsed

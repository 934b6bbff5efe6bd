"""What `run --help` and `run METHOD --help` say, taken from the methods themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from commands.output import cell

if TYPE_CHECKING:
    from analysis.method import Method, Role
    from analysis.parameters import Control

NAMED = "overlay.method_named"


class RunCommand(TyperCommand):
    """`run`, whose help lists the methods, or tells one of them where it is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Note the first word: help is asked for before the arguments are read."""
        ctx.meta[NAMED] = args[0] if args else ""
        return super().parse_args(ctx, args)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """The methods, or one of them; the options follow."""
        from analysis import METHODS

        super().format_help_text(ctx, formatter)
        for method in METHODS:
            if method.id == ctx.meta[NAMED]:
                _tell(method, formatter)
                return
        with formatter.section("Methods"):
            formatter.write_dl([(method.id, f"{method.label}. {method.question}") for method in METHODS])
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text("`run METHOD --help` shows the layers and parameters of a method.")


def _tell(method: Method, formatter: Any) -> None:
    from layers.settings import settings

    with formatter.section(method.label):
        formatter.write_text(method.question)
    with formatter.section("Layers, each as --input ROLE=LAYER"):
        formatter.write_dl([(role.name, _said_of_role(role)) for role in method.roles])
    with formatter.section("Parameters, each as --set PARAMETER=VALUE"):
        controls = [(control.name, _said_of(control)) for control in method.controls(settings())]
        formatter.write_dl(controls or [("-", "none")])
    if method.limits:
        with formatter.section("Limits"):
            formatter.write_dl([("-", limit) for limit in method.limits])


def _said_of_role(role: Role) -> str:
    needed = "optional" if role.optional else "required"
    return f"{role.label}: a layer of kind {' or '.join(role.kinds) or 'any'}; {needed}."


def _said_of(control: Control) -> str:
    blank = "all" if control.allow_all else "nothing"
    default = blank if control.default in (None, "") else cell(control.default)
    unit = f" {control.unit}" if control.unit and default != blank else ""
    return f"{control.label}: {control.takes}; default {default}{unit}. {control.help}".rstrip()

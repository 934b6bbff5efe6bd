"""Options that several commands take, and how their texts are read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from layers.errors import AccessDenied

if TYPE_CHECKING:
    from store import Access

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
User = Annotated[str | None, typer.Option("--as", metavar="USER", help="Apply this user's rights.")]


def check_user(user: str | None) -> None:
    """Refuse anybody but the operator: until there are accounts nobody else is known.

    Raises
    ------
    AccessDenied
        When another user is named.
    """
    from store.records import OPERATOR

    if user is not None and user != OPERATOR.name:
        raise AccessDenied(
            "--as",
            f'user "{user}", who is not known',
            f'"{OPERATOR.name}", the operator of this machine',
            "Leave --as away; accounts of other people come with sign-in.",
        )


def open_store(user: str | None) -> Access:
    """The store as this user may see it. Raises AccessDenied and StoreError."""
    import store

    check_user(user)
    return store.open(as_=store.OPERATOR)


def utf8(text: str | None) -> str | None:
    """Refuse bytes that are no UTF-8: the callback of options whose text is kept."""
    if text is not None and not _is_utf8(text):
        raise typer.BadParameter(f"found bytes that are no UTF-8 in {text!r}; expected text.")
    return text


def parse_moment(option: str, text: str | None) -> date | None:
    """A day (``2026-11-12``) or an instant in UTC (``2026-11-12T06:00``), from `FIRST` to `LAST`."""
    if text is None:
        return None
    try:
        moment = _moment(text)
    except ValueError:
        raise typer.BadParameter(f'found "{text}"; expected a day such as 2026-11-12.', param_hint=option) from None
    day = moment.date() if isinstance(moment, datetime) else moment
    if not FIRST <= day <= LAST:
        raise typer.BadParameter(f'found "{text}"; expected a day from {FIRST} to {LAST}.', param_hint=option)
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _moment(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def parse_day(option: str, text: str | None) -> date | None:
    """A day (``2026-11-12``)."""
    moment = parse_moment(option, text)
    if isinstance(moment, datetime):
        raise typer.BadParameter(f'found "{text}"; expected a day such as 2026-11-12.', param_hint=option)
    return moment


def parse_pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """``NAME=VALUE`` texts, each name once."""
    pairs: dict[str, str] = {}
    for name, value in _split(option, texts):
        if name in pairs:
            raise typer.BadParameter(f'"{name}" is given twice; expected once.', param_hint=option)
        pairs[name] = value
    return pairs


def parse_conditions(option: str, texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``FIELD=VALUE`` texts; a field given several times accepts any of its values."""
    conditions: dict[str, tuple[str, ...]] = {}
    for name, value in _split(option, texts):
        conditions[name] = (*conditions.get(name, ()), value)
    return conditions


def _split(option: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        if not _is_utf8(text):
            raise typer.BadParameter(f"found bytes that are no UTF-8 in {text!r}; expected text.", param_hint=option)
        name, equals, value = text.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise typer.BadParameter(f'found "{text}"; expected NAME=VALUE.', param_hint=option)
        pairs.append((name.strip(), value.strip()))
    return pairs


def _is_utf8(text: str) -> bool:
    """Whether no byte of the argument stood outside UTF-8; Python brings such in as surrogates."""
    return not any("\ud800" <= c <= "\udfff" for c in text)

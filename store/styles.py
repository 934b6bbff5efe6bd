"""Styles of layers in the catalogue: the last one of a layer holds, those before it are its history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from layers.kinds import kind_of
from layers.layer_style import parse_style
from store.audit import Audit, AuditRow, unlike_histories
from store.catalogue import Catalogue, info_of, row_of
from store.records import Damage
from store.tables import STYLES


@dataclass(frozen=True)
class Styles:
    """How layers are drawn for all, each choice with its audit row."""

    catalogue: Catalogue
    audit: Audit

    def keep(self, layer: str, style: str, *, by: str = "") -> None:
        """Have a layer drawn in a style from now on, in all its versions.

        Parameters
        ----------
        style : str
            As `layers.layer_style.LayerStyle.text` writes it; empty for the style of the kind.

        Raises
        ------
        UnknownLayer
            When there is no such layer.
        WrongParameter
            When a layer of that kind cannot be drawn so.
        """
        with self.catalogue.writing() as connection:
            info = info_of(row_of(connection, layer))
            parse_style(style, kind_of(info.kind))
            number = (connection.scalar(select(func.max(STYLES.c.number))) or 0) + 1
            told = {
                "layer": layer,
                "style": style,
                "by": by or self.audit.principal.name,
                "at": self.audit.clock().isoformat(),
            }
            connection.execute(insert(STYLES).values(number=number, **told))
            self.audit.add(
                connection,
                "style",
                by=told["by"],
                layer=layer,
                version=info.version,
                content_hash=info.content_hash,
                note=style or "as its kind",
                statements=told,
            )

    def in_force(self) -> dict[str, str]:
        """Layer -> its style, of those that are not drawn as their kind."""
        with self.catalogue.reading() as connection:
            last = {told["layer"]: told["style"] for told in styles_of(connection)}
        return {layer: style for layer, style in last.items() if style}


def styles_of(connection: Connection) -> list[dict[str, Any]]:
    """All styles that were ever kept, oldest first."""
    columns = (STYLES.c.layer, STYLES.c.style, STYLES.c.by, STYLES.c.at)
    return [dict(row) for row in connection.execute(select(*columns).order_by(STYLES.c.number)).mappings()]


def unlike_styled(rows: Iterable[AuditRow], styles: Iterable[dict[str, Any]]) -> list[Damage]:
    """Layers whose styles are not those that the audit tells of."""
    return unlike_histories(rows, "style", ((style["layer"], style) for style in styles), "styles")

"""Whose columns these are. A new source is a file beside this and its entry in `SOURCES`."""

from __future__ import annotations

from loaders.sources.cod_ab import COD_AB, PCODE_POINTS
from loaders.sources.hotosm import HOTOSM
from loaders.sources.ocha_3w import OCHA_3W
from loaders.sources.overlay import OVERLAY
from loaders.sources.source import Look, Prepared, Source
from loaders.sources.ucdp import UCDP

SOURCES: tuple[Source, ...] = (OVERLAY, UCDP, OCHA_3W, COD_AB, PCODE_POINTS, HOTOSM)

__all__ = ["SOURCES", "Look", "Prepared", "Source"]

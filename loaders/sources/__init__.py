"""Whose columns these are. A new source is a file beside this and its entry in `SOURCES`."""

from __future__ import annotations

from loaders.sources.acled import ACLED, ACLED_AGGREGATES, CAST
from loaders.sources.boundaries import COD_PS, GEOBOUNDARIES, GLOBAL_PCODES
from loaders.sources.cod_ab import COD_AB, PCODE_POINTS
from loaders.sources.dtm import DTM
from loaders.sources.dtm_master_list import DTM_MASTER_LIST
from loaders.sources.flee import FLEE_ARRIVALS, FLEE_LAYOUT, FLEE_LOCATIONS, FLEE_ROADS, FLEE_TOTAL
from loaders.sources.gdacs import GDACS
from loaders.sources.hapi import HAPI
from loaders.sources.hotosm import HOTOSM
from loaders.sources.hxl import HXL
from loaders.sources.image import IMAGE
from loaders.sources.insecurity_insight import INSECURITY_INSIGHT
from loaders.sources.kobo import KOBOTOOLBOX
from loaders.sources.ocha_3w import OCHA_3W
from loaders.sources.overlay import OVERLAY
from loaders.sources.sensors import COT, FIRMS, VIEWS
from loaders.sources.site_list import SITE_LIST
from loaders.sources.source import Look, Prepared, Reading, Source
from loaders.sources.ucdp import UCDP

SOURCES: tuple[Source, ...] = (
    OVERLAY,
    IMAGE,
    ACLED,
    ACLED_AGGREGATES,
    CAST,
    UCDP,
    DTM,
    DTM_MASTER_LIST,
    SITE_LIST,
    OCHA_3W,
    HAPI,
    COD_AB,
    PCODE_POINTS,
    GEOBOUNDARIES,
    GLOBAL_PCODES,
    COD_PS,
    INSECURITY_INSIGHT,
    GDACS,
    FIRMS,
    VIEWS,
    COT,
    KOBOTOOLBOX,
    FLEE_LOCATIONS,
    FLEE_ROADS,
    FLEE_ARRIVALS,
    FLEE_TOTAL,
    FLEE_LAYOUT,
    HOTOSM,
    HXL,
)
SOURCE_BY_ID = {source.id: source for source in SOURCES}

__all__ = ["SOURCES", "SOURCE_BY_ID", "Look", "Prepared", "Reading", "Source"]

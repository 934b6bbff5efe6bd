"""Files that came in and are not published yet."""

from __future__ import annotations

import geopandas as gpd

from dashboard import features
from dashboard.cache.door import access
from dashboard.cache.keeping import kept
from dashboard.pictures import picture_of
from dashboard.view import DraftQuery, from_text
from layers.errors import LoadError
from layers.kinds import kind_of
from loaders import ingest
from loaders.draft import Draft
from loaders.kept import SUMMARY, KeptReview, kept_review


def draft_query(draft: Draft, kept: KeptReview) -> DraftQuery:
    """The review of a draft as it lies on disk: made anew, it is another question."""
    return DraftQuery(draft.id, str((kept.folder / SUMMARY).stat().st_mtime_ns))


def reviewed(asked: DraftQuery) -> KeptReview:
    """The review that was asked for.

    Raises
    ------
    LoadError
        When the draft is gone, or was checked anew since.
    """
    draft = ingest.load_draft(access(), asked.draft)
    found = kept_review(draft, access())
    if found is None or draft_query(draft, found) != asked:
        raise LoadError(
            draft.shown, "another check than the page was made from", "the last one", "Open the page Layers again."
        )
    return found


def draft_preview(asked: DraftQuery) -> gpd.GeoDataFrame:
    """Some of the records of a draft, to be drawn; never assign into it."""
    return reviewed(asked).preview()


def drawn_draft(query_text: str) -> bytes:
    """The same as the browser draws them."""
    reviewed(from_text(DraftQuery, query_text))
    return _drawn_draft(query_text)


@kept("drawn")
def _drawn_draft(query_text: str) -> bytes:
    found = reviewed(from_text(DraftQuery, query_text))
    return features.drawn_rows(found.preview(), kind_of(found.kind), "")


def draft_picture(query_text: str, record: str) -> bytes:
    """The picture of one image that is not published yet: PNG or WebP."""
    found = reviewed(from_text(DraftQuery, query_text))
    return picture_of(found.preview(), kind_of(found.kind), record)

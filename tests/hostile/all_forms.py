"""Every hostile form there is."""

from __future__ import annotations

from tests.hostile import archives, binaries, databases, documents, markup, payloads, pointers, workbooks
from tests.hostile.form import Form


def every_form() -> list[Form]:
    """All forms, by family; no two of a family have the same file."""
    return [
        *pointers.forms(),
        *archives.forms(),
        *documents.forms(),
        *markup.forms(),
        *databases.forms(),
        *workbooks.forms(),
        *binaries.forms(),
        *payloads.forms(),
    ]

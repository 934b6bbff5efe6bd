"""The one error boundary: what went wrong in words, never a traceback."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from dashboard.components import look
from layers.errors import OverlayError

P = ParamSpec("P")
LOG = logging.getLogger("overlay")


def in_words(part: Callable[P, None]) -> Callable[P, None]:
    """A part of a page that says what went wrong, and leaves the rest standing.

    Fragments need it each: when one runs alone, the page around it does not.
    """

    @wraps(part)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            part(*args, **kwargs)
        except OverlayError as error:
            look.error(error)
        except Exception:
            reference = secrets.token_hex(3)
            LOG.exception("page failed, reference %s", reference)
            look.failure(reference)

    return guarded

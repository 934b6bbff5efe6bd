"""Pure functions on Datasets: no reading, no writing, no clock of their own.

A new analysis is a file beside this with its `Method`, and its name in `METHODS`.
"""

from __future__ import annotations

from analysis.buffers import BUFFERS
from analysis.corridors import CORRIDOR
from analysis.coverage import COVERAGE
from analysis.method import Method
from analysis.movements import FLOWS
from analysis.risk import RISK
from analysis.site_changes import SITES
from analysis.siting import SITING
from layers.errors import WrongParameter

METHODS: tuple[Method, ...] = (RISK, COVERAGE, SITING, BUFFERS, CORRIDOR, SITES, FLOWS)


def method_of(method_id: str) -> Method:
    """The method with this id.

    Raises
    ------
    WrongParameter
        When there is none.
    """
    for method in METHODS:
        if method.id == method_id:
            return method
    known = ", ".join(m.id for m in METHODS)
    raise WrongParameter("method", f'"{method_id}"', f"one of {known}", "Choose one of these.")

"""What the Picture page asks: of the largest layer of each kind, and it says which."""

from __future__ import annotations

from dashboard import cache
from dashboard.components import risk_panel
from dashboard.components.page import Page
from dashboard.view import Question
from layers.dataset import Dataset
from layers.settings import settings
from layers.times import date_time_group
from store import LayerInfo


def first(page: Page, kind: str) -> tuple[LayerInfo, Dataset] | None:
    """The largest layer of a kind, filtered as an analysis takes it."""
    infos = page.of_kind(kind)
    return (infos[0], cache.filtered(page.asked(infos[0]))) if infos else None


def risk_question(page: Page) -> Question | None:
    """Risk in the planning horizon of this page."""
    roles = {"activities": "projects", "incidents": "incidents"}
    values = {"horizon_days": str(settings().picture_horizon_days), **risk_panel.opening(page)}
    return _question(page, "risk", roles, {"risks": "security_risks"}, values)


def coverage_question(page: Page) -> Question | None:
    """Health coverage of the IDP sites."""
    return _question(page, "coverage", {"demand": "idp_sites", "services": "projects"}, {}, {"sector": "HEA"})


def _question(
    page: Page, method: str, roles: dict[str, str], optional: dict[str, str], values: dict[str, str]
) -> Question | None:
    """Ask of the first layer of each kind; None where a needed one is missing or filtered empty."""
    first_of = {role: next(iter(page.of_kind(kind)), None) for role, kind in {**roles, **optional}.items()}
    subject = next(iter(roles))
    inputs = {role: page.asked(info, around=role != subject) for role, info in first_of.items() if info is not None}
    if any(role not in inputs or not len(cache.filtered(inputs[role])) for role in roles):
        return None
    return Question(method, inputs, values, page.as_of)


def about(page: Page, *kinds: str) -> str:
    """Layer, source and as-of behind a figure, and how many more layers of that kind there are."""
    parts = []
    for kind in kinds:
        infos = page.of_kind(kind)
        if infos:
            info = infos[0]
            others = f", the largest of {len(infos)} layers" if len(infos) > 1 else ""
            as_of = date_time_group(info.as_of, settings().theatre_timezone)
            parts.append(f"{info.layer}{others}: {info.source}, as of {as_of}")
    return " · ".join(parts)


def several(page: Page, *kinds: str) -> str:
    """Said on the tile itself where a kind has several layers: which one it speaks of."""
    named = [page.of_kind(kind)[0].layer for kind in kinds if len(page.of_kind(kind)) > 1]
    return f" · {', '.join(named)} only" if named else ""

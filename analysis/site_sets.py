"""Several layers of sites as one set: each site by its own latest list, never more than one figure a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.method import Result
from analysis.site_changes import STATES


@dataclass(frozen=True)
class SiteSet:
    """The answers of `SITES` for several layers, laid together.

    Attributes
    ----------
    rows : DataFrame
        One row a site, the largest first, with the ``layer`` that it is of.
    days : DataFrame
        ``day``, ``part``, ``people``: of each site (of each layer, where it has several) the
        latest figure on every day on which any of them has one. Before its first there is none.
    sites : dict of str to int
        State -> number.
    people : int
        Present, each by its own latest list.
    change, changed : int
        Sum of what each list changed since its own list before, and over how many layers.
    first, last : date or None
        Of the days of the latest lists.
    """

    rows: pd.DataFrame
    days: pd.DataFrame
    sites: dict[str, int]
    people: int
    change: int | None
    changed: int
    not_assessed_people: int
    first: date | None
    last: date | None


def together(results: Sequence[Result]) -> SiteSet:
    """The layers as one; a site that two of them list stands in both."""
    parts = [r.rows.assign(layer=r.inputs["sites"]["layer"]) for r in results]
    rows = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    size = rows["people"].fillna(rows["last_known_people"]).fillna(-1)
    rows = rows.loc[rows.assign(_size=size).sort_values(["_size", "id"], ascending=[False, True], kind="stable").index]
    said = [r.summary for r in results]
    changes = [s["change"] for s in said if s["change"] is not None]
    days = [date.fromisoformat(s["assessed_on"]) for s in said if s["assessed_on"]]
    return SiteSet(
        rows=rows.reset_index(drop=True),
        days=_days(results),
        sites={state: sum(s["sites"][state] for s in said) for state in STATES},
        people=sum(s["people"] for s in said),
        change=sum(changes) if changes else None,
        changed=len(changes),
        not_assessed_people=sum(s["last_known_people_not_assessed"] for s in said),
        first=min(days, default=None),
        last=max(days, default=None),
    )


def _days(results: Sequence[Result]) -> pd.DataFrame:
    columns = {}
    for result in results:
        rounds = result.shapes["rounds"].dropna(subset="assessed_on")
        names = result.rows["name"].dropna().unique()
        part = str(names[0]) if len(names) == 1 else result.inputs["sites"]["layer"]
        part = f"{part} ({result.inputs['sites']['layer']})" if part in columns else part
        columns[part] = rounds.groupby("assessed_on")["people"].last()
    table = pd.DataFrame(columns).sort_index().ffill()
    table.index.name, table.columns.name = "day", "part"
    return table.stack().dropna().rename("people").astype("int64").reset_index()

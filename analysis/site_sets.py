"""Several layers of sites as one set: each site by its own latest list, never more than one figure a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.method import Result
from analysis.proximity import Floats
from analysis.site_changes import STATES


@dataclass(frozen=True)
class SiteSet:
    """The answers of `SITES` for several layers, laid together.

    Attributes
    ----------
    rows : DataFrame
        One row a site, the largest first, with the ``layer`` that it is of: where several list
        it, the one whose list is the latest.
    days : DataFrame
        ``day``, ``part``, ``people``: of each site (of each layer, where it has several) the
        latest figure on every day on which any of them has one. Before its first there is none.
    sites : dict of str to int
        State -> number.
    shared : int
        Sites that stood in more than one layer; each counts once.
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
    shared: int
    people: int
    change: int | None
    changed: int
    not_assessed_people: int
    first: date | None
    last: date | None


def together(results: Sequence[Result]) -> SiteSet:
    """The layers as one; a site that several list, by its `site_id`, has the figure of the latest list."""
    parts = [pd.DataFrame(r.rows).assign(layer=r.inputs["sites"]["layer"]) for r in results]
    listed = pd.concat(parts, ignore_index=True)
    rows = _once(listed)
    unknown = rows["state"].isin(["not_assessed", "not_listed"])
    counts = rows["state"].value_counts()
    changed = rows[rows["change"].notna()]
    days = [date.fromisoformat(r.summary["assessed_on"]) for r in results if r.summary["assessed_on"]]
    return SiteSet(
        rows=rows,
        days=_days(results),
        sites={state: int(counts.get(state, 0)) for state in STATES},
        shared=int((_site(listed).value_counts() > 1).sum()),
        people=int(rows["people"].sum()),
        change=int(changed["change"].sum()) if len(changed) else None,
        changed=int(changed["layer"].nunique()),
        not_assessed_people=int(rows.loc[unknown, "last_known_people"].sum()),
        first=min(days, default=None),
        last=max(days, default=None),
    )


def _site(rows: pd.DataFrame) -> pd.Series:
    """What tells sites apart across layers: their `site_id`, else the row of its layer."""
    return rows["site_id"].fillna(rows["layer"] + "/" + rows["id"])


def _once(listed: pd.DataFrame) -> pd.DataFrame:
    """One row a site, of the latest list that has it; the largest first."""
    order = listed.assign(_there=listed["state"] != "not_listed", _site=_site(listed))
    latest = order.sort_values(["_there", "listed_on"], ascending=False, kind="stable").drop_duplicates("_site")
    size = latest["people"].fillna(latest["last_known_people"]).fillna(-1)
    rows = latest.assign(_size=size).sort_values(["_size", "id"], ascending=[False, True], kind="stable")
    return rows.drop(columns=["_there", "_site", "_size"]).reset_index(drop=True)


def _days(results: Sequence[Result]) -> pd.DataFrame:
    columns = {}
    for result in results:
        rounds = result.shapes["rounds"].dropna(subset="assessed_on")
        names = result.rows["name"].dropna().unique()
        part = str(names[0]) if len(names) == 1 else result.inputs["sites"]["layer"]
        part = f"{part} ({result.inputs['sites']['layer']})" if part in columns else part
        columns[part] = rounds.groupby("assessed_on")["people"].last()
    table = pd.DataFrame(columns).sort_index().ffill()
    table -= _counted_elsewhere(results, pd.DatetimeIndex(table.index))
    table.index.name, table.columns.name = "day", "part"
    return table.stack().dropna().rename("people").astype("int64").reset_index()


def _counted_elsewhere(results: Sequence[Result], days: pd.DatetimeIndex) -> Floats:
    """People of each layer (columns) on each day (rows) at sites that a later list of another layer has."""
    figures = [r.shapes["figures"].assign(layer=r.inputs["sites"]["layer"]).dropna(subset="listed_on") for r in results]
    named = [pd.DataFrame(f).assign(site=_site(f)) for f in figures]
    layers_of = pd.concat([pd.Series(f["site"].unique()) for f in named]).value_counts()
    shared = layers_of.index[layers_of > 1]
    people, listed = (np.zeros((len(results), len(days), len(shared))) for _ in range(2))
    for number, own in enumerate(named):
        if own["site"].isin(shared).any():
            people[number], listed[number] = _on_each_day(own, days, shared)
    latest = listed.argmax(axis=0) if len(shared) else listed[0]
    lost = np.where(np.arange(len(results))[:, None, None] == latest, 0, people)
    return np.asarray(lost.sum(axis=2).T, dtype=float)


def _on_each_day(own: pd.DataFrame, days: pd.DatetimeIndex, shared: pd.Index) -> tuple[Floats, Floats]:
    """People at each site (columns) by the latest round of a layer, and the day of that round; 0 where it has none."""
    rounds = own.groupby("listed_on")["round"].last()
    own = own[own["round"].isin(rounds) & own["site"].isin(shared)]
    own = own.drop_duplicates(["listed_on", "site"], keep="last")
    figures = own.assign(people=own["people"].fillna(0).astype(float)).pivot(
        index="listed_on", columns="site", values="people"
    )
    at = figures.reindex(index=rounds.index, columns=shared).reindex(days, method="ffill")
    day = pd.Series(np.arange(len(days), dtype=float) + 1, index=days).reindex(rounds.index)
    since = day.reindex(days, method="ffill").to_numpy()[:, None]
    return at.fillna(0).to_numpy(), np.where(at.notna(), since, 0)

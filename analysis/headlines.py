"""The figures of the Picture page, as data: pure functions of Datasets and a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.demand import IDP, is_of_group
from analysis.incident_counts import is_violent
from layers.dataset import Dataset
from layers.kinds.incidents import VICTIM_GROUP
from layers.road_states import with_states
from layers.rounds import in_round_order, same_site_twice
from layers.settings import Settings
from layers.times import age_days

NEW_SITE_PEOPLE = 100
"""A new site of fewer people is no line of its own. Proposal (decisions.md, Defaults)."""
# Known to a week or coarser: nobody can say that it is new since yesterday.
COARSER_THAN_DAY = ("week", "month", "year")
SERIOUS_VICTIMS = ("civilian", "un", "aid")
VICTIM_LABEL = {c.value: c.label for c in VICTIM_GROUP}


@dataclass(frozen=True)
class SeriousIncidents:
    """Violent incidents with civilian, UN or aid victims, or deaths.

    Attributes
    ----------
    by_victims : dict
        Label of the victim group -> number; "Not stated" where it is not.
    ids : tuple of str
        Newest first.
    """

    number: int
    by_victims: dict[str, int]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class SiteChange:
    """One site between its round before and the latest round; people may be unknown."""

    site_id: str
    name: str
    before: int | None
    now: int | None
    last_known_round: str | None


@dataclass(frozen=True)
class Displacement:
    """Change of people between the last two rounds, over sites assessed in both.

    Attributes
    ----------
    latest_round, round_before : str or None
        None where the layer has fewer rounds.
    assessed_on : date or None
        Last day on which the latest round was assessed.
    change : int or None
        People, like for like; None where no site was assessed in both.
    before : int
        People of those sites in the round before.
    sites_assessed, sites : int
        Assessed in the latest round, of those not closed.
    same_site_twice : int
        Rows of these two rounds that do not count: a later row speaks of the same site and round.
    compared : tuple of SiteChange
        Largest change first.
    not_assessed : tuple of SiteChange
        Known in the round before, not assessed in the latest: neither zero nor closed.
    new : tuple of SiteChange
        Assessed in the latest round and in none before.
    """

    latest_round: str | None
    round_before: str | None
    assessed_on: date | None
    change: int | None
    before: int
    sites_assessed: int
    sites: int
    same_site_twice: int
    compared: tuple[SiteChange, ...]
    not_assessed: tuple[SiteChange, ...]
    new: tuple[SiteChange, ...]


@dataclass(frozen=True)
class Access:
    """Roads and bridges, by state."""

    closed: int
    restricted: int
    not_stated: int
    closed_names: tuple[str, ...]
    closed_ids: tuple[str, ...]


@dataclass(frozen=True)
class LayerHealth:
    """Age of one layer against what its kind allows."""

    layer: str
    kind: str
    age_days: float
    stale_after_days: float | None
    stale: bool


@dataclass(frozen=True)
class Change:
    """One line of "what changed"; kind and id select it on the map."""

    text: str
    kind: str
    id: str


def serious_incidents(incidents: Dataset, since: datetime, until: datetime) -> SeriousIncidents:
    """Serious incidents after `since` and not after `until` (both in UTC).

    An incident counts if any part of its span lies in the period, where days are known the
    whole of them; discounted ones never count.
    """
    frame = _serious(incidents.frame, since, until)
    groups = frame["victim_group"].map(VICTIM_LABEL).fillna("Not stated")
    counts = groups.value_counts()
    ordered = {label: int(counts[label]) for label in (*VICTIM_LABEL.values(), "Not stated") if label in counts}
    newest = frame.sort_values(["occurred_at", "id"], ascending=[False, True], kind="stable")
    return SeriousIncidents(len(frame), ordered, tuple(newest["id"]))


def recent(frame: gpd.GeoDataFrame, since: datetime) -> gpd.GeoDataFrame:
    """Incidents that can have been after a moment (in UTC): what ended a day or more before it is left out."""
    late = (frame["occurred_at"] > pd.Timestamp(since - timedelta(days=1))) | frame["ended_at"].notna()
    return frame[late.fillna(False).to_numpy(dtype=bool)]


def _serious(frame: gpd.GeoDataFrame, since: datetime, until: datetime) -> gpd.GeoDataFrame:
    frame = recent(frame, since)  # few: what follows looks at them alone
    exact = (frame["time_precision"] == "moment").fillna(False)
    starts = frame["occurred_at"]
    ends = frame["ended_at"].fillna(starts)
    lasts = ends.where(exact, ends + timedelta(days=1) - timedelta(microseconds=1))
    in_time = (starts <= pd.Timestamp(until)) & (lasts > pd.Timestamp(since))
    grave = frame["victim_group"].isin(SERIOUS_VICTIMS) | (frame["fatalities"] > 0).fillna(False)
    counts = ~(frame["verification"] == "discounted").fillna(False) & ~frame["time_precision"].isin(COARSER_THAN_DAY)
    return frame[(in_time.fillna(False) & grave & counts).to_numpy(dtype=bool) & is_violent(frame)]


def displacement(sites: Dataset, as_of: date) -> Displacement:
    """The last two rounds at or before as-of, like for like."""
    ordered = site_rounds(sites, as_of)
    rounds = round_names(ordered)[-2:]
    if not rounds:
        return Displacement(None, None, None, None, 0, 0, 0, 0, (), (), ())
    now = _round(ordered, rounds[-1])
    before = _round(ordered, rounds[-2]) if len(rounds) > 1 else now.iloc[:0]
    last_day = now["assessment_date"].max()
    standing = now[~(now["assessment_status"] == "closed").fillna(False)]
    assessed = standing[is_assessed(standing)]
    both = assessed.index.intersection(before.index[is_assessed(before)])
    changes = [_site_change(ordered, before, now, site) for site in both]
    changes.sort(key=lambda c: (-abs((c.now or 0) - (c.before or 0)), c.site_id))
    missed = standing.index[~is_assessed(standing)].intersection(before.index[is_assessed(before)])
    earlier = ordered.loc[ordered["_round"] != rounds[-1], "_entity"]
    fresh = assessed.index.difference(earlier) if len(rounds) > 1 else assessed.index[:0]
    total_before = sum(c.before or 0 for c in changes)
    return Displacement(
        latest_round=rounds[-1],
        round_before=rounds[-2] if len(rounds) > 1 else None,
        assessed_on=None if pd.isna(last_day) else last_day.date(),
        change=sum(c.now or 0 for c in changes) - total_before if changes else None,
        before=total_before,
        sites_assessed=len(assessed),
        sites=len(standing),
        same_site_twice=int(same_site_twice(ordered[ordered["_round"].isin(rounds)]).sum()),
        compared=tuple(changes),
        not_assessed=tuple(_site_change(ordered, before, now, site) for site in missed),
        new=tuple(_site_change(ordered, before, now, site) for site in fresh),
    )


def site_rounds(sites: Dataset, as_of: date, group: str = IDP) -> gpd.GeoDataFrame:
    """Rows of one population group in the order of `in_round_order`; ``_round`` is their round, else their day."""
    ordered = in_round_order(sites.frame, sites.kind, as_of)
    ordered = ordered[is_of_group(ordered, group)].copy()
    ordered["_round"] = ordered["reporting_round"].fillna(ordered["assessment_date"].dt.strftime("%Y-%m-%d"))
    return ordered


def round_names(ordered: gpd.GeoDataFrame) -> list[str]:
    """The rounds by name, or by day where they have none, oldest first."""
    named = ordered[ordered["_round"].notna()].sort_values(["_day", "_number"], kind="stable")
    return list(dict.fromkeys(named["_round"].iloc[::-1]))[::-1]


def _round(ordered: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    return ordered[ordered["_round"] == name].groupby("_entity").tail(1).set_index("_entity").sort_index()


def is_assessed(frame: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Rows that give a figure: assessed, not closed, people known."""
    known = frame["population"].notna() & ~frame["assessment_status"].isin(["not_assessed", "closed"])
    return known.to_numpy(dtype=bool)


def _site_change(ordered: gpd.GeoDataFrame, before: gpd.GeoDataFrame, now: gpd.GeoDataFrame, site: str) -> SiteChange:
    name = now["name"].get(site)
    then, latest = before["population"].get(site), now["population"].get(site)
    known = bool(is_assessed(now.loc[[site]])[0])
    return SiteChange(
        site_id=str(site),
        name=str(site) if name is None or pd.isna(name) else str(name),
        before=None if pd.isna(then) else int(then),
        now=int(latest) if known else None,
        last_known_round=None if known else str(before["_round"].get(site)),
    )


def access(roads: Dataset, as_of: date) -> Access:
    """Roads and bridges closed, restricted and of no stated state on a day, for all vehicles together."""
    frame = with_states(roads.frame, as_of).sort_values("id", kind="stable")
    closed = frame[(frame["road_state"] == "closed").fillna(False).to_numpy(dtype=bool)]
    return Access(
        closed=len(closed),
        restricted=int((frame["road_state"] == "restricted").sum()),
        not_stated=int(frame["road_state"].isna().sum()),
        closed_names=tuple(closed["name"].fillna(closed["id"])),
        closed_ids=tuple(closed["id"]),
    )


def data_health(layers: Iterable[Dataset], now: datetime) -> tuple[LayerHealth, ...]:
    """Age of each layer at `now`, stale ones first, then by name."""
    health = []
    for layer in layers:
        age, limit = age_days(layer.as_of, now), layer.kind.stale_after_days
        health.append(LayerHealth(layer.layer, layer.kind.id, age, limit, limit is not None and age > limit))
    return tuple(sorted(health, key=lambda h: (not h.stale, h.layer)))


def what_changed(
    since: datetime,
    until: datetime,
    settings: Settings,
    *,
    incidents: Dataset | None = None,
    sites: Dataset | None = None,
    roads: Dataset | None = None,
) -> tuple[Change, ...]:
    """What changed since a moment: closures, displacement alerts, serious incidents.

    A site is named when its people changed by both alert limits of the settings, like for
    like, in a round assessed since then, or when it was not assessed any more.
    """
    lines: list[Change] = []
    if roads is not None:
        lines += _road_changes(roads, since, until)
    if sites is not None:
        lines += _site_changes(sites, since, until, settings)
    if incidents is not None:
        lines += _incident_changes(incidents, since, until)
    return tuple(lines)


def _road_changes(roads: Dataset, since: datetime, until: datetime) -> list[Change]:
    frame = with_states(roads.frame, until.date()).sort_values("id", kind="stable")
    day = frame["state_since"].fillna(frame["reported_date"])
    recent = (day >= pd.Timestamp(since.date())) & (day <= pd.Timestamp(until.date()))
    frame = frame[(recent & frame["road_state"].isin(["closed", "restricted"])).to_numpy(dtype=bool)]
    return [
        Change(f"{r.id if pd.isna(r.name_) else r.name_}: {r.road_state}", "roads", r.id)
        for r in frame.rename(columns={"name": "name_"}).itertuples()
    ]


def _site_changes(sites: Dataset, since: datetime, until: datetime, settings: Settings) -> list[Change]:
    change = displacement(sites, until.astimezone(UTC).date())
    if change.assessed_on is None or change.assessed_on < since.astimezone(UTC).date():
        return []
    lines = []
    for site in change.compared:
        before, now = site.before or 0, site.now or 0
        moved = abs(now - before)
        enough = moved >= settings.displacement_alert_share * before
        if moved >= settings.displacement_alert_people and enough:
            lines.append(Change(f"{site.name}: {now - before:+,} people", "idp_sites", site.site_id))
    lines += [
        Change(f"{s.name}: new site, {s.now:,} people", "idp_sites", s.site_id)
        for s in change.new
        if (s.now or 0) >= NEW_SITE_PEOPLE
    ]
    lines += [
        Change(f"{s.name}: not assessed, last known {s.before:,} (round {s.last_known_round})", "idp_sites", s.site_id)
        for s in change.not_assessed
    ]
    return lines


def _incident_changes(incidents: Dataset, since: datetime, until: datetime) -> list[Change]:
    frame = _serious(incidents.frame, since, until)
    frame = frame.sort_values(["occurred_at", "id"], ascending=[False, True], kind="stable")
    types = incidents.kind.field_by_name["incident_type"]
    lines = []
    for row in frame.itertuples():
        what = "Incident" if pd.isna(row.incident_type) else types.label_of(row.incident_type)
        where = "" if pd.isna(row.place_name) else f", {row.place_name}"
        deaths = "" if pd.isna(row.fatalities) or not row.fatalities else f", {row.fatalities} killed"
        lines.append(Change(f"{what}{where}{deaths}", "incidents", row.id))
    return lines

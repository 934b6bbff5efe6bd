"""What the fields of a record, or the records of one site, say against each other."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pandas as pd

from layers.kind import Kind, normalise
from layers.rounds import has_rounds, round_number
from loaders.account import Account

# Fields of what happened; what is planned may lie ahead.
HAPPENED = ("occurred_at", "ended_at", "reported_at", "assessment_date", "reported_date", "last_surveyed")
MOST_WORDED = 100_000


def check_together(columns: dict[str, pd.Series], account: Account, today: date) -> None:
    """Reject or point at figures and dates that contradict each other."""
    people, households = columns.get("population"), columns.get("households")
    if people is not None and households is not None:
        account.reject(
            (people < households).fillna(False).to_numpy(bool),
            "fewer_people_than_households",
            "fewer individuals than households",
            "Correct them; perhaps the two columns are exchanged.",
            "population",
            (people.astype("str") + " individuals, " + households.astype("str") + " households").to_numpy(object),
        )
    _warn_of_deaths(columns, account)
    _warn_of_late_days(columns, account, today)


def _warn_of_deaths(columns: dict[str, pd.Series], account: Account) -> None:
    """Point at estimates whose low, best and high are not in that order."""
    names = [n for n in ("fatalities_low", "fatalities", "fatalities_high") if n in columns]
    wrong = np.zeros(len(account.rows), bool)
    for less, more in itertools.combinations(names, 2):
        wrong |= (columns[less] > columns[more]).fillna(False).to_numpy(bool)
    if wrong.any():
        said = pd.DataFrame({n: columns[n].astype("str") for n in names}).fillna("blank")
        account.warn(
            wrong,
            "deaths_out_of_order",
            "low, best and high estimate are not in this order",
            "Check whether the columns are exchanged.",
            "fatalities",
            said.agg(", ".join, axis=1).to_numpy(object) if len(said) < MOST_WORDED else None,
        )


def _warn_of_late_days(columns: dict[str, pd.Series], account: Account, today: date) -> None:
    """Point at what is said to have happened after today, or to have been reported before it happened."""
    # One day more: it is tomorrow already in the east of the world.
    end = pd.Timestamp(today) + pd.Timedelta(days=2)
    for name in HAPPENED:
        if name not in columns:
            continue
        days = _days(columns[name])
        account.warn(
            (days >= end).to_numpy(bool),
            "future_date",
            f"it lies after {today.isoformat()}",
            "Correct the date; it is kept and counts from that day on.",
            name,
            days.dt.strftime("%Y-%m-%d").to_numpy(object) if (days >= end).any() else None,
        )
    if "occurred_at" in columns and "reported_at" in columns:
        occurred, reported = (_days(columns[n]).dt.normalize() for n in ("occurred_at", "reported_at"))
        account.warn(
            (reported < occurred).to_numpy(bool),
            "reported_before_occurred",
            "it was reported before it occurred",
            "Correct one of the two dates.",
            "reported_at",
        )


def _days(column: pd.Series) -> pd.Series:
    """Dates of either kind without their zone."""
    return column.dt.tz_localize(None) if getattr(column.dtype, "tz", None) is not None else column


def _round_key(text: str) -> str:
    """What rounds are told apart by: the number, else the name."""
    number = round_number(text)
    return f"{number:g}" if number >= 0 else normalise(text)


def warn_of_site_twice(columns: dict[str, pd.Series], kind: Kind, account: Account) -> None:
    """Point at the accepted rows of one site in one round, of which analyses count the last."""
    if not has_rounds(kind) or kind.entity not in columns:
        return
    site = columns[kind.entity]
    blank = pd.Series(None, index=site.index, dtype="str")
    rounds = columns.get("reporting_round", blank)
    number = rounds.map(_round_key, na_action="ignore").astype("str")
    day = columns[kind.starts].astype("str") if kind.starts in columns else blank
    # A round is known by its number, without one by its day, and without either it is the one undated round.
    same = pd.DataFrame({"site": site, "round": number.fillna(day).fillna("")})
    twice = site.notna().to_numpy(bool) & ~account.rejected
    twice[twice] = same[twice].duplicated(keep=False)
    if not twice.any():
        return
    rows = pd.Series(account.rows, index=site.index).astype("str")
    listed = rows[twice].groupby([same["site"][twice], same["round"][twice]]).transform(", ".join)
    found: np.ndarray = (site.fillna("") + ", rows " + listed.reindex(site.index).fillna("")).to_numpy(object)
    account.warn(
        twice,
        "same_site_twice",
        "one site stands more than once in one round; the last of these rows counts",
        "Give one row a site and round, or each site its own identifier.",
        kind.entity,
        found,
    )

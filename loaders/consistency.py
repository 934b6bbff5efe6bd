"""What the fields of a record, or the records of one site, say against each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.kind import Kind, normalise
from layers.rounds import has_rounds, round_number
from loaders.account import Account


def check_together(columns: dict[str, pd.Series], kind: Kind, account: Account) -> None:
    """Warn of figures that contradict each other, and of a site that stands twice in one round."""
    people, households = columns.get("population"), columns.get("households")
    if people is not None and households is not None:
        account.warn(
            (people < households).fillna(False).to_numpy(bool),
            "fewer_people_than_households",
            "fewer individuals than households",
            "Check whether the two columns are exchanged.",
            "population",
            people.astype("str").to_numpy(object),
        )
    if has_rounds(kind) and kind.entity in columns:
        _warn_of_site_twice(columns, kind, account)


def _round_key(text: str) -> str:
    """What rounds are told apart by: the number, else the name."""
    number = round_number(text)
    return f"{number:g}" if number >= 0 else normalise(text)


def _warn_of_site_twice(columns: dict[str, pd.Series], kind: Kind, account: Account) -> None:
    """Point at the rows of one site in one round, of which analyses count the last."""
    site = columns[kind.entity]
    blank = pd.Series(None, index=site.index, dtype="str")
    rounds = columns.get("reporting_round", blank)
    number = rounds.map(_round_key, na_action="ignore").astype("str")
    day = columns[kind.starts].astype("str") if kind.starts in columns else blank
    # A round is known by its number, without one by its day, and without either it is the one undated round.
    same = pd.DataFrame({"site": site, "round": number.fillna(day).fillna("")})
    twice = (same.duplicated(keep=False) & site.notna()).to_numpy(bool) & ~account.rejected
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

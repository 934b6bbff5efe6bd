"""Shares, tails, delays, seasons and pairs of the 3,000 incidents."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from data.make_sample import SAMPLE
from data.scenario.incidents import PRECISION, TYPES
from data.scenario.places import MARKET_DAYS


@pytest.fixture
def incidents(read):
    frame = read("incidents")
    frame["when"] = pd.to_datetime(frame["occurred_at"])
    frame["told"] = pd.to_datetime(frame["reported_at"])
    frame["month"] = (frame["when"] - pd.Timestamp("2025-05-12", tz="UTC")).dt.days * 18 // 549 + 1
    return frame


def pairs_of(incidents, metres):
    """Ids of two rows that tell the same event: same day, type, actor, deaths, within 2.5 km."""
    found = []
    for _, group in incidents.groupby([incidents["when"].dt.date, "incident_type", "place_name", "fatalities"]):
        for i, a in enumerate(group.itertuples()):
            found += [
                (a.id, b.id, a.fatalities)
                for b in list(group.itertuples())[i + 1 :]
                if {a.place_precision, b.place_precision} & {"near"} and metres(a.geometry, b.geometry) < 2_500
            ]
    return found


def test_types_precision_and_deaths_have_their_shares(incidents):
    assert len(incidents) == 3_000
    assert incidents["incident_type"].value_counts().to_dict() == TYPES
    assert incidents["place_precision"].value_counts().to_dict() == PRECISION
    assert (incidents["fatalities"] == 0).sum() == 2_100
    assert incidents["fatalities"].max() == 40
    assert (incidents["fatalities"] >= 10).sum() >= 15
    assert (incidents["fatalities_low"] <= incidents["fatalities"]).all()
    assert (incidents["fatalities"] <= incidents["fatalities_high"]).all()
    assert (incidents["verification"] == "discounted").sum() == 30


def test_radius_follows_the_precision(incidents):
    radius = incidents.groupby("place_precision")["place_radius_m"]
    assert (radius.get_group("point") == 0).all()
    assert radius.get_group("near").between(1_000, 5_000).all()
    assert radius.get_group("region").isna().all()
    assert incidents.loc[incidents["incident_type"] == "sexual_violence", "place_precision"].eq("region").all()


def test_reports_come_late_but_not_after_as_of(incidents):
    delay = (incidents["told"] - incidents["when"]).dt.total_seconds() / 86_400
    assert (delay >= 0).all()
    assert incidents["told"].max() <= pd.Timestamp("2026-11-12T06:00Z")
    assert delay.median() == pytest.approx(1.0, abs=0.1)
    assert delay.quantile(0.95) == pytest.approx(9.0, abs=0.7)
    assert incidents["when"].min() >= pd.Timestamp("2025-05-12", tz="UTC")


def test_actors(incidents):
    assert incidents["actor1"].eq("Unidentified armed men").mean() == pytest.approx(0.35, abs=0.03)
    assert set(incidents["actor1_class"]) == {"state", "armed group", "community defence", "unidentified", "civilian"}


def test_ambushes_come_before_market_days(incidents):
    ambush = incidents[incidents["sub_event_type"] == "Ambush on a road"]
    assert len(ambush) > 150
    assert ambush["place_name"].str.endswith(" road").all()

    def eve(row) -> bool:
        ends = row.place_name.removesuffix(" road").split("–")
        return any((MARKET_DAYS[e] - 1) % 7 == row.when.weekday() for e in ends if e in MARKET_DAYS)

    share = np.mean([eve(row) for row in ambush.itertuples()])
    others = incidents[incidents["sub_event_type"] == "Armed robbery"]
    assert share > 0.7
    assert others["when"].dt.day_of_week.value_counts(normalize=True).max() < 0.25


def test_dry_season_truce_flare_and_silence(incidents):
    dry = incidents["when"].dt.month.isin([7, 8, 9]) & (incidents["when"] < pd.Timestamp("2026-05-01", tz="UTC"))
    wet = incidents["when"].dt.month.isin([1, 2, 3])
    assert dry.sum() > 1.6 * wet.sum()
    by = incidents.groupby(["admin1_code", "month"]).size()
    assert by.get(("XO01", 12), 0) < 0.2 * by["XO01", 11]
    assert by["XO01"].loc[13:18].sum() < 0.55 * by["XO01"].loc[1:6].sum()
    delta = by["XO04"]
    assert delta.loc[16:18].mean() > 1.8 * delta.loc[13:15].mean()
    assert (incidents["admin1_code"] == "XO03").sum() == 1


def test_two_and_a_half_percent_are_told_twice(incidents, metres):
    pairs = pairs_of(incidents, metres)
    assert 72 <= len(pairs) <= 90  # 75 made, a few by chance
    text = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    deadly = sorted((p for p in pairs if p[2] >= 11), key=lambda p: -p[2])
    notable = [p for p in deadly if f"{p[0]} and {p[1]}" in text]
    assert [p[2] for p in notable] == [40, 22, 17, 11]


def test_four_serious_incidents_since_the_last_briefing(incidents):
    last = incidents[incidents["when"] >= pd.Timestamp("2026-11-11T06:00Z")]
    assert last["victim_group"].value_counts().to_dict() == {"civilian": 2, "un": 1, "armed": 1}
    assert last["when"].max().date() == date(2026, 11, 11)
    assert "Ambush on the Heronsford–Wadi Sabz road" in " ".join(last["description"])


def test_accounts_are_whole_sentences(incidents):
    text = incidents["description"]
    assert text.str.endswith(".").all()
    assert not text.str.contains(r"[{}]|  |None|nan").any()

"""The figures of the Picture page."""

from __future__ import annotations

from datetime import UTC, date, datetime

from analysis.headlines import access, data_health, displacement, serious_incidents, what_changed
from layers.settings import Settings
from tests.analysis.worlds import AS_OF, day, incident, layer, moment

SINCE, UNTIL = datetime(2026, 11, 11, 6, tzinfo=UTC), datetime(2026, 11, 12, 6, tzinfo=UTC)
NOON = moment("2026-11-11 12:00")


def serious(*records):
    return serious_incidents(layer("incidents", records), SINCE, UNTIL)


def test_serious_are_those_with_civilian_un_or_aid_victims_or_deaths():
    found = serious(
        incident(1, (20, 5), occurred_at=NOON, victim_group="civilian"),
        incident(2, (20, 5), occurred_at=NOON, victim_group="un"),
        incident(3, (20, 5), occurred_at=NOON, victim_group="armed"),
        incident(4, None, occurred_at=moment("2026-11-11 13:00"), fatalities=3),
        incident(5, (20, 5), occurred_at=NOON, victim_group="civilian", verification="discounted"),
        incident(6, (20, 5), occurred_at=NOON, victim_group="civilian", violent=False),
    )
    assert found.number == 3
    assert found.by_victims == {"Civilian": 1, "UN": 1, "Not stated": 1}
    assert found.ids == ("I00004", "I00001", "I00002")


def test_the_moment_of_the_briefing_divides_and_a_day_counts_by_any_part_of_it():
    exact = {"victim_group": "un", "time_precision": "moment"}
    assert serious(incident(1, (20, 5), occurred_at=moment("2026-11-11 06:00"), **exact)).number == 0
    assert serious(incident(1, (20, 5), occurred_at=moment("2026-11-11 06:01"), **exact)).number == 1
    assert serious(incident(1, (20, 5), occurred_at=moment("2026-11-12 06:01"), **exact)).number == 0
    daily = {"victim_group": "un", "time_precision": "day"}
    assert serious(incident(1, (20, 5), occurred_at=moment("2026-11-11"), **daily)).number == 1
    assert serious(incident(1, (20, 5), occurred_at=moment("2026-11-10"), **daily)).number == 0


def test_a_span_counts_as_long_as_it_lasts():
    span = {"victim_group": "un", "occurred_at": moment("2026-11-01"), "time_precision": "day"}
    assert serious(incident(1, (20, 5), ended_at=moment("2026-11-30"), **span)).number == 1
    assert serious(incident(1, (20, 5), ended_at=moment("2026-11-10"), **span)).number == 0


def test_what_is_known_to_the_month_is_not_new_since_yesterday():
    span = {"victim_group": "un", "occurred_at": moment("2026-11-01"), "time_precision": "month"}
    assert serious(incident(1, (20, 5), ended_at=moment("2026-11-30"), **span)).number == 0


def site(name, number, people, **more):
    base = {"id": f"{name}-{number}", "site_id": name, "name": name, "at": (20, 5), "population": people}
    days = {5: "2026-09-01", 6: "2026-11-11", 7: "2026-12-01"}
    return base | {"reporting_round": f"{number}", "assessment_date": day(days[number])} | more


SITES = [
    site("S-12", 5, 1000),
    site("S-12", 6, 4200),
    site("S-13", 5, 500),
    site("S-13", 6, 450),
    site("S-29", 5, 4100),
    site("S-29", 6, None, assessment_status="not_assessed"),
    site("S-30", 5, 900),
    site("S-30", 6, 0, assessment_status="closed"),
    site("S-40", 6, 2000),
    site("S-12", 7, 99999),
    site("S-12r", 6, 77777, population_group="returnee"),
]


def test_displacement_like_for_like():
    found = displacement(layer("idp_sites", SITES), AS_OF)
    assert (found.round_before, found.latest_round, found.assessed_on) == ("5", "6", date(2026, 11, 11))
    assert (found.change, found.before) == (3200 - 50, 1500)
    assert (found.sites_assessed, found.sites) == (3, 4)
    assert [c.site_id for c in found.compared] == ["S-12", "S-13"]
    (missed,) = found.not_assessed
    assert (missed.site_id, missed.before, missed.now, missed.last_known_round) == ("S-29", 4100, None, "5")
    assert [(s.site_id, s.now) for s in found.new] == [("S-40", 2000)]


def test_displacement_with_one_round_or_none():
    one = displacement(layer("idp_sites", [site("S-1", 6, 10)]), AS_OF)
    assert (one.latest_round, one.round_before, one.change, one.new) == ("6", None, None, ())
    none = displacement(layer("idp_sites", [site("S-1", 7, 10)]), AS_OF)
    assert (none.latest_round, none.change, none.sites) == (None, None, 0)


def test_an_undated_round_stands_in_its_place_and_a_site_counts_once_a_round():
    undated = {"assessment_date": None}
    rows = [
        site("S-1", 5, 100),
        site("S-1", 6, None, assessment_status="not_assessed", **undated),
        site("S-4", 5, 500),
        site("S-4", 6, 900, **undated),
        site("S-5", 5, 10, row=9),
        site("S-5", 5, 40, id="again", row=10),
    ]
    found = displacement(layer("idp_sites", rows), AS_OF)
    assert (found.round_before, found.latest_round, found.assessed_on) == ("5", "6", None)
    assert [(c.site_id, c.before, c.now) for c in found.compared] == [("S-4", 500, 900)]
    assert [s.site_id for s in found.not_assessed] == ["S-1"]
    assert found.same_site_twice == 1


def test_access():
    roads = [
        {"id": "r1", "name": "Heronsford bridge", "road_state": "closed", "at": (20, 5)},
        {"id": "r2", "road_state": "closed", "at": (20, 5)},
        {"id": "r3", "road_state": "restricted", "at": (20, 5)},
        {"id": "r4", "at": (20, 5)},
    ]
    found = access(layer("roads", roads), AS_OF)
    assert (found.closed, found.restricted, found.not_stated) == (2, 1, 1)
    assert found.closed_names == ("Heronsford bridge", "r2")


def test_data_health_puts_stale_layers_first():
    now = datetime(2026, 11, 12, 6, tzinfo=UTC)
    layers = [
        layer("projects", [], as_of=date(2026, 11, 1)),
        layer("incidents", [], as_of=date(2026, 11, 8)),
        layer("admin_areas", [], as_of=date(2020, 1, 1)),
    ]
    health = data_health(layers, now)
    assert [(h.layer, h.stale) for h in health] == [("incidents", True), ("admin_areas", False), ("projects", False)]
    assert health[0].age_days == 3.25


def test_what_changed_names_closures_sites_and_incidents():
    roads = [
        {"id": "r1", "name": "Heronsford bridge", "road_state": "closed", "state_since": day("2026-11-11")},
        {"id": "r2", "name": "Old ford", "road_state": "closed", "state_since": day("2026-10-01")},
    ]
    events = [incident(1, (20, 5), occurred_at=NOON, victim_group="un", place_name="Three Wells", fatalities=2)]
    lines = what_changed(
        SINCE,
        UNTIL,
        Settings(),
        incidents=layer("incidents", events),
        sites=layer("idp_sites", SITES),
        roads=layer("roads", roads),
    )
    assert [(line.text, line.kind, line.id) for line in lines] == [
        ("Heronsford bridge: closed", "roads", "r1"),
        ("S-12: +3,200 people", "idp_sites", "S-12"),
        ("S-40: new site, 2,000 people", "idp_sites", "S-40"),
        ("S-29: not assessed, last known 4,100 (round 5)", "idp_sites", "S-29"),
        ("Armed clash, Three Wells, 2 killed", "incidents", "I00001"),
    ]
    later = datetime(2026, 11, 12, 5, tzinfo=UTC)
    assert what_changed(later, UNTIL, Settings(), sites=layer("idp_sites", SITES)) == ()

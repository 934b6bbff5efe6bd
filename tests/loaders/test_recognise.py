"""Columns that no source declares: by name, tag, near spelling and content, each with an honest confidence."""

from __future__ import annotations

import time

import pytest

from layers.errors import UnknownKind
from layers.kinds import KINDS, kind_of
from loaders.recognise import recognise, source_of
from loaders.sources import SOURCE_BY_ID, Look


def seen(columns, kind=None, mapping=None, **said):
    return recognise(Look(tuple(columns.split(",")), **said), kind, mapping)


def test_confidence_by_kind_of_evidence():
    found = seen(
        "occurred_at,Event type,Killed,Perpetratr,Incident date (local),where,quality,lat,lon",
        "incidents",
        hxl=("", "", "", "", "", "#loc", "", "", ""),
        samples={"quality": ("confirmed", "corroborated")},
    )
    assert found.confidences == {
        "occurred_at": 1.0,
        "Event type": 0.8,
        "Killed": 0.8,
        "Perpetratr": pytest.approx(0.6, abs=0.1),
        "where": 0.9,
        "quality": 0.5,
        "lat": 0.8,
        "lon": 0.8,
    }
    assert found.mapping["Perpetratr"] == "actor1"
    assert found.mapping["quality"] == "verification"
    assert found.confidences.keys() == found.mapping.keys()


def test_a_source_is_surer_than_a_spelling_and_the_person_surest():
    columns = "event_id_cnty,event_date,event_type,location,mystery"
    found = seen(columns, mapping={"mystery": "description"})
    assert found.source == "acled"
    assert found.confidences["event_id_cnty"] == 0.95
    assert (found.mapping["mystery"], found.confidences["mystery"]) == ("description", 1.0)


def test_a_given_source_is_not_looked_for_again():
    found = recognise(Look(("id", "name")), source=SOURCE_BY_ID["flee_total"])
    assert (found.source, found.kind.id) == ("flee_total", "other")


def test_a_given_source_that_makes_another_kind_gives_way():
    found = recognise(Look(("site", "lat", "lon")), "idp_sites", source=SOURCE_BY_ID["acled"])
    assert (found.source, found.kind.id) == ("", "idp_sites")


@pytest.mark.parametrize("header", ["Site Name (English)", "info/Site Name", "details::site_name"])
def test_what_stands_around_a_spelling_is_passed_over(header):
    found = seen(f"{header},IDPs", "idp_sites")
    assert (found.mapping[header], found.confidences[header]) == ("name", 0.7)


@pytest.mark.parametrize(
    ("header", "samples"),
    [
        ("altitude", ("512.5", "400.1")),
        ("country", ("Chad", "Sudan")),
        ("North Darfur", ("12", "40")),
        ("East Darfur", ("12.5", "40.0")),
        ("Male", ("1", "2")),
        ("guid", ("EQ1457082", "EQ1456937")),
        ("year", ("2023", "2024")),
        ("flag", ("yes", "no")),
        ("adm5 code", ("x", "y")),
    ],
)
def test_no_meaning_is_read_into_what_only_looks_alike(header, samples):
    assert header not in seen(f"{header},occurred_at", "incidents", samples={header: samples}).mapping


@pytest.mark.parametrize(
    ("header", "samples", "field", "confidence"),
    [
        ("p-code of it", ("SD14040", "SD15030"), "admin2_code", 0.5),
        ("somewhere", ("SD14", "SD15"), "admin1_code", 0.4),
        ("noted on", ("2024-01-31", "2024-02-01"), "occurred_at", 0.5),
        ("jalon", ("2024-01-31", "2024-02-01"), "occurred_at", 0.35),
        ("GPS lat of spot", ("13.25", "12.1"), "latitude", 0.6),
        ("what kind", ("Ambush", "Kidnapping"), "incident_type", 0.5),
    ],
)
def test_content_fills_what_names_left_open(header, samples, field, confidence):
    found = seen(f"{header},killed", "incidents", samples={header: samples})
    assert (found.mapping.get(header), found.confidences.get(header)) == (field, confidence)


def test_content_never_overrules_a_name():
    found = seen("date,noted on", "incidents", samples={"noted on": ("2024-01-31", "2024-02-01")})
    assert found.mapping == {"date": "occurred_at"}


def test_no_field_gets_two_weak_guesses():
    days = ("2024-01-31", "2024-02-01")
    tie = seen("noted on,seen on,killed", "incidents", samples={"noted on": days, "seen on": days})
    assert "occurred_at" not in tie.mapping.values(), "an even tie is no evidence"
    better = seen("noted on,jalon,killed", "incidents", samples={"noted on": days, "jalon": days})
    assert [c for c, f in better.mapping.items() if f == "occurred_at"] == ["noted on"]


@pytest.mark.parametrize("header", ["Key informant name", "Telephone", "enumerator", "Contact email", "submitted by"])
def test_columns_about_persons_are_never_mapped(header):
    samples = {header: ("Ambush", "Kidnapping")}
    for kind in KINDS:
        assert header not in seen(f"{header},zzz", kind.id, samples=samples).mapping, kind.id


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("Incident date,Perpetrator,Killed,Latitude,Longitude", "incidents"),
        ("Incident dat,Perpetratr,Fatalties,Latitude,Longitude", "incidents"),
        ("Project name,Donor,Start date,End date,Latitude,Longitude", "projects"),
        ("Hazard type,Last surveyed,Cleared by,wkt", "security_risks"),
    ],
)
def test_the_kind_of_an_unknown_file_is_proposed(columns, kind):
    found = seen(columns)
    assert found.kind.id == kind
    assert (found.source, 0.5 < found.confidence <= 0.95) == ("", True)


def test_below_the_bar_the_person_says():
    with pytest.raises(UnknownKind) as refused:
        seen("alpha,beta,gamma,name", file="things.csv")
    assert "--kind" in refused.value.remedy


def test_recognition_of_a_wide_table_is_quick():
    columns = ("event_kind", *(f"question number {n} of the form" for n in range(499)))
    samples = {c: tuple(f"answer {i} to {c}" for i in range(20)) for c in columns}
    look = Look(columns, samples=samples, file="wide.csv")
    recognise(look, "incidents")  # what is kept from the first call on
    began = time.perf_counter()
    source_of(look)
    with pytest.raises(UnknownKind):
        recognise(Look(columns, samples=samples, file="wide2.csv"))
    assert time.perf_counter() - began < 1.0, "0.3 s on a quiet machine; other tests may run beside this one"


def test_a_military_load_class_is_no_weight():
    found = seen("name,road state,MLC,max tonnage", "roads")
    assert found.mapping["max tonnage"] == "load_limit_t"
    assert "MLC" not in found.mapping


def test_no_vehicles_are_not_all_vehicles():
    spellings = kind_of("roads").field_by_name["vehicle_class"].choice_by_spelling
    assert spellings["any vehicle"] == "all"
    assert "no vehicles" not in spellings

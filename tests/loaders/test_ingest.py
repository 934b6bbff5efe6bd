from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.errors import LoadError
from layers.kinds import KINDS, kind_of
from layers.marking import Marking
from loaders.ingest import IngestOptions, discard, inspect, load_draft, publish, review
from loaders.places import PLACE_SPELLINGS
from loaders.raw import RawLayer, text_array
from loaders.recognise import recognise
from loaders.sources import SOURCES, Look
from loaders.validate import validate

TODAY = date(2026, 11, 20)
OVERLAY = {
    "kind": "incidents",
    "layer": "events-x",
    "source": "EXMIS",
    "as_of": "2026-11-12T02:00:00Z",
    "marking": "CONFIDENTIAL",
    "exercise": True,
}


def codes(result):
    return {f.code for f in result.report.findings}


@pytest.fixture
def ours(write, feature):
    """A GeoJSON as Overlay writes it."""

    def made(**changes):
        features = [feature("Point", [20, 5], id="A1", incident_type="clash", occurred_at="2026-11-01")]
        content = {"type": "FeatureCollection", "overlay": OVERLAY | changes, "features": features}
        return write("ours.geojson", json.dumps(content))

    return made


def test_a_file_of_ours_says_what_it_is(access, ours):
    (draft,) = inspect(ours(), access)
    assert (draft.source, draft.confidence, draft.kind, draft.layer) == ("overlay", 1.0, "incidents", "events-x")
    assert (draft.marking, draft.exercise, draft.source_label) == (Marking.CONFIDENTIAL, True, "EXMIS")
    info = publish(draft, access, review(draft, access), base=None, by="t", note="")
    assert info.exercise
    assert info.as_of == datetime(2026, 11, 12, 2, tzinfo=UTC)


def test_the_person_wins_over_the_file(access, ours):
    options = IngestOptions(layer="mine", marking=Marking.STRICTLY_CONFIDENTIAL, as_of=date(2026, 1, 2), source="me")
    (draft,) = inspect(ours(), access, options)
    assert (draft.layer, draft.marking, draft.source_label) == ("mine", Marking.STRICTLY_CONFIDENTIAL, "me")
    assert review(draft, access).as_of == date(2026, 1, 2)


def test_what_a_file_says_wrongly_is_not_believed(access, ours):
    (draft,) = inspect(ours(marking="TOP", as_of="soon"), access)
    assert draft.marking is None
    assert sum(f.code == "overlay_member" for f in draft.findings) == 2
    with pytest.raises(LoadError, match="exercise"):
        inspect(ours(exercise="perhaps"), access)


def test_a_draft_survives_on_disk(access, ours):
    (draft,) = inspect(ours(), access)
    assert load_draft(access, draft.id) == draft
    discard(draft, access)
    with pytest.raises(LoadError, match="inspected"):
        load_draft(access, draft.id)


@pytest.mark.parametrize("draft_id", ["../../etc", "", "0" * 31, "/"])
def test_a_draft_id_is_no_path(access, draft_id):
    with pytest.raises(LoadError):
        load_draft(access, draft_id)


def test_as_of_from_data_then_name_then_today(take, write):
    incidents = "id,event_date,event_type,latitude,longitude\n1,2024-01-02,Battles,5,20\n2,2099-01-01,Battles,5,20\n"
    assert take(write("a_2025-06-07.csv", incidents)).as_of == date(2024, 1, 2)
    towns = "settlement,population,lat,lon\nBria,1,6,21\n"
    assert take(write("towns_2025-06.csv", towns)).as_of == date(2025, 6, 30)
    today = take(write("towns.csv", towns))
    assert today.as_of == TODAY
    assert "as_of_assumed" in codes(today)
    (said,) = [f for f in today.report.findings if f.code == "as_of_assumed"]
    assert said.message.endswith(f"the as-of is {TODAY}, the day of receipt: the file states none; --as-of sets it.")


def test_a_marking_that_nobody_stated_is_said_where_it_restricts(take, write):
    def marked(name, text):
        return [f.message for f in take(write(name, text)).report.findings if f.code == "marking_assumed"]

    sites = "site_id,site_name,individuals,latitude,longitude\n1,North,20,5,20\n"
    (said,) = marked("sites_2026-01-02.csv", sites)
    assert "marked CONFIDENTIAL by default, as all layers of kind idp_sites; --marking sets it." in said
    assert marked("towns.csv", "settlement,population,lat,lon\nBria,1,6,21\n") == []


def test_ids(take, write, feature):
    text = "event_id,event_date,event_type,latitude,longitude\n{},2024-01-02,Battles,5,20\n{},2024-01-02,Riots,5,20\n"
    assert take(write("a.csv", text.format("X", "Y"))).frame["id"].tolist() == ["X", "Y"]
    doubled = take(write("a.csv", text.format("X", "X")))
    assert (doubled.frame["id"].tolist(), doubled.id_stable) == (["2", "3"], False)
    assert doubled.frame["src_event_id"].tolist() == ["X", "X"]
    assert {"id_not_unique", "id_from_row"} <= codes(doubled)
    named = [feature("Point", [20, 5], event_type="Battles") | {"id": i} for i in ("f1", 2)]
    by_feature = take(write("a.geojson", named))
    assert (by_feature.frame["id"].tolist(), by_feature.id_stable) == (["f1", "2"], True)


def test_the_canonical_name_wins(take, write):
    text = "id,latitude,longitude,event_type,incident_type,occurred_at\n1,5,20,Riots,clash,2024-01-02\n"
    result = take(write("a.csv", text))
    assert result.frame["incident_type"].tolist() == ["clash"]
    assert result.frame["src_event_type"].tolist() == ["Riots"]
    assert "two_columns_one_field" in codes(result)


def test_projects_without_status_are_unknown(take, write):
    text = "project_name,cluster,organisation,admin2pcode\nWell,WASH,ZOA,CF111\nClinic,Health,MSF,CF112\n"
    result = take(write("p.csv", text))
    assert set(result.frame["status"]) == {"unknown"}
    assert "status_unknown" in codes(result)
    assert result.frame.geometry.isna().all()


def test_dates_and_people_that_contradict_each_other(take, write):
    text = "site_name,ssid,individuals,households,latitude,longitude\nA,1,10,50,5,20\nB,2,,5,5,20\n"
    result = take(write("s.csv", text))
    assert result.kind.id == "idp_sites"
    assert [f.row for f in result.report.findings if f.code == "fewer_people_than_households"] == [2]
    assert result.report.rows_rejected == 1
    assert result.frame["population"].isna().tolist() == [True]
    header = "project_name,cluster,organisation,start_date,end_date,lat,lon,district\n"
    text = header + "X,WASH,Z,2024-05-01,2024-04-01,5,20,D\n"
    assert "end_before_start" in codes(take(write("p.csv", text)))


def test_violent_is_derived(take, write):
    text = "event_id,event_date,event_type,latitude,longitude\n1,2024-01-02,Protests,5,20\n2,2024-01-02,Battles,5,20\n"
    assert take(write("a.csv", text)).frame["violent"].tolist() == [False, True]


def test_ucdp_without_a_place_code_is_by_its_point(take, write, feature):
    given = {"id": 1, "type_of_violence": 3, "date_prec": 4, "best": 2, "where_prec": 2, "deaths_civilians": 2}
    dates = {"date_start": "2020-01-01", "date_end": "2020-01-31"}
    row = take(write("g.geojson", [feature("Point", [20, 5], **given, **dates)])).frame.iloc[0]
    assert (row["incident_type"], row["victim_group"], row["time_precision"]) == (
        "attack_civilians",
        "civilian",
        "month",
    )
    assert (row["place_precision"], row["place_radius_m"]) == ("near", 25_000)


@pytest.mark.parametrize("kind", [k for k in KINDS if k.id != "other"], ids=lambda k: k.id)
def test_a_table_of_canonical_columns_is_recognised(kind):
    look = Look((*kind.names, "latitude", "longitude"), file="table.csv")
    seen = recognise(look)
    assert seen.kind.id == kind.id
    assert {seen.mapping[name] for name in kind.names} == set(kind.names)


def test_sources_are_told_apart():
    assert len({s.id for s in SOURCES}) == len(SOURCES)
    assert all(s.recognise(Look(("alpha", "beta"))) == 0 for s in SOURCES)


def test_place_columns_are_no_fields():
    assert not set(PLACE_SPELLINGS) & {name for kind in KINDS for name in kind.names}


CELL = st.one_of(
    st.none(),
    st.sampled_from(["", "5", "20", "200", "-", "31/02/2020", "2024-01-02", "Battles", "5,5", "x\x00y"]),
    st.text(max_size=8),
)


@given(st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=12))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_every_row_is_accounted_for(rows):
    columns = ("event_id", "event_date", "event_type", "latitude", "longitude", "fatalities")
    cells = [text_array([row[i] for row in rows]) for i in range(6)]
    import numpy as np

    raw = RawLayer("", columns, cells, np.arange(2, len(rows) + 2, dtype=np.int64))
    look = Look(columns, file="a.csv")
    seen = recognise(look, "incidents")
    try:
        result = validate(raw, kind_of("incidents"), seen.mapping, name="a.csv", look=look, today=TODAY)
    except LoadError:
        return  # a whole file without places or in metres is refused, which other tests look at
    report = result.report
    assert report.rows_in == len(rows) == report.rows_ok + report.rows_repaired + report.rows_rejected
    assert len(result.frame) + len(result.rejected) == len(rows)
    named = {f.row for f in report.findings if f.severity == "rejected"}
    assert named == set(result.rejected["row"])
    assert result.frame["id"].is_unique
    assert result.frame["id"].notna().all()

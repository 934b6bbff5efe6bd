"""Codes, names and points against what is stored of the theatre."""

from __future__ import annotations

import pytest
import shapely

from loaders.reference import Reference

NORTH, SOUTH = shapely.box(20, 6, 22, 8), shapely.box(20, 4, 22, 6)
PARTS = {
    "CF11": ("Haute-Vallée", "CF1", shapely.box(20, 6, 21, 8)),
    "CF12": ("Plaine", "CF1", shapely.box(21, 6, 22, 8)),
    "CF21": ("Plaine", "CF2", SOUTH),
}


@pytest.fixture
def reference(stored_frame):
    first = stored_frame(
        "admin_areas",
        [NORTH, SOUTH],
        id=["CF1", "CF2"],
        name=["Nord", "Sud"],
        admin_level=["1"] * 2,
        parent_code=["CF"] * 2,
    )
    second = stored_frame(
        "admin_areas",
        [shape for *_, shape in PARTS.values()],
        id=list(PARTS),
        name=[name for name, *_ in PARTS.values()],
        parent_code=[parent for _, parent, _ in PARTS.values()],
        admin_level=["2"] * 3,
        location_code=["CF"] * 3,
    )
    towns = stored_frame(
        "settlements",
        [shapely.Point(20.5, 7.5), shapely.Point(21.5, 4.5)],
        id=["t1", "t2"],
        name=["Port Étoile", "Trois Puits"],
    )
    return Reference.of([first, second], [towns])


def said(result, code):
    return [f for f in result.report.findings if f.code == code]


def test_points_get_the_codes_and_names_of_their_areas(check, reference):
    columns = {"name": ["a", "b", "c"], "lat": ["7", "5", "15"], "lon": ["20.25", "20.25", "30"]}
    result = check("facilities", columns, reference=reference)
    frame = result.frame
    assert frame["admin2_code"].fillna("").tolist() == ["CF11", "CF21", ""]
    assert frame["admin1_code"].fillna("").tolist() == ["CF1", "CF2", ""]
    assert frame["provider_admin2_name"].fillna("").tolist() == ["Haute-Vallée", "Plaine", ""]
    assert frame["location_code"].fillna("").tolist() == ["CF", "CF", ""]
    assert "rows 4" in said(result, "outside_areas")[0].message


def test_a_place_known_to_a_region_gets_no_finer_code(check, reference):
    columns = {"name": ["a", "b"], "lat": ["7"] * 2, "lon": ["20.25"] * 2, "place_precision": ["region", "area"]}
    frame = check("facilities", columns, reference=reference).frame
    assert frame["admin2_code"].fillna("").tolist() == ["", "CF11"]
    assert frame["admin1_code"].tolist() == ["CF1", "CF1"]


@pytest.mark.parametrize(("lat", "warned"), [("7", True), ("5.98", False), ("6.02", False), ("6.1", True)])
def test_a_code_against_the_place(check, reference, lat, warned):
    columns = {"name": ["a"], "admin2_code": ["CF21"], "lat": [lat], "lon": ["20.25"]}
    result = check("facilities", columns, reference=reference)
    assert bool(said(result, "pcode_against_place")) is warned
    assert result.frame["admin2_code"].tolist() == ["CF21"], "what was sent is kept"


def test_rows_by_code_and_by_name_stand_in_their_area(check, reference):
    columns = {
        "site_id": list("abcde"),
        "admin2_code": ["CF12", None, None, None, "XX99"],
        "provider_admin1_name": [None, "NORD", None, "Nord", None],
        "provider_admin2_name": [None, "haute vallee", "Plaine", "Hote Vallée", None],
        "individuals": ["1", "2", "3", "4", "5"],
    }
    result = check("idp_sites", columns, reference=reference)
    frame = result.frame
    assert frame["place_precision"].fillna("").tolist() == ["area", "area", "", "region", ""]
    assert [g is not None and any(s.covers(g) for *_, s in PARTS.values()) for g in frame.geometry] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert frame["admin2_code"].fillna("").tolist() == ["CF12", "CF11", "", "", "XX99"]
    (unmatched,) = said(result, "unmatched_places")
    assert '"Hote Vallée" (nearest: Haute-Vallée (CF11))' in unmatched.message
    assert '"Plaine" (several: CF12, CF21)' in unmatched.message
    assert '"XX99"' in unmatched.message
    assert said(result, "not_located")[0].message.count("2 records")


def test_without_a_layer_it_is_said_once_what_to_load(check):
    columns = {"site_id": ["a", "b"], "admin2_code": ["TD0704", "TD0705"], "individuals": ["1", "2"]}
    result = check("idp_sites", columns)
    (finding,) = said(result, "not_located")
    assert "load the admin layer of TD first" in finding.message
    assert result.frame["admin2_code"].tolist() == ["TD0704", "TD0705"]
    assert result.report.rows_rejected == 0


def test_settlements_by_name(check, reference):
    columns = {"name": ["port etoile", "Trois Puit"], "individuals": ["10", "20"], "admin1_code": [None, "ZZ"]}
    result = check("idp_sites", columns, reference=reference)
    assert result.frame["place_precision"].fillna("").tolist() == ["near", ""]
    assert result.frame.geometry.iloc[0].coords[0] == (20.5, 7.5)
    assert "nearest: Trois Puits" in said(result, "unmatched_places")[0].message


def test_flows_and_roads_are_straight_lines(check, reference):
    flows = {"origin_name": ["Nord", "Nord"], "destination_code": ["CF21", "CF1"], "individuals": ["5", "6"]}
    result = check("idp_flows", flows, reference=reference)
    line = result.frame.geometry.iloc[0]
    assert NORTH.covers(shapely.Point(line.coords[0]))
    assert SOUTH.covers(shapely.Point(line.coords[-1]))
    assert result.frame.geometry.iloc[1] is None, "nobody moves from an area to itself"
    assert result.frame["place_precision"].fillna("").tolist() == ["area", ""]
    roads = check(
        "roads", {"name1": ["Port Etoile"], "name2": ["Trois Puits"], "distance": ["300"]}, reference=reference
    )
    assert roads.frame.geometry.iloc[0].equals(shapely.LineString([(20.5, 7.5), (21.5, 4.5)]))
    assert "not their course" in said(roads, "straight_lines")[0].message


def test_hazards_are_not_drawn_where_nobody_saw_them(check, reference):
    columns = {
        "name": ["a", "b"],
        "hazard": ["sha"] * 2,
        "admin2_code": ["CF11"] * 2,
        "lat": ["7", None],
        "lon": ["20.5", None],
    }
    result = check("security_risks", columns, reference=reference)
    assert result.rejected["row"].tolist() == [3]


def test_pcode_points_serve_as_areas(check, stored_frame):
    codes = ["SD15034", "SD15035"]
    points = stored_frame(
        "settlements",
        [shapely.Point(33.3, 14.6), shapely.Point(33.9, 14.2)],
        id=codes,
        name=["Al Hasahisa", "Al Kamlin"],
        admin2_code=codes,
        provider_admin1_name=["Aj Jazirah"] * 2,
    )
    reference = Reference.of([], [points])
    columns = {"site_id": ["a"], "admin2_code": ["SD15035"], "individuals": ["1"]}
    frame = check("idp_sites", columns, reference=reference).frame
    assert frame.geometry.iloc[0].coords[0] == (33.9, 14.2)
    assert frame["place_precision"].tolist() == ["area"]
    flows = {"origin_name": ["Aj Jazirah"], "destination_code": ["SD15035"], "individuals": ["5"]}
    assert check("idp_flows", flows, reference=reference).report.rows_rejected == 0


@pytest.fixture
def two_countries(stored_frame):
    """Areas of SD and of TD side by side, with the codes of both lengths."""
    frame = stored_frame(
        "admin_areas",
        [shapely.box(22, 10, 24, 14), shapely.box(20, 10, 22, 14)],
        id=["SD01", "TD01"],
        name=["Kassala", "Ouaddaï"],
        admin_level=["1"] * 2,
        location_code=["SDN", "TCD"],
    )
    return Reference.of([frame], [])


def test_spellings_are_sought_in_the_country_of_the_file_alone(check, two_countries):
    columns = {"site_id": ["a", "b"], "admin1_code": ["TD07", "TD09"], "provider_admin1_name": ["Kassal", None]}
    result = check("idp_sites", columns | {"individuals": ["1", "2"]}, reference=two_countries)
    assert "Kassala" not in said(result, "unmatched_places")[0].message
    columns = {"site_id": ["a"], "provider_admin1_name": ["Kassala"], "location_code": ["TCD"], "individuals": ["1"]}
    assert check("idp_sites", columns, reference=two_countries).frame.geometry.isna().all()
    columns |= {"location_code": ["SDN"]}
    assert check("idp_sites", columns, reference=two_countries).frame.geometry.notna().all()


def test_places_of_another_theatre_are_said_once_and_not_as_outside(check, two_countries):
    columns = {
        "name": list("abc"),
        "lat": ["5", "5.5", "12"],
        "lon": ["18", "18.5", "21"],
        "location_code": ["CAF"] * 3,
    }
    result = check("facilities", columns, reference=two_countries)
    (note,) = said(result, "no_admin_layer")
    assert "CAF" in note.message
    assert note.severity == "info"
    assert not said(result, "outside_areas")


@pytest.mark.parametrize(
    ("country", "longitude", "warned"),
    [
        ("SDN", "20.5", True),
        ("SD", "20.5", True),
        ("SDN", "21.98", False),
        ("TCD", "20.5", False),
        ("CAF", "20.5", False),
    ],
)
def test_a_country_against_the_place(check, two_countries, country, longitude, warned):
    columns = {"name": ["a"], "lat": ["12"], "lon": [longitude], "location_code": [country]}
    result = check("facilities", columns, reference=two_countries)
    assert bool(said(result, "country_against_place")) is warned
    assert result.frame["location_code"].tolist() == [country], "what was sent is kept"


def test_incidents_known_by_their_area_get_its_codes_and_no_point(check, reference):
    columns = {
        "event_id": ["1", "2"],
        "event_type": ["Battles"] * 2,
        "event_date": ["2026-01-02"] * 2,
        "admin2_code": ["CF12", None],
        "provider_admin2_name": [None, "Haute-Vallée"],
    }
    result = check("incidents", columns, reference=reference)
    assert result.frame.geometry.isna().all()
    assert result.frame["admin2_code"].tolist() == ["CF12", "CF11"]
    assert result.frame["admin1_code"].tolist() == ["CF1", "CF1"]
    assert result.frame["place_precision"].tolist() == ["area", "area"]
    assert "2 records" in said(result, "known_by_area")[0].message
    assert not said(result, "not_located")


@pytest.fixture
def listed_only(stored_frame):
    """Areas by code and name, as a gazetteer has them: no outline, no point."""
    names = {"id": ["CF11", "CF12"], "name": ["Haute-Vallée", "Plaine"], "location_code": ["CF"] * 2}
    return Reference.of([stored_frame("admin_areas", [None, None], **names, admin_level=["2"] * 2)], [])


def test_areas_without_outlines_are_loaded_and_said_to_have_none(check, listed_only):
    """No finding asks for the admin layer that is there."""
    columns = {"site_id": ["a", "b"], "admin2_code": ["CF11", "CF99"], "individuals": ["1", "2"]}
    result = check("idp_sites", columns, reference=listed_only)
    assert result.frame["admin2_code"].tolist() == ["CF11", "CF99"]
    (joined,) = said(result, "areas_without_place")
    assert "1 records have the codes of areas that are loaded without outline" in joined.message
    (lost,) = said(result, "not_located")
    assert "1 records are not located: areas of CF are loaded, but" in lost.message
    assert "first" not in lost.message


def test_places_get_no_codes_from_areas_without_outlines_and_it_is_said(check, listed_only):
    result = check("facilities", {"name": ["a"], "lat": ["7"], "lon": ["20"]}, reference=listed_only)
    (note,) = said(result, "no_outlines")
    assert "1 places have no more admin codes than the file gives" in note.message


def test_no_admin_layer_speaks_of_outlines(check, two_countries):
    columns = {"name": ["a"], "lat": ["50"], "lon": ["100"], "location_code": ["CAF"]}
    (note,) = said(check("facilities", columns, reference=two_countries), "no_admin_layer")
    assert "far from all outlines of admin areas that are loaded, none of CAF" in note.message

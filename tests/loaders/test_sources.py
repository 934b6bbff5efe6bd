"""Each publisher's layout, with its exact headers: recognised, and its columns understood."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from loaders.recognise import recognise, source_of
from loaders.sources import SOURCE_BY_ID, SOURCES, Look
from loaders.sources.sensors import grid_centres
from loaders.sources.ucdp import COLUMNS as UCDP_COLUMNS
from tests.loaders.tables import look_of, raw_of, readings_of, taken_of

ACLED_NEW = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,"
    "latitude,longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
)
ACLED_OLD = (
    "data_id,iso,event_id_cnty,event_id_no_cnty,event_date,year,time_precision,event_type,sub_event_type,actor1,"
    "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,region,country,admin1,admin2,admin3,location,"
    "latitude,longitude,geo_precision,source,source_scale,notes,fatalities,timestamp,iso3"
)
ACLED_OLDEST = (
    "GWNO,EVENT_ID_CNTY,EVENT_ID_NO_CNTY,EVENT_DATE,YEAR,TIME_PRECISION,EVENT_TYPE,ACTOR1,ALLY_ACTOR_1,INTER1,ACTOR2,"
    "ALLY_ACTOR_2,INTER2,INTERACTION,COUNTRY,ADMIN1,ADMIN2,ADMIN3,LOCATION,LATITUDE,LONGITUDE,GEO_PRECISION,SOURCE,"
    "NOTES,FATALITIES"
)
LAYOUTS = {
    "acled": (ACLED_NEW, ACLED_NEW.upper(), "\ufeff" + ACLED_OLD, ACLED_OLDEST, ACLED_NEW + ",population_best"),
    "acled_aggregates": (
        "Country,Admin1,Admin2,ISO3,Admin2 Pcode,Admin1 Pcode,Month,Year,Events,Fatalities",
        "Country,Month,Year,Events,Fatalities",
    ),
    "acled_cast": (
        "country,admin1,month,year,total_forecast,battles_forecast,erv_forecast,vac_forecast,total_observed,"
        "battles_observed,erv_observed,vac_observed,timestamp",
    ),
    "ucdp_ged": (",".join(UCDP_COLUMNS),),
    "dtm": (
        "id,operation,admin0Name,admin0Pcode,admin1Name,admin1Pcode,admin2Name,admin2Pcode,numPresentIdpInd,"
        "reportingDate,yearReportingDate,monthReportingDate,roundNumber,displacementReason,numberMales,numberFemales,"
        "idpOriginAdmin1Name,idpOriginAdmin1Pcode,assessmentType",
    ),
    "ocha_3w": (
        "Month,Activity status,Donor Acronym,Donor Name,Program partner Acronym,Program Partner Name,"
        "Implementing Partner Acronym,Implementing Partner Name,Implementing Partner Type,Region,Zone,Woreda,"
        "WoredaPcod,Cluster,Activity,Lat,Long",
        "Month,Cluster,Region,RegionPcode,District,DistrictPcode,Organization Type,Organization_Name",
        "Title,Province,Departement,Cluster,Acronyme,Organisation,TypeOrganisation,Icones,OperationnelleCount,ID,"
        "Archive,Item Type,Path",
        "SECTEUR/DOMAINE,CLUSTER,NOM ACTIVITE / PROJET2,DATE DEBUT,DATE FIN,NOMBRE BENEFICIAIRES DIRECTS,"
        "TYPE DE BENEFICIAIRES,ETAT PROJET,SOURCE DE FINANCEMENT,BAILLEUR,BUDGET,ID_Projet,Province,Code Province,"
        "Territoire,Code Terrtoire,Zone de sante,Pcode ZS,Nom organization,Type organisation,Acronyme",
    ),
    "geoboundaries": ("shapeName,shapeISO,shapeID,shapeGroup,shapeType",),
    "global_pcodes": ("Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date",),
    "cod_ps": ("ADM0_EN,ADM0_PCODE,ADM2_EN,ADM2_PCODE,F_TL,M_TL,T_TL,F_00_04,M_00_04,T_80PLUS",),
    "insecurity_insight": (
        "Date,Event Description,Country,Country ISO,Admin 1,Latitude,Longitude,Geo Precision,Location of Incident,"
        "Reported Perpetrator,Reported Perpetrator Name,Weapon Carried/Used,Organisation Affected,Programme Focus,"
        "Aid Workers Killed,Aid Workers Injured,Aid Workers Kidnapped,Aid Workers Arrested,SiND Event ID",
        "Date,Event Description,Country,Country ISO,Admin 1,Latitude,Longitude,Geo Precision,Location of event,"
        "Reported Perpetrator,Reported Perpetrator Name,Weapon Carried/Used,Sector Affected,Provider,Launch Type,"
        "Explosive Weapon Type,SIND Event ID",
    ),
    "gdacs": (
        "eventtype,eventid,episodeid,eventname,glide,name,description,htmldescription,icon,iconoverall,url,alertlevel,"
        "alertscore,episodealertlevel,episodealertscore,istemporary,iscurrent,country,fromdate,todate,datemodified,iso3,"
        "source,sourceid,polygonlabel,Class,affectedcountries,severitydata",
    ),
    "nasa_firms": (
        "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,"
        "frp,daynight",
        "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_t31,"
        "frp,daynight",
    ),
    "views": (
        "country_id,month_id,name,gwcode,isoab,year,month,main_mean,main_mean_ln,main_dich",
        "pg_id,month_id,country_id,lat,lon,row,col,main_mean,main_mean_ln,main_dich",
    ),
    "flee_locations": ("name,region,country,lat,lon,location_type,conflict_date,population",),
    "flee_roads": ("name1,name2,distance,forced_redirection",),
    "hdx_hapi": (
        "location_ref,location_code,location_name,admin1_ref,admin1_code,admin1_name,provider_admin1_name,admin2_ref,"
        "admin2_code,admin2_name,provider_admin2_name,admin_level,has_hrp,in_gho,resource_hdx_id,"
        "reference_period_start,reference_period_end,reporting_round,assessment_type,operation,population",
    ),
}
CASES = [(source, layout) for source, layouts in LAYOUTS.items() for layout in layouts]


@pytest.mark.parametrize(("source", "layout"), CASES, ids=[f"{s}-{n}" for n, (s, _) in enumerate(CASES)])
def test_a_published_layout_is_recognised_by_its_headers(source, layout):
    found = source_of(Look(tuple(layout.split(","))))
    assert found is not None
    assert found.id == source


@pytest.mark.parametrize(
    ("source", "few"),
    [
        ("acled", "event_id_cnty,event_date,location"),
        ("dtm", "numPresentIdpInd,admin0Pcode,admin1Pcode"),
        ("insecurity_insight", "SiND Event ID,Date,Country"),
        ("nasa_firms", "acq_date,acq_time,frp"),
        ("views", "month_id,main_dich,pg_id"),
        ("flee_roads", "name1,name2,distance,remarks,state"),
    ],
)
def test_a_whole_layout_is_surer_than_three_of_its_columns(source, few):
    whole = SOURCE_BY_ID[source].recognise(Look(tuple(LAYOUTS[source][0].split(","))))
    part = SOURCE_BY_ID[source].recognise(Look(tuple(few.split(","))))
    strange = SOURCE_BY_ID[source].recognise(Look((*few.split(","), *(f"own {n}" for n in range(20)))))
    assert 0.97 <= whole <= 1
    assert strange < part < whole


def test_source_ids_are_unique_and_found():
    assert len(SOURCE_BY_ID) == len(SOURCES)
    assert all(SOURCE_BY_ID[source.id] is source for source in SOURCES)


def test_no_source_claims_what_it_does_not_know():
    look = Look(("alpha", "beta", "name", "date", "type", "latitude", "longitude", "population"))
    assert [s.id for s in SOURCES if s.recognise(look)] == []


def acled_row(**said):
    usual = {
        "event_id_cnty": "SUD1",
        "event_date": "2023-01-31",
        "time_precision": "1",
        "event_type": "Battles",
        "sub_event_type": "Armed clash",
        "actor1": "Force A",
        "inter1": "State forces",
        "actor2": "Force B",
        "inter2": "Rebel group",
        "admin1": "North",
        "location": "Port",
        "latitude": "13.5",
        "longitude": "25.3",
        "geo_precision": "1",
        "fatalities": "2",
    }
    return usual | said


def acled(*rows, layout=ACLED_NEW):
    headers = layout.split(",")
    return taken_of(layout, [[row.get(h.strip("\ufeff").lower()) for h in headers] for row in rows]).frame


@pytest.mark.parametrize("layout", [ACLED_NEW, ACLED_NEW.upper(), ACLED_OLD, ACLED_OLDEST])
@pytest.mark.parametrize("written", ["2015-12-31", "31-Dec-15", "31 December 2015", "31/12/2015"])
def test_acled_in_each_layout_and_date_style(layout, written):
    frame = acled(acled_row(event_date=written), layout=layout)
    record = frame.iloc[0]
    assert record["id"] == "SUD1"
    assert record["occurred_at"] == pd.Timestamp("2015-12-31", tz="UTC")
    assert (record["incident_type"], record["time_precision"], record["place_precision"]) == ("clash", "day", "point")
    assert record["place_radius_m"] == 0
    assert record.geometry.coords[0] == (25.3, 13.5)


@pytest.mark.parametrize(
    ("event", "sub_event", "expected"),
    [
        ("Violence against civilians", "Sexual violence", "sexual_violence"),
        ("Violence against civilians", "Abduction/forced disappearance", "abduction"),
        ("Violence against civilians", "Attack", "attack_civilians"),
        ("Strategic developments", "Looting/property destruction", "looting"),
        ("Strategic developments", "Agreement", "agreement"),
        ("Explosions/Remote violence", "Air/drone strike", "explosive"),
        ("Explosions/Remote violence", "Remote explosive/landmine/IED", "explosive"),
        ("Riots", "Mob violence", "riot"),
        ("Protests", "Peaceful protest", "protest"),
        ("Battle-No change of territory", None, "clash"),
        ("Battle-Non-state actor overtakes territory", None, "clash"),
        ("Remote violence", None, "explosive"),
        ("Riots/Protests", None, "riot"),
        ("Strategic development", None, "agreement"),
        ("Something new", None, "other"),
    ],
)
def test_acled_types(event, sub_event, expected):
    frame = acled(acled_row(event_type=event, sub_event_type=sub_event, inter1="5"))
    assert frame["incident_type"].tolist() == [expected]


def test_acled_old_protests_are_told_by_who_acted():
    frame = acled(acled_row(event_type="Riots/Protests", sub_event_type=None, inter1="6"))
    assert frame["incident_type"].tolist() == ["protest"]


def test_acled_force_against_protesters_is_violence_in_the_old_spelling_too():
    frame = acled(acled_row(event_type="Protests", sub_event_type="Excessive force against protestors", fatalities="0"))
    assert frame["violent"].tolist() == [True]


@pytest.mark.parametrize(
    ("code", "word"), [("1", "State forces"), ("2", "Rebel group"), ("8", "External/Other forces")]
)
def test_acled_actor_classes_as_numbers_and_words_agree(code, word):
    frame = acled(acled_row(inter1=code), acled_row(event_id_cnty="SUD2", inter1=word))
    assert frame["actor1_class"].nunique() == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"inter2": "7"}, "civilian"),
        ({"inter2": "Civilians"}, "civilian"),
        ({"civilian_targeting": "Civilian targeting", "inter2": None}, "civilian"),
        ({"inter2": "7", "assoc_actor_2": "Aid Workers (Sudan)"}, "aid"),
        ({"actor2": "UNAMID: United Nations (2007-2020)", "inter2": "8"}, "un"),
    ],
)
def test_acled_victims(said, expected):
    frame = acled(acled_row(event_type="Violence against civilians", sub_event_type="Attack", **said))
    assert frame["victim_group"].tolist() == [expected]


@pytest.mark.parametrize(("code", "precision"), [("1", "point"), ("2", "near"), ("3", "region")])
def test_acled_places_known_vaguely(code, precision):
    frame = acled(acled_row(geo_precision=code))
    assert frame["place_precision"].tolist() == [precision]
    assert frame["place_radius_m"].isna().tolist() == [code != "1"]


def test_acled_time_precision_and_stamp():
    frame = acled(acled_row(time_precision="2", timestamp="1675209600"))
    assert frame["time_precision"].tolist() == ["week"]
    assert frame["reported_at"].tolist() == [pd.Timestamp("2023-02-01", tz="UTC")]


@pytest.mark.parametrize("source", ["acled_aggregates", "acled_cast"])
def test_aggregates_and_forecasts_are_no_incidents(source):
    headers = LAYOUTS[source][0].split(",")
    taken = taken_of(headers, [["March" if h.lower() == "month" else "3" for h in headers]])
    assert (taken.seen.source, taken.seen.kind.id) == (source, "other")
    assert "aggregates_are_no_incidents" in taken.codes
    assert taken.account == (1, 1, 0, 0, 1)


def ucdp_row(**said):
    usual = dict.fromkeys(UCDP_COLUMNS, "x") | {
        "id": "5",
        "type_of_violence": "3",
        "where_prec": "2",
        "date_prec": "1",
        "event_clarity": "1",
        "latitude": "5.1",
        "longitude": "20.2",
        "date_start": "2022-05-01 00:00:00.000",
        "date_end": "2022-05-02 00:00:00.000",
        "geom_wkt": "POINT (20.2 5.1)",
        "best": "4",
        "low": "3",
        "high": "9",
        "deaths_civilians": "4",
    }
    return [(usual | said)[name] for name in UCDP_COLUMNS]


@pytest.mark.parametrize("headers", [UCDP_COLUMNS, [f"column_{n}" for n in range(1, 50)]])
def test_ucdp_with_and_without_its_header(headers):
    taken = taken_of(headers, [ucdp_row(), ucdp_row(id="6", where_prec="6", type_of_violence="1")])
    assert taken.seen.source == "ucdp_ged"
    assert taken.frame["id"].tolist() == ["5", "6"]
    assert taken.frame["incident_type"].tolist() == ["attack_civilians", "clash"]
    assert taken.frame["place_precision"].tolist() == ["near", "region"]
    assert taken.frame["place_radius_m"].iloc[0] == 25_000
    assert taken.frame["fatalities_high"].tolist() == [9, 9]
    assert taken.account == (2, 2, 0, 0, 2)


def test_forty_nine_columns_of_something_else_are_not_ucdp():
    look = look_of(raw_of([f"column_{n}" for n in range(1, 50)], [["7"] * 49] * 2))
    assert source_of(look) is None


def test_somalia_3w():
    headers = LAYOUTS["ocha_3w"][1]
    row = ["January-April", "WASH", "Bay", "SO24", "Baidoa", "SO2401", "NGO", "Water for All"]
    frame = taken_of(headers, [row]).frame
    assert frame.loc[0, ["admin1_code", "admin2_code", "sector_code", "owner"]].tolist() == [
        "SO24",
        "SO2401",
        "WSH",
        "Water for All",
    ]
    assert frame["activity_class"].tolist() == ["humanitarian"]


def test_chad_3w_has_its_code_in_the_title():
    row = ["TD0701", "Lac", "Mamdi", "Santé", "XYZ", "Org XYZ", "ONG", "a", "3", "12", "no", "Item", "sites/x"]
    frame = taken_of(LAYOUTS["ocha_3w"][2], [row]).frame
    assert frame.loc[0, ["admin2_code", "provider_admin1_name", "sector_code", "org_acronym", "owner"]].tolist() == [
        "TD0701",
        "Lac",
        "HEA",
        "XYZ",
        "Org XYZ",
    ]
    assert frame["name"].isna().all()


def test_drc_5w_in_french():
    row = ["EHA", "Eau hygiène et assainissement", "Forage", "45658", "45747", "1200", "PDI", "En cours", "x", "Fonds"]
    row += ["9", "P-7", "Nord-Kivu", "CD61", "Masisi", "CD6105", "Masisi", "CD6105ZS01", "Org Eau", "ONG", "OE"]
    frame = taken_of(LAYOUTS["ocha_3w"][3], [row]).frame
    record = frame.iloc[0]
    assert (record["id"], record["name"], record["status"], record["sector_code"]) == ("P-7", "Forage", "active", "WSH")
    assert (record["start_date"], record["end_date"]) == (pd.Timestamp("2025-01-01"), pd.Timestamp("2025-03-31"))
    assert (record["people_targeted"], record["admin2_code"], record["donor"]) == (1200, "CD6105", "Fonds")


SQUARE = shapely.box(33, 12, 34, 13)


def test_new_cod_ab_areas():
    headers = "adm0_name,adm0_pcode,adm1_name,adm1_pcode,adm2_name,adm2_pcode,valid_on,area_sqkm,iso3"
    row = ["Sudan", "SD", "Sennar", "SD14", "Singa", "SD14040", "2024-01-01", "10", "SDN"]
    record = taken_of(headers, [row], shapes=[SQUARE]).frame.iloc[0]
    assert (record["id"], record["parent_code"], record["admin_level"]) == ("SD14040", "SD14", "2")


def test_geoboundaries_and_the_global_table_are_areas():
    areas = taken_of(LAYOUTS["geoboundaries"][0], [["Sennar", "", "SDN-ADM1-9", "SDN", "ADM1"]], shapes=[SQUARE])
    assert areas.seen.kind.id == "admin_areas"
    assert areas.frame.loc[0, ["id", "name", "admin_level", "location_code"]].tolist() == [
        "SDN-ADM1-9",
        "Sennar",
        "1",
        "SDN",
    ]
    table = taken_of(LAYOUTS["global_pcodes"][0], [["SDN", "2", "SD14040", "Singa", "SD14", "2021-01-01"]])
    assert table.frame.loc[0, ["id", "parent_code", "admin_level"]].tolist() == ["SD14040", "SD14", "2"]


def test_cod_ps_is_people_of_an_area_and_no_settlement():
    row = ["Sudan", "SD", "Singa", "SD14040", "60", "50", "110", "9", "8", "2"]
    taken = taken_of(LAYOUTS["cod_ps"][0], [row])
    assert taken.seen.kind.id == "population_groups"
    assert taken.frame.loc[0, ["id", "name", "population", "admin2_code"]].tolist() == [
        "SD14040",
        "Singa",
        110,
        "SD14040",
    ]
    assert taken.frame["population_group"].isna().all()


def insecurity(**said):
    headers = LAYOUTS["insecurity_insight"][0].split(",")
    usual = {
        "Date": "2024-05-01",
        "SiND Event ID": "7",
        "Latitude": "13.1",
        "Longitude": "30.2",
        "Geo Precision": "(2) 25 km precision",
        "Organisation Affected": "INGO",
        "Country ISO": "SDN",
        "Reported Perpetrator": "Non-State Armed Group",
        "Reported Perpetrator Name": "Group X",
    }
    return taken_of(headers, [[(usual | said).get(h) for h in headers]]).frame.iloc[0]


def test_insecurity_insight_aid_workers():
    record = insecurity(**{"Aid Workers Killed": "2", "Aid Workers Kidnapped": "1"})
    assert (record["incident_type"], record["victim_group"], record["fatalities"]) == ("attack_un_aid", "aid", 2)
    assert record["sub_event_type"] == "2 killed, 1 kidnapped"
    assert (record["place_precision"], record["place_radius_m"]) == ("near", 25_000)
    assert (record["actor1"], record["actor1_class"]) == ("Group X", "Non-State Armed Group")
    assert insecurity(**{"Aid Workers Killed": "0", "Aid Workers Kidnapped": "3"})["incident_type"] == "abduction"


def test_insecurity_insight_explosive_weapons_hurt_civilians():
    headers = LAYOUTS["insecurity_insight"][1].split(",")
    row = {"Date": "2024-05-01", "SIND Event ID": "8", "Latitude": "1", "Longitude": "2", "Launch Type": "Air-launched"}
    record = taken_of(headers, [[row.get(h) for h in headers]]).frame.iloc[0]
    assert (record["incident_type"], record["victim_group"]) == ("explosive", "civilian")
    assert pd.isna(record["fatalities"])


def test_firms_times_have_lost_their_zeros():
    headers = LAYOUTS["nasa_firms"][0].split(",")
    row = {"latitude": "1", "longitude": "2", "acq_date": "2024-03-01", "acq_time": "113", "frp": "3"}
    taken = taken_of(headers, [[row.get(h) for h in headers]])
    assert taken.seen.kind.id == "other"
    assert taken.frame["name"].tolist() == ["Fire seen 2024-03-01 01:13 UTC"]


def test_views_cells_lie_where_their_number_says():
    centres = grid_centres(pd.Series(["1", "720", "721", "259200", "0", "x"]))
    assert centres["latitude"].tolist()[:4] == [-89.75, -89.75, -89.25, 89.75]
    assert centres["longitude"].tolist()[:4] == [-179.75, 179.75, -179.75, 179.75]
    assert centres.tail(2).isna().all(axis=None)
    taken = taken_of("pg_id,month_id,country_id,main_mean,main_dich", [["154000", "553", "9", "0.2", "0.1"]])
    assert taken.seen.kind.id == "other"
    assert taken.frame.geometry.iloc[0].coords[0] == (139.75, 16.75)
    assert taken.frame["name"].tolist() == ["cell 154000, 2026-01"]


def test_cursor_on_target_knows_no_radius_of_nine_million_metres():
    headers = "uid,type,time,start,stale,how,callsign,remarks,ce"
    rows = [
        ["u1", "a-f-G", "t", "t", "2026-01-01T00:00:00Z", "m-g", "ALPHA", "", "9999999.0"],
        ["u2", "a-u-G", "t", "t", "2026-01-01T00:00:00Z", "h-e", "BRAVO", "", "12.5"],
    ]
    points = [shapely.Point(1, 2), shapely.Point(3, 4)]
    frame = taken_of(headers, rows, shapes=points, form="cot").frame
    assert frame["id"].tolist() == ["u1", "u2"]
    assert frame["place_radius_m"].isna().tolist() == [True, False]
    assert frame["place_radius_m"].iloc[1] == 12.5


def gdacs_row(**said):
    usual = {
        "eventtype": "TC",
        "eventid": "1001",
        "episodeid": "3",
        "eventname": "STORM-24",
        "alertlevel": "Orange",
        "iscurrent": "true",
        "severitydata": '{"severity": 185.2, "severitytext": "185 km/h", "severityunit": "km/h"}',
        "fromdate": "2024-12-01T00:00:00",
        "todate": "2024-12-10T00:00:00",
        "iso3": "MDG",
        "Class": "Point_Centroid",
    }
    return [(usual | said).get(h) for h in LAYOUTS["gdacs"][0].split(",")]


def test_gdacs_points_and_outlines_are_two_layers_and_nothing_is_lost():
    rows = [gdacs_row(), gdacs_row(Class="Poly_Affected"), gdacs_row(eventid="1002", iscurrent="false")]
    raw = raw_of(LAYOUTS["gdacs"][0], rows, shapes=[shapely.Point(47, -18), SQUARE, shapely.Point(48, -19)])
    readings = readings_of(raw, "gdacs.geojson")
    points, areas = readings[""], readings["areas"]
    assert points.frame["id"].tolist() == ["TC1001", "TC1002"]
    assert points.frame["hazard_type"].tolist() == ["cyclone", "cyclone"]
    assert points.frame["status"].tolist() == ["active", "cleared"]
    assert points.frame["threat"].iloc[0] == "Orange alert; 185 km/h"
    assert points.frame["start_date"].tolist() == [pd.Timestamp("2024-12-01")] * 2
    assert areas.frame.geometry.geom_type.tolist() == ["Polygon"]
    assert points.account == (3, 3, 0, 0, 2)
    assert areas.account == (3, 3, 0, 0, 1)
    assert {"outlines_beside"} <= points.codes


def test_gdacs_rss():
    headers = [
        *("title", "description", "pubDate", "guid", "geo:Point/geo:lat", "geo:Point/geo:long", "gdacs:fromdate"),
        *("gdacs:todate", "gdacs:iscurrent", "gdacs:eventtype", "gdacs:alertlevel", "gdacs:eventid", "gdacs:episodeid"),
        *("gdacs:severity", "gdacs:iso3"),
    ]
    row = ["Green alert", "text", "x", "EQ7", "51.1", "-177.2", "Tue, 10 Dec 2024 18:04:35 GMT"]
    row += ["Tue, 10 Dec 2024 18:04:35 GMT", "true", "EQ", "Green", "7", "8", "Magnitude 5.8M", "USA"]
    record = taken_of(headers, [row], form="feed").frame.iloc[0]
    assert (record["id"], record["hazard_type"], record["threat"]) == (
        "EQ7",
        "earthquake",
        "Green alert; Magnitude 5.8M",
    )
    assert record["start_date"] == pd.Timestamp("2024-12-10")
    assert record.geometry.coords[0] == (-177.2, 51.1)


KOBO = (
    "_id,_uuid,_submission_time,_submitted_by,_validation_status,__version__,what/event_type,what/killed,"
    "where/_site_latitude,where/_site_longitude,where/_site_precision,when/date of incident,_index"
)


def test_kobo_questions_without_their_groups():
    row = ["4", "u-4", "2026-05-02T08:00:00", "anna", None, "v1", "Ambush", "2", "13.5", "25.1", "8", "2026-05-01", "1"]
    taken = taken_of(KOBO, [row])
    record = taken.frame.iloc[0]
    assert (taken.seen.source, taken.seen.kind.id) == ("kobo", "incidents")
    assert (record["incident_type"], record["fatalities"], record["id"]) == ("clash", 2, "u-4")
    assert record.geometry.coords[0] == (25.1, 13.5)
    assert record["place_radius_m"] == 8
    assert record["reported_at"] == pd.Timestamp("2026-05-02T08:00:00Z")
    assert "_submitted_by" not in taken.seen.mapping


def test_kobo_form_of_unknown_questions_is_of_the_kind_that_the_person_says():
    headers = "_uuid,_submission_time,colour,taste,title"
    assert source_of(Look(tuple(headers.split(",")))) is None
    taken = taken_of(headers, [["u", "2026-05-02", "red", "sweet", "Apple"]], kind="other")
    assert taken.seen.source == "kobo"
    assert taken.frame["name"].tolist() == ["Apple"]


def test_odk_geopoint_as_text():
    headers = "KEY,SubmissionDate,meta-instanceID,event_type,place-point,date of incident"
    rows = [[f"uuid:{n}", "2026-05-02", f"uuid:{n}", "Ambush", "13.5 25.1 0 4.5", "2026-05-01"] for n in (1, 2)]
    taken = taken_of(headers, rows)
    assert taken.frame["id"].tolist() == ["uuid:1", "uuid:2"]
    assert taken.frame.geometry.iloc[0].coords[0] == (25.1, 13.5)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ("#date+occurred,#event+type,#adm1+code,#affected+killed", "incidents"),
        ("#adm1 +code,#affected+idps,#date+reported,#adm1+name", "idp_sites"),
        ("#adm1+code+origin,#adm2+code+dest,#affected+idps,#date+start", "idp_flows"),
        ("#org,#sector,#adm2+code,#status", "projects"),
        ("#adm2+code,#population,#adm2+name,#meta", "population_groups"),
        ("#lab,#x,#y,#z", "other"),
    ],
)
def test_any_table_with_hxl_tags(tags, kind):
    seen = recognise(Look(("a", "b", "c", "d"), hxl=tuple(tags.split(","))))
    assert seen.kind.id == kind
    assert kind == "other" or set(seen.confidences.values()) == {0.9}


def test_flee_camp_by_its_file():
    rows = [[None, None], ["2013-12-04", "8683"], ["# a note", None], ["2014-02-06", "10494"]]
    taken = taken_of(["column_1", "column_2"], rows, "dcon-inke.csv", first=1)
    assert (taken.seen.source, taken.seen.kind.id) == ("flee_arrivals", "idp_sites")
    assert taken.frame["name"].tolist() == ["Inke", "Inke"]
    assert taken.frame["population"].tolist() == [8683, 10494]
    assert taken.frame["population_group"].unique().tolist() == ["refugee"]
    assert taken.frame["location_code"].unique().tolist() == ["COD"]
    assert taken.account == (4, 3, 0, 1, 2), "the comment is no record, the blank row is rejected"


def test_two_nameless_columns_of_another_file_are_not_a_camp():
    look = look_of(raw_of(["column_1", "column_2"], [["2013-12-04", "8683"]] * 3), "figures.csv")
    assert source_of(look) is None

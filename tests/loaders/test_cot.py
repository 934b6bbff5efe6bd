from __future__ import annotations

import io
import zipfile

import pytest
import shapely

from layers.errors import UnreadableFile
from layers.geodesy import GEOD
from loaders.formats import format_of
from loaders.formats.cot import read
from loaders.formats.format import Opened

TIMES = "time='2026-11-12T06:00:00Z' start='2026-11-12T06:00:00Z' stale='2026-11-12T07:00:00Z' how='h-e'"
KML = "<kml><Placemark><name>P</name><Point><coordinates>1,2</coordinates></Point></Placemark></kml>"


def event(kind="a-u-G", uid="u1", lat="5", lon="20", ce="12.5", detail=""):
    point = f"<point lat='{lat}' lon='{lon}' hae='9999999.0' ce='{ce}' le='9999999.0'/>"
    return f"<event version='2.0' uid='{uid}' type='{kind}' {TIMES}>{point}<detail>{detail}</detail></event>"


def links(*points):
    return "".join(f'<link point="{p}" relation="c"/>' for p in points)


def package(**files):
    stream = io.BytesIO()
    contents = "".join(
        f'<Content ignore="{str(name.startswith("old")).lower()}" zipEntry="{name}/{name}.cot"/>' for name in files
    )
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "MANIFEST/manifest.xml",
            '<MissionPackageManifest version="2">'
            '<Configuration><Parameter name="name" value="Op East"/></Configuration>'
            f"<Contents>{contents}</Contents></MissionPackageManifest>",
        )
        for name, content in files.items():
            suffix = "kml" if content == KML else "cot" if "<event" in content else "png"
            archive.writestr(f"{name}/{name}.{suffix}", content)
    return stream.getvalue()


@pytest.fixture
def layers(write):
    """All layers of a file of events or a data package."""

    def opened(content, name="events.cot"):
        path = write(name, content)
        assert format_of(path, name)[0].id == "cot"
        return read(Opened(path, name))

    return opened


def rows(layer):
    return [
        dict(zip(layer.columns, values, strict=True))
        for values in zip(*(c.to_pylist() for c in layer.cells), strict=True)
    ]


def shapes(layer):
    return [None if b is None else shapely.from_wkb(b) for b in layer.geometry.to_pylist()]


def codes(layer):
    return [(f.code, f.severity, f.row) for f in layer.findings]


@pytest.mark.parametrize(
    "content",
    [
        event(uid="a") + event(uid="b"),
        "<?xml version='1.0'?>\n" + event(uid="a") + "<?xml version='1.0' standalone='yes'?>\n" + event(uid="b"),
        "<events>" + event(uid="a") + event(uid="b") + "</events>",
        event(uid="a").replace("'", '"') + "\n" + event(uid="b"),
    ],
    ids=["concatenated", "declared twice", "wrapped", "quotes"],
)
def test_one_or_many_events(layers, content):
    (layer,) = layers(content)
    assert layer.feature_ids.to_pylist() == ["a", "b"]
    assert shapes(layer) == [shapely.Point(20, 5)] * 2
    assert layer.rows.tolist() == [1, 2]


def test_what_an_event_says(layers):
    detail = (
        "<contact callsign='HAWK' endpoint='*:-1:stcp'/><remarks>two &lt;b&gt;trucks</remarks>"
        "<color argb='-65536'/><__group name='Cyan' role='HQ'/><status readiness='true'/>"
    )
    (row,) = rows(layers(event("a-h-G-U-C", detail=detail))[0])
    assert row | {"how": None} == row | {
        "how": None,
        "callsign": "HAWK",
        "type": "a-h-G-U-C",
        "affiliation": "hostile",
        "remarks": "two <b>trucks",
        "color": "#FF0000",
        "group name": "Cyan",
        "readiness": "true",
        "start": "2026-11-12T06:00:00Z",
        "stale": "2026-11-12T07:00:00Z",
        "ce": "12.5",
    }
    assert not {"hae", "le"} & set(row), "9999999 is no number of metres"


@pytest.mark.parametrize(
    ("kind", "detail", "wkt"),
    [
        ("b-m-r", links("1,2", "3,4,100", "5,6"), "LINESTRING (2 1, 4 3, 6 5)"),
        ("b-m-r", links("1,2", "3,4", "1,2"), "LINESTRING (2 1, 4 3, 2 1)"),
        ("u-d-f", links("1,2", "3,4"), "LINESTRING (2 1, 4 3)"),
        ("u-d-f", links("0,0", "0,4", "4,4", "0,0"), "POLYGON ((0 0, 4 0, 4 4, 0 0))"),
        ("u-d-r", links("0,0", "0,4", "4,4", "4,0"), "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
        ("x-unknown-type", "", "POINT (20 5)"),
        ("a-u-G", links("1,2", "3,4"), "POINT (20 5)"),
        ("", "", "POINT (20 5)"),
    ],
)
def test_each_drawing(layers, kind, detail, wkt):
    (layer,) = layers(event(kind, detail=detail))
    assert [s.wkt for s in shapes(layer)] == [wkt]
    assert codes(layer) == []


def test_a_circle_has_its_radius_on_the_ground(layers):
    detail = (
        "<shape><ellipse major='500' minor='500' angle='360'/><ellipse major='5000' minor='5000' angle='360'/></shape>"
    )
    (layer,) = layers(event("u-d-c-c", detail=detail))
    (circle,) = shapes(layer)
    _, _, metres = GEOD.inv([20.0] * 128, [5.0] * 128, *shapely.get_coordinates(circle)[:128].T)
    assert metres == pytest.approx([5000.0] * 128, abs=1e-3)
    assert (rows(layer)[0]["radius_m"], rows(layer)[0]["rings"]) == ("5000", "2")


def test_an_ellipse_lies_along_its_angle(layers):
    detail = "<shape><ellipse major='4000' minor='1000' angle='90'/></shape>"
    (ellipse,) = shapes(layers(event("u-d-c-c", detail=detail))[0])
    west, south, east, north = ellipse.bounds
    assert GEOD.inv(west, 5, east, 5)[2] == pytest.approx(8000, rel=1e-3)
    assert GEOD.inv(20, south, 20, north)[2] == pytest.approx(2000, rel=1e-3)


@pytest.mark.parametrize(
    "bad",
    [
        event(lat="x"),
        event(lat="NaN"),
        event(lon=""),
        "<event uid='1' type='a-u-G'/>",
        event("u-d-c-c", detail="<shape><ellipse major='-5' minor='5' angle='0'/></shape>"),
        event("u-d-c-c", detail="<shape><ellipse major='9e9' minor='5' angle='0'/></shape>"),
        event("u-d-f", detail=links("1,2", "one,two")),
        event("b-m-r", detail=links("1,2", "3")),
    ],
)
def test_a_bad_event_is_named_and_the_others_stay(layers, bad):
    (layer,) = layers(event() + bad + event())
    assert codes(layer) == [("bad_geometry", "rejected", 2)]
    assert [s is None for s in shapes(layer)] == [False, True, False]


@pytest.mark.parametrize("kind", ["b-t-f", "b-t-f-d", "t-x-d-d", "t-x-c-t"])
def test_messages_are_counted_and_not_drawn(layers, kind):
    (layer,) = layers(event(kind) + event(uid="place"))
    assert layer.feature_ids.to_pylist() == ["place"]
    assert layer.rows.tolist() == [2]
    assert codes(layer) == [("messages_not_loaded", "warning", None)]
    with pytest.raises(UnreadableFile, match="1 x"):
        layers(event(kind))


def test_a_data_package(layers):
    content = package(one=event(uid="a"), two=event(uid="b"), old=event(uid="c"), photo="png", plan=KML)
    events, plan = layers(content, "package.zip")
    assert (events.name, plan.name) == ("Op East", "plan")
    assert events.feature_ids.to_pylist() == ["a", "b"]
    assert [row["file"] for row in rows(events)] == ["one.cot", "two.cot"]
    (said,) = [f for f in events.findings if f.code == "not_read"]
    assert "old.cot (marked as ignored)" in said.message
    assert "photo.png" in said.message
    assert plan.format == "kml"


def test_a_damaged_file_of_a_package_does_not_take_the_others(layers):
    (events,) = layers(package(one=event(), two=event()[:-20]), "package.zip")
    assert len(events) == 1
    assert codes(events) == [("unreadable_file", "warning", None)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (event()[:-20], "cut short"),
        ("<!DOCTYPE event [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + event(), "DOCTYPE"),
    ],
)
def test_what_cannot_be_read_is_refused(layers, content, said):
    with pytest.raises(UnreadableFile, match=said):
        layers(content)

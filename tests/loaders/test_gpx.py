from __future__ import annotations

import pytest
import shapely

from layers.errors import UnreadableFile
from loaders.formats import format_of
from loaders.formats.format import Opened
from loaders.formats.gpx import read

WAYPOINT = (
    '<wpt lat="5.25" lon="20.5"><name>Bria</name><ele>580</ele><time>2026-11-12T06:00:00Z</time>'
    '<link href="http://127.0.0.1/x"><text>more</text></link><extensions><x:depth>3</x:depth></extensions></wpt>'
)
ROUTE = (
    '<rte><name>Main</name><rtept lat="1" lon="2"><name>A</name></rtept>'
    '<rtept lat="3" lon="4"><name>B</name></rtept></rte>'
)
TRACK = (
    "<trk><name>Patrol</name>"
    '<trkseg><trkpt lat="1" lon="2"><time>T1</time></trkpt><trkpt lat="3" lon="4"/></trkseg>'
    '<trkseg><trkpt lat="5" lon="6"/><trkpt lat="7" lon="8"><time>T2</time></trkpt></trkseg></trk>'
)


def gpx(*parts):
    return f'<?xml version="1.0"?><gpx version="1.1">{"".join(parts)}</gpx>'


@pytest.fixture
def layers(write):
    """All layers of a GPX file."""

    def opened(content):
        path = write("patrol.gpx", content)
        assert format_of(path, path.name)[0].id == "gpx"
        return read(Opened(path, path.name))

    return opened


def rows(layer):
    return [
        dict(zip(layer.columns, values, strict=True))
        for values in zip(*(c.to_pylist() for c in layer.cells), strict=True)
    ]


def wkts(layer):
    return [None if b is None else shapely.from_wkb(b).wkt for b in layer.geometry.to_pylist()]


def rejected(layer):
    return [(f.code, f.row) for f in layer.findings if f.severity == "rejected"]


def test_waypoints_routes_and_tracks_are_layers(layers):
    points, routes, tracks = layers(gpx("<metadata><name>Week 46</name></metadata>", TRACK, ROUTE, WAYPOINT))
    assert [layer.name for layer in (points, routes, tracks)] == ["waypoints", "routes", "tracks"]
    assert points.title == "Week 46"
    assert rows(points) == [
        {
            "name": "Bria",
            "ele": "580",
            "time": "2026-11-12T06:00:00Z",
            "link": "http://127.0.0.1/x",
            "text": "more",
            "depth": "3",
        }
    ]
    assert wkts(points) == ["POINT (20.5 5.25)"]
    assert rows(routes)[0] == {"name": "Main", "points": "2", "via": "A > B"}
    assert wkts(routes) == ["LINESTRING (2 1, 4 3)"]
    assert rows(tracks)[0] == {"name": "Patrol", "begin": "T1", "end": "T2", "points": "4"}
    assert wkts(tracks) == ["MULTILINESTRING ((2 1, 4 3), (6 5, 8 7))"]
    assert "points_joined" in {f.code for f in tracks.findings}


def test_one_layer_alone_needs_no_name(layers):
    (only,) = layers(gpx(WAYPOINT))
    assert only.name == ""
    assert only.findings == []


@pytest.mark.parametrize("attributes", ['lat="abc" lon="20"', 'lat="5"', 'lat="NaN" lon="20"', 'lat="5" lon="inf"', ""])
def test_a_bad_waypoint_is_named_and_the_others_stay(layers, attributes):
    (layer,) = layers(gpx(WAYPOINT, f"<wpt {attributes}><name>B</name></wpt>", WAYPOINT))
    assert rejected(layer) == [("bad_geometry", 2)]
    assert [wkt is None for wkt in wkts(layer)] == [False, True, False]


def test_a_bad_point_of_a_track_is_left_out_and_said(layers):
    (layer,) = layers(gpx(TRACK.replace('lat="3"', 'lat="x"').replace("<trkseg>", '<trkseg><trkpt lat="0" lon="0"/>')))
    assert wkts(layer) == ["MULTILINESTRING ((0 0, 2 1), (0 0, 6 5, 8 7))"]
    assert [(f.code, f.severity, f.row) for f in layer.findings if f.row] == [("points_left_out", "repaired", 1)]


@pytest.mark.parametrize(
    ("track", "wkt"),
    [
        ('<trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk>', "POINT (2 1)"),
        ("<trk><trkseg></trkseg></trk>", None),
        ("<trk/>", None),
    ],
)
def test_short_tracks(layers, track, wkt):
    (layer,) = layers(gpx(track))
    assert wkts(layer) == [wkt]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gpx(), "without waypoints"),
        (gpx(WAYPOINT)[:-8], "cut short"),
        ('<!DOCTYPE gpx [<!ENTITY x "y">]>' + "<gpx/>", "DOCTYPE"),
    ],
)
def test_what_cannot_be_read_is_refused(layers, content, said):
    with pytest.raises(UnreadableFile, match=said):
        layers(content)

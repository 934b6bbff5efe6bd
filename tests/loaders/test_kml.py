from __future__ import annotations

import io
import zipfile

import pytest
import shapely

from layers.errors import UnreadableFile
from loaders.formats import format_of
from loaders.formats.format import Opened
from loaders.formats.kml import read
from loaders.ingest import inspect

POINT = "<Point><coordinates>20.5,5.25,0</coordinates></Point>"
OPEN_RING = "<LinearRing><coordinates>1,1 2,1 2,2</coordinates></LinearRing>"


def kml(*parts):
    return (
        f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(parts)}</Document></kml>'
    )


def placemark(*parts, name="A"):
    return f"<Placemark><name>{name}</name>{''.join(parts)}</Placemark>"


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_kml", ".kml"), content)
    return stream.getvalue()


@pytest.fixture
def layers(write):
    """All layers of a KML or KMZ."""

    def opened(content, name="places.kml"):
        path = write(name, content)
        assert format_of(path, name)[0].id == "kml"
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


def test_every_folder_and_every_word_is_kept(layers):
    (layer,) = layers(
        kml(
            "<name>Camps &amp; wells</name>",
            placemark(POINT, "<description><![CDATA[<script>x</script>]]></description><phoneNumber>1</phoneNumber>"),
            "<Folder>",
            placemark(POINT, "<TimeSpan><begin>2026-01</begin><end>2026-02-03</end></TimeSpan>", name="قرية"),
            "<Folder>",
            placemark(
                POINT,
                '<ExtendedData><Data name="people"><value>12</value></Data><SchemaData schemaUrl="#s">'
                '<SimpleData name="cluster">WASH</SimpleData></SchemaData><Data name="name"><value>other</value></Data>'
                "</ExtendedData><TimeStamp><when>2026-11-12T06:00:00Z</when></TimeStamp><styleUrl>#red</styleUrl>",
                name="C",
            ),
            "<name>Inner</name></Folder><name>Outer</name></Folder>",
        )
    )
    first, second, third = rows(layer)
    assert layer.title == "Camps & wells"
    assert first["description"] == "<script>x</script>"
    assert first["phoneNumber"] == "1"
    assert (second["name"], second["folder"], second["begin"], second["end"]) == (
        "قرية",
        "Outer",
        "2026-01",
        "2026-02-03",
    )
    assert (third["folder"], third["people"], third["cluster"]) == ("Outer/Inner", "12", "WASH")
    assert (third["name"], third["name (2)"], third["time"]) == ("C", "other", "2026-11-12T06:00:00Z")
    assert "styleUrl" not in layer.columns
    assert shapes(layer) == [shapely.Point(20.5, 5.25)] * 3
    assert layer.rows.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        ("<LineString><coordinates>1,2\n 3,4 5,6</coordinates></LineString>", "LINESTRING (1 2, 3 4, 5 6)"),
        ("<Point><coordinates> 1 , 2 , 3 </coordinates></Point>", "POINT Z (1 2 3)"),
        (
            "<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 4,0 4,4 0,0</coordinates></LinearRing>"
            "</outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>2,1 3,1 3,2 2,1</coordinates></LinearRing>"
            "</innerBoundaryIs></Polygon>",
            "POLYGON ((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))",
        ),
        (
            f"<MultiGeometry>{POINT}<MultiGeometry>{POINT}</MultiGeometry></MultiGeometry>",
            "MULTIPOINT ((20.5 5.25), (20.5 5.25))",
        ),
        (
            f"<MultiGeometry>{POINT}<LineString><coordinates>1,2 3,4</coordinates></LineString></MultiGeometry>",
            "GEOMETRYCOLLECTION (POINT (20.5 5.25), LINESTRING (1 2, 3 4))",
        ),
        ("<Model><Location><longitude>1</longitude><latitude>2</latitude></Location></Model>", "POINT (1 2)"),
        (
            "<gx:Track><when>2026-01-01</when><gx:coord>1 2 3</gx:coord><gx:coord>3 4 5</gx:coord></gx:Track>",
            "LINESTRING (1 2, 3 4)",
        ),
        ("", None),
        ("<Point><coordinates></coordinates></Point>", None),
    ],
)
def test_each_geometry(layers, geometry, wkt):
    (layer,) = layers(kml(placemark(geometry), placemark(POINT)))
    assert [None if s is None else s.wkt for s in shapes(layer)] == [wkt, "POINT (20.5 5.25)"]
    assert codes(layer) == []


def test_a_track_keeps_its_first_and_last_time(layers):
    track = (
        "<gx:Track><when>2026-01-01T00:00:00Z</when><when>2026-01-02T00:00:00Z</when>"
        "<gx:coord>1 2</gx:coord><gx:coord>3 4</gx:coord></gx:Track>"
    )
    (row,) = rows(layers(kml(placemark(track)))[0])
    assert (row["begin"], row["end"]) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")


@pytest.mark.parametrize(
    "coordinates", ["abc", "20 5", "20,5,1,1", "NaN,5", "20,inf", "20,", "1,1 2,2"], ids=lambda text: text
)
def test_a_bad_placemark_is_named_and_the_others_stay(layers, coordinates):
    bad = placemark(f"<Point><coordinates>{coordinates}</coordinates></Point>", name="B")
    (layer,) = layers(kml(placemark(POINT), bad, placemark(POINT, name="C")))
    assert [s is None for s in shapes(layer)] == [False, True, False]
    assert codes(layer) == [("bad_geometry", "rejected", 2)]
    assert "placemark 2" in layer.findings[0].message


def test_an_open_outline_is_closed_and_said(layers):
    (layer,) = layers(kml(placemark(f"<Polygon><outerBoundaryIs>{OPEN_RING}</outerBoundaryIs></Polygon>")))
    assert shapes(layer)[0].area == 0.5
    assert codes(layer) == [("ring_closed", "repaired", 1)]


@pytest.mark.parametrize(
    ("element", "code"),
    [
        (
            "<NetworkLink><name>live</name><Link><href>http://127.0.0.1/a.kml</href></Link></NetworkLink>",
            "not_followed",
        ),
        ("<GroundOverlay><name>live</name><Icon><href>a.png</href></Icon></GroundOverlay>", "not_read"),
        ("<ScreenOverlay><name>live</name></ScreenOverlay>", "not_read"),
    ],
)
def test_links_and_pictures_are_said_and_left_alone(layers, element, code):
    (layer,) = layers(kml(placemark(POINT), element))
    assert len(layer) == 1
    (finding,) = layer.findings
    assert (finding.code, finding.severity) == (code, "warning")
    assert "live" in finding.message
    with pytest.raises(UnreadableFile, match="without a Placemark"):
        layers(kml(element))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (kml(), "without a Placemark"),
        (kml(placemark(POINT))[:-30], "cut short"),
        (
            '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><Placemark><name>&x;</name></Placemark></kml>',
            "DOCTYPE",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(layers, content, said):
    with pytest.raises(UnreadableFile, match=said):
        layers(content)


def test_a_kmz_with_pictures(layers):
    (layer,) = layers(zipped(doc_kml=kml(placemark(POINT)), files__icon="png"), "places.kmz")
    assert (layer.name, len(layer)) == ("", 1)


def test_a_kmz_with_several_files_names_each(layers):
    content = zipped(a_kml=kml(placemark(POINT)), sub__b_kml=kml(placemark(POINT)), broken_kml="<kml>")
    first, second = layers(content, "places.kmz")
    assert (first.name, second.name) == ("a", "b")
    assert codes(first) == [("unreadable_file", "warning", None)]


def test_from_the_file_to_a_draft(access, write):
    (draft,) = inspect(write("idp sites.kmz", zipped(doc_kml=kml(placemark(POINT)))), access)
    assert [column.name for column in draft.columns] == ["name"]

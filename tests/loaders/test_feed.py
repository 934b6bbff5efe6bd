"""RSS and Atom as tables."""

from __future__ import annotations

import pytest

from layers.errors import UnreadableFile
from loaders.formats import format_of
from loaders.formats.format import Opened

RSS = """<?xml version="1.0"?><rss xmlns:geo="g" xmlns:gdacs="d"><channel><title>Alerts</title>
<item><title>Flood &amp; storm</title><category>a</category><category>b</category>
<geo:Point><geo:lat>4.5</geo:lat><geo:long>18.5</geo:long></geo:Point>
<gdacs:severity unit="M" value="5.8">Magnitude 5.8</gdacs:severity><gdacs:glide/></item>
<item><title><![CDATA[<b>Quake</b>]]></title></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="r"><title>Quakes</title>
<entry><id>1</id><georss:point>4.5 18.5</georss:point><link href="http://x/"/></entry></feed>"""


def read(path):
    chosen, _ = format_of(path, path.name)
    assert chosen.id == "feed"
    (layer,) = chosen.read(Opened(path, path.name))
    return layer


def rows(layer):
    return [dict(zip(layer.columns, r, strict=True)) for r in zip(*(c.to_pylist() for c in layer.cells), strict=True)]


def test_items_become_rows(write):
    layer = read(write("a.xml", RSS))
    first, second = rows(layer)
    assert first == {
        "title": "Flood & storm",
        "category": "a; b",
        "geo:Point/geo:lat": "4.5",
        "geo:Point/geo:long": "18.5",
        "gdacs:severity": "Magnitude 5.8",
        "gdacs:severity@unit": "M",
        "gdacs:severity@value": "5.8",
    }
    assert (second["title"], second["category"]) == ("<b>Quake</b>", None)
    assert (layer.rows.tolist(), layer.title) == ([1, 2], "Alerts")


def test_atom(write):
    layer = read(write("a.atom", ATOM))
    assert rows(layer) == [{"id": "1", "georss:point": "4.5 18.5", "link@href": "http://x/"}]


@pytest.mark.parametrize(
    "content",
    [
        RSS[:-40],
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><t>&a;</t></item></rss>',
        "<rss><channel><title>nothing yet</title></channel></rss>",
    ],
)
def test_what_cannot_be_read(write, content):
    with pytest.raises(UnreadableFile):
        read(write("a.xml", content))


def test_gdacs_with_its_mark_encoded_twice(real):
    layer = read(real / "feeds/gdacs_rss.xml")
    first, second = rows(layer)
    assert (first["geo:Point/geo:lat"], first["geo:Point/geo:long"]) == ("51.1125", "-177.2133")
    assert (first["gdacs:severity@value"], first["gdacs:eventtype"], first["gdacs:iso3"]) == ("5.8", "EQ", "USA")
    assert second["gdacs:eventid"] == "1456937"
    assert [f.code for f in layer.findings] == ["mark_twice"]

"""XML: entities, inclusions, links to elsewhere, depth; in KML, GPX, feeds, CoT and web pages."""

# ruff: noqa: E501 - the files stand here as they are sent

from __future__ import annotations

from tests.hostile.archives import packed
from tests.hostile.form import (
    DEPTH,
    LANDLOCK,
    MEMORY,
    NO_NETWORK,
    READER,
    SEPARATE,
    TIME,
    Form,
    Loads,
    Make,
    Planted,
    Refused,
    Verdict,
)

BAD, EITHER = Refused(), Refused(("unreadable_file", "too_large"))
LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol"}">' for i in range(12))
BODIES = {
    "kml": (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>{}</name><Point><coordinates>20,5</coordinates></Point></Placemark></Document></kml>',
        ".kml",
    ),
    "gpx": (
        '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="x"><wpt lat="5" lon="20"><name>{}</name></wpt></gpx>',
        ".gpx",
    ),
    "rss": (
        '<rss version="2.0" xmlns:georss="http://www.georss.org/georss"><channel><item><title>{}</title><georss:point>5 20</georss:point></item></channel></rss>',
        ".xml",
    ),
    "cot": (
        '<event version="2.0" uid="a" type="a-f-G" time="2026-11-20T00:00:00Z" start="2026-11-20T00:00:00Z" stale="2026-11-21T00:00:00Z" how="h-e">'
        '<point lat="5" lon="20" hae="0" ce="1" le="1"/><detail><contact callsign="x"/><remarks>{}</remarks></detail></event>',
        ".cot",
    ),
}


def _with(doctype: str, body: str, used: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE a [{doctype}]>{body.format(used)}'


def _external(body: str) -> Make:
    return lambda p: _with(f'<!ENTITY x SYSTEM "file://{p.file("secret.csv")}">', body, "&x;").encode()


def _remote(body: str, name: str) -> Make:
    return lambda p: _with(f'<!ENTITY x SYSTEM "{p.url(name)}">', body, "&x;").encode()


def _parameter(body: str, name: str) -> Make:
    return lambda p: _with(f'<!ENTITY % x SYSTEM "{p.url(name)}"> %x;', body, "y").encode()


def _doctype(body: str, name: str) -> Make:
    return lambda p: f'<?xml version="1.0"?><!DOCTYPE a SYSTEM "{p.url(name)}">{body.format("y")}'.encode()


def _include(body: str, name: str) -> Make:
    used = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{}"/>'
    return lambda p: body.format(used.format(p.url(name)) + used.format("file://" + p.file("secret.csv"))).encode()


def _stylesheet(body: str, name: str) -> Make:
    return lambda p: (
        f'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="{p.url(name)}"?>{body.format("y")}'.encode()
    )


def _fixed(content: str | bytes) -> Make:
    made = content if isinstance(content, bytes) else content.encode()
    return lambda planted: made


def forms() -> list[Form]:
    """Every form of this family. What asks for nothing but a link is read, and the link is not followed."""
    files, network, laughs = (READER, LANDLOCK), NO_NETWORK, (READER, MEMORY, *TIME)
    deep = (DEPTH, SEPARATE)
    made: list[tuple[str, str, Make, tuple[str, ...]]] = []
    for kind, (body, extension) in BODIES.items():
        made += [
            (f"entity_{kind}{extension}", "an entity that is a file of the machine", _external(body), files),
            (
                f"entity_url_{kind}{extension}",
                "an entity that lies elsewhere",
                _remote(body, f"entity_{kind}"),
                network,
            ),
            (
                f"parameter_{kind}{extension}",
                "a parameter entity that lies elsewhere",
                _parameter(body, f"parameter_{kind}"),
                network,
            ),
            (f"doctype_{kind}{extension}", "a DOCTYPE that lies elsewhere", _doctype(body, f"doctype_{kind}"), network),
            (f"laughs_{kind}{extension}", "a billion laughs", _fixed(_with(LAUGHS, body, "&l11;")), laughs),
            (
                f"quadratic_{kind}{extension}",
                "one long entity, very often",
                _fixed(_with(f'<!ENTITY x "{"x" * 100_000}">', body, "&x;" * 50_000)),
                laughs,
            ),
            (
                f"xinclude_{kind}{extension}",
                "XInclude of a file and an address",
                _include(body, f"xinclude_{kind}"),
                network,
            ),
            (
                f"stylesheet_{kind}{extension}",
                "a stylesheet that lies elsewhere",
                _stylesheet(body, f"xsl_{kind}"),
                network,
            ),
            (
                f"deep_{kind}{extension}",
                "elements 50,000 deep",
                _fixed(body.format("<a>" * 50_000 + "</a>" * 50_000)),
                deep,
            ),
            (
                f"wide_{kind}{extension}",
                "an element with 100,000 attributes",
                _fixed(body.format("<a " + " ".join(f'a{i}="1"' for i in range(100_000)) + "/>")),
                (READER, *TIME),
            ),
            (
                f"cut_{kind}{extension}",
                "an end in the middle",
                _fixed(body.format("x")[: len(body) // 2]),
                (READER, SEPARATE),
            ),
            (f"utf16_{kind}{extension}", "a DOCTYPE hidden in UTF-16", _utf16(body), files),
        ]
    made += [
        ("network_link.kml", "a NetworkLink", _network_link, network),
        ("overlay.kml", "a picture that lies elsewhere", _ground_overlay, network),
        ("style_url.kml", "a style that lies elsewhere", _style_url, network),
        ("network_link.kmz", "a NetworkLink in a KMZ", lambda p: packed(("doc.kml", _network_link(p))), network),
        (
            "entity.kmz",
            "an entity that is a file of the machine, in a KMZ",
            lambda p: packed(("doc.kml", _external(BODIES["kml"][0])(p))),
            files,
        ),
        ("schema.kml", "an attribute that asks for a schema elsewhere", _schema, network),
        (
            "svg.kml",
            "a picture with a script",
            _fixed('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
            (READER, SEPARATE),
        ),
        (
            "page.html",
            "a web page",
            _fixed("<!DOCTYPE html><html><body onload=alert(1)></body></html>"),
            (READER, SEPARATE),
        ),
        (
            "soap.xml",
            "a call of a service",
            _fixed('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'),
            (READER, SEPARATE),
        ),
    ]
    family = "XML"
    return [Form(family, file, attempt, make, _verdict(file), stopped_by) for file, attempt, make, stopped_by in made]


def _utf16(body: str) -> Make:
    def make(planted: Planted) -> bytes:
        return (
            _external(body)(planted)
            .decode()
            .replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
            .encode("utf-16")
        )

    return make


def _network_link(p: Planted) -> bytes:
    return (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>a</name><Point><coordinates>20,5</coordinates>'
        f"</Point></Placemark><NetworkLink><Link><href>{p.url('networklink.kml')}</href></Link></NetworkLink>"
        f"<NetworkLink><Link><href>{p.file('secret.csv')}</href></Link></NetworkLink></Document></kml>"
    ).encode()


def _ground_overlay(p: Planted) -> bytes:
    return (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>a</name><Point><coordinates>20,5</coordinates></Point></Placemark>'
        f"<GroundOverlay><Icon><href>{p.url('overlay.png')}</href></Icon></GroundOverlay></Document></kml>"
    ).encode()


def _style_url(p: Planted) -> bytes:
    return (
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>a</name><styleUrl>{p.url("style.kml")}#a</styleUrl>'
        f'<description><![CDATA[<img src="{p.url("picture.png")}">]]></description><Point><coordinates>20,5</coordinates></Point></Placemark></Document></kml>'
    ).encode()


def _schema(p: Planted) -> bytes:
    return (
        BODIES["kml"][0]
        .format("x")
        .replace(
            "<Document>",
            f'<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a {p.url("schema.xsd")}">',
        )
        .encode()
    )


READ = ("xinclude_", "stylesheet_", "network_link.", "overlay.", "style_url.", "schema.")


def _verdict(file: str) -> Verdict:
    return Loads(1) if file.startswith(READ) else EITHER

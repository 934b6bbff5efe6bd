"""JSON and delimited text: depth, width, odd numbers, odd encodings, quotes that never close."""

# ruff: noqa: E501 - the files stand here as they are sent

from __future__ import annotations

import json

from tests.hostile.form import COLUMNS, DEPTH, MEMORY, READER, SEPARATE, TIME, Form, Loads, Refused, Verdict, raw, text

LARGE, BAD, EITHER = Refused(("too_large",)), Refused(), Refused(("too_large", "unreadable_file"))
HEADER = "name,latitude,longitude\n"


def collection(*features: str) -> str:
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def feature(geometry: str = '{"type":"Point","coordinates":[20,5]}', properties: str = '{"name":"Bambari"}') -> str:
    return f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'


def _json(
    file: str,
    attempt: str,
    content: str | bytes,
    verdict: Verdict | tuple[Verdict, ...],
    stopped_by: tuple[str, ...] = (READER, SEPARATE),
    *,
    only_read: bool = False,
) -> Form:
    make = raw(content) if isinstance(content, bytes) else text(content)
    return Form("JSON", file, attempt, make, verdict, stopped_by, only_read=only_read)


def _csv(
    file: str,
    attempt: str,
    content: str | bytes,
    verdict: Verdict | tuple[Verdict, ...],
    stopped_by: tuple[str, ...] = (READER, SEPARATE),
    *,
    only_read: bool = False,
) -> Form:
    make = raw(content) if isinstance(content, bytes) else text(content)
    return Form("Delimited text", file, attempt, make, verdict, stopped_by, only_read=only_read)


def _wide(count: int) -> str:
    return ",".join(f'"c{i}":{i}' for i in range(count))


def json_forms() -> list[Form]:
    point = '{"type":"Point","coordinates":[20,5]}'
    nested = "[" * 5_000 + "1" + "]" * 5_000
    collections = '{"type":"GeometryCollection","geometries":[' * 3_000 + point + "]}" * 3_000
    good = feature()
    deep = (DEPTH, SEPARATE, *TIME)
    return [
        _json(
            "deep.geojson",
            "lists 5,000 deep in an attribute",
            collection(feature(properties=f'{{"a":{nested}}}')),
            EITHER,
            deep,
        ),
        _json(
            "deep_objects.geojson",
            "objects 5,000 deep",
            collection(feature(properties='{"a":' * 5_000 + "1" + "}" * 5_000)),
            EITHER,
            deep,
        ),
        _json(
            "deep_geometry.geojson",
            "collections 3,000 deep, which end a process that follows them",
            collection(feature(collections)),
            EITHER,
            deep,
        ),
        _json(
            "deep_coordinates.geojson",
            "coordinates 5,000 deep",
            collection(feature(f'{{"type":"Point","coordinates":{nested}}}')),
            EITHER,
            deep,
        ),
        _json("deep_open.geojson", "100,000 brackets that never close", "[" * 100_000, EITHER, deep),
        _json("deep_open.json", "100,000 braces that never close", '{"a":' * 100_000, EITHER, deep),
        _json(
            "wide.geojson",
            "100,000 attributes",
            collection(feature(properties=f"{{{_wide(100_000)}}}")),
            LARGE,
            (COLUMNS, MEMORY, *TIME),
        ),
        _json(
            "wide_rows.geojson",
            "other attributes in every feature",
            collection(*(feature(properties=f'{{"c{i}":1}}') for i in range(2_000))),
            LARGE,
            (COLUMNS, MEMORY, *TIME),
        ),
        _json(
            "long_number.geojson",
            "a number of a million digits",
            collection(feature(properties=f'{{"a":{"9" * 1_000_000}}}')),
            Loads(1),
            (READER, *TIME),
        ),
        _json(
            "long_coordinate.geojson",
            "a coordinate of a million digits",
            collection(feature(f'{{"type":"Point","coordinates":[{"9" * 1_000_000},5]}}'), good),
            Loads(2, 1),
            (READER, *TIME),
        ),
        _json(
            "exponent.geojson",
            "1e400 as a coordinate",
            collection(feature('{"type":"Point","coordinates":[1e400,5]}'), good),
            Loads(2, 1),
        ),
        _json(
            "nan.geojson",
            "NaN and Infinity",
            collection(feature('{"type":"Point","coordinates":[NaN,Infinity]}'), good),
            Loads(2, 1),
        ),
        _json(
            "twice.geojson",
            "a name twice in an object",
            collection(feature(properties='{"a":"first","a":"second"}')),
            Loads(1),
        ),
        _json(
            "types_twice.geojson",
            "two types",
            f'{{"type":"Topology","type":"FeatureCollection","features":[{good}]}}',
            Loads(1),
        ),
        _json(
            "null_features.geojson", "features that are none", collection("null", "5", '"x"', "[]", good), Loads(5, 4)
        ),
        _json(
            "strings.geojson",
            "coordinates that are text",
            collection(feature('{"type":"Point","coordinates":["20","5"]}'), good),
            Loads(2, 1),
        ),
        _json(
            "booleans.geojson",
            "coordinates that are true",
            collection(feature('{"type":"Point","coordinates":[true,false]}'), good),
            Loads(2, 1),
        ),
        _json(
            "empty_point.geojson",
            "a point without numbers",
            collection(feature('{"type":"Point","coordinates":[]}'), good),
            Loads(2, 1),
        ),
        _json(
            "proto.geojson",
            "names that mean something to a browser",
            collection(feature(properties='{"__proto__":{"a":1},"constructor":"x","toString":"y"}')),
            Loads(1),
        ),
        _json(
            "half.geojson",
            "half a character",
            collection(feature(properties='{"a":"\\ud800","b":"\\udc00x"}')),
            Loads(1),
        ),
        _json("nul.geojson", "a NUL inside of a text", collection(feature(properties='{"a":"x\\u0000y"}')), Loads(1)),
        _json("utf16.geojson", "UTF-16", collection(good).encode("utf-16"), Loads(1)),
        _json("utf32.geojson", "UTF-32", collection(good).encode("utf-32"), BAD),
        _json("utf7.geojson", "UTF-7", collection(good).encode("utf-7"), Loads(1)),
        _json(
            "latin.geojson",
            "bytes that are no UTF-8",
            collection(feature(properties='{"a":"\xe9\xe8"}')).encode("latin-1"),
            Loads(1),
        ),
        _json(
            "overlong.geojson",
            "an overlong sequence of bytes",
            collection(good).encode().replace(b"Bambari", b"\xc0\xaf\xc0\xae"),
            Loads(1),
        ),
        _json("cut.geojson", "an end in the middle", collection(good, good)[:-30], BAD),
        _json(
            "tail.geojson",
            "a second document behind the first",
            collection(good) + collection(good),
            Loads(1, 1),
        ),
        _json("comment.geojson", "comments", "/* x */" + collection(good), BAD),
        _json("callback.geojson", "a call of a function round it", f"alert({collection(good)})", BAD),
        _json(
            "python.json",
            "a pickle in base64 that a careless reader loads",
            '{"py/object":"os.system","py/reduce":["id"]}',
            BAD,
        ),
        _json(
            "ring_million.geojson",
            "one outline of 300,000 points",
            collection(
                feature(
                    json.dumps(
                        {"type": "Polygon", "coordinates": [[[i % 360 / 10, i % 80 / 10] for i in range(300_000)]]}
                    )
                )
            ),
            Loads(1),
            (READER, *TIME),
            only_read=True,
        ),
        _json(
            "crossing.geojson",
            "an outline that crosses itself 2,000 times",
            collection(
                feature(
                    json.dumps(
                        {
                            "type": "Polygon",
                            "coordinates": [[[i * 7 % 360 / 10, i * 13 % 80 / 10] for i in range(2_000)]],
                        }
                    )
                )
            ),
            Loads(1),
            (READER, *TIME),
        ),
        _json(
            "overlay_lies.geojson",
            "says of itself that it is secret and signed",
            collection(good)[:-1]
            + ',"overlay":{"marking":"<b>x</b>","kind":"../../x","layer":"../../etc/x","as_of":"9999-99-99","schema":{"a":1}}}',
            Loads(1),
        ),
        _json(
            "overlay_deep.geojson",
            "a member of ours that has no end",
            collection(good)[:-1] + ',"overlay":' + '{"a":' * 60 + "1" + "}" * 60 + "}",
            Loads(1),
        ),
    ]


def csv_forms() -> list[Form]:
    rows = "Bambari,5,20\n" * 30
    wide = ",".join(f"c{i}" for i in range(100_000)) + "\n" + ",".join("1" * 100_000) + "\n"
    giant = "x" * 11_000_000
    return [
        _csv("unclosed.csv", "a quote that never closes", HEADER + 'Bria,5,20\n"Bambari,5,20\n' + rows, BAD),
        _csv(
            "unclosed_large.csv",
            "a quote that never closes, 40 MB of it",
            HEADER + '"' + "Bambari,5,20\n" * 3_000_000,
            BAD,
            (READER, MEMORY, *TIME),
        ),
        _csv("wide.csv", "100,000 columns", wide, EITHER, (COLUMNS, MEMORY, *TIME)),
        _csv(
            "wide_row.csv",
            "one row of 100,000 cells",
            HEADER + rows + "," * 100_000 + "\n" + rows,
            Loads(61, 1),
            (READER, MEMORY, *TIME),
        ),
        _csv("giant_cell.csv", "a cell of 11 MB", HEADER + f"{giant},5,20\n", EITHER, (READER, MEMORY)),
        _csv(
            "giant_header.csv",
            "a header of a megabyte",
            f"{'h' * 1_000_000},latitude,longitude\nx,5,20\n",
            EITHER,
            (READER, MEMORY),
        ),
        _csv("one_line.csv", "20 MB without an end of line", "a," * 10_000_000, EITHER, (COLUMNS, MEMORY, *TIME)),
        _csv("nul.csv", "NULs", HEADER.encode() + b"Bam\x00bari,5,20\n" * 5, Refused(("unreadable_file",))),
        _csv(
            "nul_tail.csv",
            "a megabyte of NULs behind the rows",
            (HEADER + rows).encode() + bytes(1_000_000),
            Refused(("unreadable_file",)),
            (READER, *TIME),
        ),
        _csv(
            "utf7.csv",
            "UTF-7, in which a browser may find a script",
            (HEADER + "+ADw-script+AD4-,5,20\n").encode(),
            Loads(1, kept=("+ADw-script+AD4-",)),
        ),
        _csv("utf16.csv", "UTF-16 without its mark", (HEADER + rows).encode("utf-16-le"), Loads(30)),
        _csv(
            "utf16_odd.csv",
            "UTF-16 with a byte too many",
            (HEADER + rows).encode("utf-16") + b"\x41",
            Loads(31, 1),
        ),
        _csv("utf32.csv", "UTF-32", (HEADER + rows).encode("utf-32"), Loads(30)),
        _csv("ebcdic.csv", "EBCDIC", (HEADER + rows).encode("cp037"), BAD),
        _csv("binary.csv", "random bytes", bytes((i * 7919 + i // 3) % 256 for i in range(50_000)), BAD),
        _csv("header_only.csv", "no row", HEADER, BAD),
        _csv("blank.csv", "blanks alone", " \n" * 5_000, BAD),
        _csv("empty.csv", "nothing", b"", BAD),
        _csv(
            "delimiters.csv",
            "delimiters alone",
            ",,,\n" * 50,
            Loads(50, 50),
        ),
        _csv(
            "duplicate.csv",
            "one header nine times",
            ",".join(["name"] * 9) + ",latitude,longitude\n" + ",".join("x" * 9) + ",5,20\n",
            Loads(1),
        ),
        _csv(
            "carriage.csv", "rows that end in a carriage return alone", (HEADER + rows).replace("\n", "\r"), Loads(30)
        ),
        _csv("mixed_ends.csv", "ends of lines of every kind", HEADER + "a,5,20\r\nb,5,20\rc,5,20\n", Loads(3)),
        _csv(
            "line_separators.csv",
            "separators that only some programs take for an end of line",
            HEADER + "a\u2028b\u2029c\x85d,5,20\n",
            Loads(1),
        ),
        _csv(
            "many_rows.csv",
            "100,000 empty rows",
            HEADER + rows + ",,\n" * 100_000,
            Loads(100_030, 100_000),
            (READER, MEMORY, *TIME),
        ),
        _csv(
            "far.csv",
            "numbers beyond any map",
            HEADER + "a,1e308,-1e308\nb,99999999999999999999,5\nc,5,20\n",
            Refused(("no_crs",)),
        ),
        _csv(
            "overflow.csv",
            "an exponent that takes a day to work out",
            HEADER + "a,1e999999999,20\nb,5,20\n",
            Loads(2, 1),
        ),
        _csv(
            "wkt_bomb.csv",
            "WKT with brackets without end",
            'name,wkt\nx,"' + "GEOMETRYCOLLECTION(" * 3_000 + "POINT(20 5)" + ")" * 3_000 + '"\ny,POINT(20 5)\n',
            Loads(2, 1),
            (SEPARATE, READER),
        ),
        _csv(
            "redos_date.csv",
            "a date that slow patterns never finish",
            "event_date,name,latitude,longitude\n" + "1" * 50_000 + "-,x,5,20\n",
            Loads(1),
            (READER, *TIME),
        ),
        _csv(
            "redos_coordinate.csv",
            "degrees that slow patterns never finish",
            HEADER + "x," + "5 " * 30_000 + "N,20\ny,5,20\n",
            Loads(2, 1),
            (READER, *TIME),
        ),
        _csv("web_page.csv", "a web page", "<!DOCTYPE html><html><script>alert(1)</script>,,,</html>", BAD),
        _csv("script.csv", "a program", "#!/bin/sh\nrm -rf /\n", BAD),
        _csv(
            "hxl_lies.csv",
            "tags without end",
            HEADER + ",".join(["#geo" + "+x" * 5_000] * 3) + "\nx,5,20\n",
            LARGE,
        ),
        _csv(
            "brackets.csv",
            "brackets that take square time to take away",
            HEADER + "(" * 100_000 + ",5,20\n",
            Loads(1),
            (READER, *TIME),
        ),
    ]


def forms() -> list[Form]:
    """Every form of these families."""
    return [*json_forms(), *csv_forms()]

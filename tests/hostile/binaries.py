"""Shapefiles, FlatGeobuf, Parquet and rasters whose headers lie."""

# ruff: noqa: E501 - the files stand here as they are sent

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from tests.hostile.archives import packed
from tests.hostile.databases import _nested
from tests.hostile.form import (
    COLUMNS,
    LANDLOCK,
    MEMORY,
    NETWORK,
    READER,
    RECOGNITION,
    SEPARATE,
    TIME,
    Form,
    Loads,
    Planted,
    Refused,
    Verdict,
    raw,
)

BAD, EITHER = Refused(), Refused(("unreadable_file", "too_large", "missing_field", "no_crs"))
CRASH, GROW = (READER, SEPARATE), (READER, MEMORY, *TIME)
PRJ = b'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'


def shp(
    count: int = 3, *, length: int | None = None, kind: int = 1, record: int | None = None, body: bytes | None = None
) -> tuple[bytes, bytes]:
    """The .shp and .shx of points; any part of it may lie."""
    body = struct.pack("<idd", kind, 20.0, 5.0) if body is None else body
    records = b"".join(
        struct.pack(">ii", i + 1, len(body) // 2 if record is None else record) + body for i in range(count)
    )
    size = (100 + len(records)) // 2 if length is None else length
    box = struct.pack("<4d4d", 20, 5, 20, 5, 0, 0, 0, 0)
    head = struct.pack(">i20xi", 9994, size) + struct.pack("<ii", 1000, kind) + box
    index = b"".join(struct.pack(">ii", 50 + i * (8 + len(body)) // 2, len(body) // 2) for i in range(count))
    return head + records, struct.pack(">i20xi", 9994, 50 + 4 * count) + head[28:] + index


def dbf(
    count: int = 3,
    *,
    declared: int | None = None,
    width: int = 10,
    record: int | None = None,
    header: int | None = None,
    text: bytes = b"Bambari",
) -> bytes:
    field = b"name".ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15)
    head = struct.pack(
        "<B3BIHH20x",
        3,
        124,
        1,
        1,
        count if declared is None else declared,
        65 if header is None else header,
        (width + 1) if record is None else record,
    )
    return head + field + b"\r" + b"".join(b" " + text.ljust(width)[:width] for _ in range(count)) + b"\x1a"


def zipped(shape: tuple[bytes, bytes], table: bytes | None = None, **more: bytes) -> bytes:
    files = {
        "a.shp": shape[0],
        "a.shx": shape[1],
        "a.dbf": dbf() if table is None else table,
        "a.prj": PRJ,
        **{f"a.{k}": v for k, v in more.items()},
    }
    return packed(*files.items())


def shapefiles() -> list[tuple[str, str, bytes, Verdict | tuple[Verdict, ...], tuple[str, ...]]]:
    good = shp()
    polygon = struct.pack("<i4d2i", 5, 0, 0, 1, 1, 2_000_000_000, 2_000_000_000)
    return [
        (
            "length.shp.zip",
            "a header that declares four gigabytes",
            zipped(shp(length=2**31 - 1)),
            (EITHER, Loads(3)),
            CRASH,
        ),
        ("short.shp.zip", "a header that declares less than is there", zipped(shp(length=60)), Loads(3), CRASH),
        ("negative.shp.zip", "a length below nought", zipped(shp(length=-5)), Loads(3), CRASH),
        ("record.shp.zip", "records that declare two gigabytes", zipped(shp(record=2**30)), (EITHER, Loads(3)), GROW),
        ("record_short.shp.zip", "records shorter than a point", zipped(shp(record=1)), (EITHER, Loads(3)), CRASH),
        (
            "parts.shp.zip",
            "an outline of two billion parts",
            zipped(shp(kind=5, body=polygon)),
            (EITHER, Loads(3)),
            GROW,
        ),
        ("kind.shp.zip", "a kind of shape that does not exist", zipped(shp(kind=77)), (EITHER, Loads(3)), CRASH),
        (
            "nan.shp.zip",
            "coordinates that are no numbers",
            zipped(shp(body=struct.pack("<idd", 1, float("nan"), float("inf")))),
            (EITHER, Loads(3, 3)),
            CRASH,
        ),
        (
            "dbf_count.shp.zip",
            "a table that declares four billion rows",
            zipped(good, dbf(declared=0xFFFFFFFF)),
            (EITHER, Loads(3)),
            GROW,
        ),
        (
            "dbf_record.shp.zip",
            "a table with rows of no length",
            zipped(good, dbf(record=0)),
            (EITHER, Loads(3)),
            CRASH,
        ),
        (
            "dbf_header.shp.zip",
            "a table with a header beyond its end",
            zipped(good, dbf(header=65_535)),
            (EITHER, Loads(3), Loads(3, 3)),
            CRASH,
        ),
        ("dbf_cut.shp.zip", "a table that was cut short", zipped(good, dbf()[:80]), (EITHER, Loads(3, 2)), CRASH),
        ("dbf_more.shp.zip", "a table with more rows than shapes", zipped(good, dbf(30)), (EITHER, Loads(3)), CRASH),
        (
            "index.shp.zip",
            "an index that points beyond the end",
            zipped((good[0], good[1][:100] + struct.pack(">ii", 2**30, 10) * 3)),
            EITHER,
            CRASH,
        ),
        (
            "index_round.shp.zip",
            "an index of one record, three times",
            zipped((good[0], good[1][:100] + good[1][100:108] * 3)),
            (EITHER, Loads(3)),
            CRASH,
        ),
        ("header.shp.zip", "a header and no shape", zipped((good[0][:100], good[1][:100]), dbf(0)), EITHER, CRASH),
        (
            "prj_bomb.shp.zip",
            "a .prj of five megabytes",
            packed(
                ("a.shp", good[0]),
                ("a.shx", good[1]),
                ("a.dbf", dbf()),
                ("a.prj", b"PROJCS[" * 700_000 + bytes(range(256)) * 400),
            ),
            EITHER,
            GROW,
        ),
        (
            "cpg.shp.zip",
            "an encoding that does not exist",
            zipped(good, cpg=b"../../../etc/passwd"),
            (EITHER, Loads(3)),
            CRASH,
        ),
        (
            "cpg_rot.shp.zip",
            "an encoding that is a program of Python's",
            zipped(good, cpg=b"unicode_escape"),
            (EITHER, Loads(3)),
            CRASH,
        ),
        (
            "names.shp.zip",
            "a name of a layer that is a path",
            packed(
                *(
                    (f"../../..{x}", y)
                    for x, y in (("/a.shp", good[0]), ("/a.shx", good[1]), ("/a.dbf", dbf()), ("/a.prj", PRJ))
                )
            ),
            Loads(3),
            CRASH,
        ),
    ]


def parquet(table: pa.Table, **metadata: bytes) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata or None), buffer)
    return buffer.getvalue()


def _ratio(planted: Planted) -> bytes:
    return parquet(pa.table({"name": pa.array(["x" * 1_000] * 300_000).dictionary_encode()}))


GEO = b'{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}'


def _geo(blobs: list[bytes | None], geo: bytes = GEO, **columns: list[str]) -> bytes:
    table = pa.table({"geometry": pa.array(blobs, pa.binary()), **columns})
    return parquet(table, geo=geo)


def parquets() -> list[
    tuple[str, str, Callable[[Planted], bytes] | bytes, Verdict | tuple[Verdict, ...], tuple[str, ...]]
]:
    point = shapely.to_wkb(shapely.Point(20, 5))
    good = _geo([point, point], name=["a", "b"])
    footer = struct.unpack("<I", good[-8:-4])[0]
    return [
        ("plain.parquet", "no place at all", parquet(pa.table({"a": [1, 2]})), (EITHER, Loads(2)), CRASH),
        (
            "footer.parquet",
            "a footer larger than the file",
            good[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1",
            BAD,
            CRASH,
        ),
        (
            "footer_damaged.parquet",
            "a footer of garbage",
            good[:-footer] + b"\xff" * (footer - 8) + good[-8:],
            BAD,
            CRASH,
        ),
        ("cut.parquet", "an end in the middle", good[: len(good) // 2], BAD, CRASH),
        ("magic.parquet", "the mark and nothing else", b"PAR1" + bytes(50) + b"PAR1", BAD, CRASH),
        ("encrypted.parquet", "an encrypted footer", b"PARE" + good[4:-4] + b"PARE", BAD, CRASH),
        ("bomb.parquet", "300 MB of text in some kilobytes", _ratio, (EITHER, Loads(300_000)), (READER, MEMORY)),
        (
            "deep_geometry.parquet",
            "collections 200,000 deep, which end a process that follows them",
            lambda p: _geo([point, _nested(200_000)[8:]], name=["a", "b"]),
            Loads(2, 1),
            (SEPARATE, READER),
        ),
        (
            "geometry.parquet",
            "geometry that is garbage",
            _geo([point, b"\xff\xff"], name=["a", "b"]),
            Loads(2, 1),
            CRASH,
        ),
        (
            "crs.parquet",
            "a coordinate system that lies elsewhere",
            lambda p: _geo(
                [point],
                GEO.replace(
                    b'"WKB"',
                    f'"WKB","crs":{{"$schema":"{p.url("projjson")}","type":"link","href":"{p.url("crs")}"}}'.encode(),
                ),
                name=["a"],
            ),
            EITHER,
            (READER, *NETWORK[2:]),
        ),
        ("geo_garbage.parquet", "a description that is no JSON", _geo([point], b"{{{{", name=["a"]), EITHER, CRASH),
        ("geo_deep.parquet", "a description 50,000 deep", _geo([point], b"[" * 50_000, name=["a"]), EITHER, CRASH),
        (
            "geo_column.parquet",
            "a column that does not exist",
            _geo([point], GEO.replace(b'"geometry"', b'"../x"'), name=["a"]),
            EITHER,
            CRASH,
        ),
        (
            "wide.parquet",
            "3,000 columns",
            parquet(
                pa.table({"geometry": pa.array([point], pa.binary()), **{f"c{i}": ["x"] for i in range(3_000)}}),
                geo=GEO,
            ),
            Refused(("too_large",)),
            (COLUMNS, *TIME),
        ),
        (
            "pandas.parquet",
            "a description that names a class of Python",
            parquet(
                pa.table({"geometry": pa.array([point], pa.binary()), "name": ["a"]}),
                geo=GEO,
                pandas=b'{"index_columns":[{"kind":"os.system"}],"columns":[]}',
            ),
            Loads(1),
            CRASH,
        ),
        (
            "extension.parquet",
            "a type that asks for a pickle",
            parquet(
                pa.table(
                    [pa.array([point], pa.binary()), pa.array(["x"])],
                    schema=pa.schema(
                        [
                            pa.field("geometry", pa.binary()),
                            pa.field(
                                "name",
                                pa.string(),
                                metadata={
                                    "ARROW:extension:name": "arrow.py_extension_type",
                                    "ARROW:extension:metadata": b"\x80\x04cos\nsystem\n.",
                                },
                            ),
                        ]
                    ),
                ),
                geo=GEO,
            ),
            Loads(1),
            CRASH,
        ),
        (
            "nested.parquet",
            "lists in lists in lists",
            parquet(pa.table({"geometry": pa.array([point], pa.binary()), "a": pa.array([[[[[["x"]]]]]])}), geo=GEO),
            Loads(1),
            CRASH,
        ),
    ]


def tiff(
    width: int = 2, height: int = 2, bands: int = 1, *, offset: int | None = None, extra: bytes = b"", bits: int = 8
) -> bytes:
    """A TIFF of one strip, placed on the earth; any number may lie."""
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, bits),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8 if offset is None else offset),
        (277, 3, 1, bands),
        (278, 4, 1, height),
        (279, 4, 1, min(width * height * bands, 2**32 - 1)),
    ]
    pixels = b"\x7f" * 64
    at = 8 + len(pixels)
    doubles = (
        struct.pack("<3d", 0.1, 0.1, 0)
        + struct.pack("<6d", 0, 0, 0, 20, 5, 0)
        + struct.pack("<16H", 1, 1, 0, 3, 1024, 0, 1, 2, 2048, 0, 1, 4326, 1025, 0, 1, 1)
    )
    values = at + 2 + 12 * (len(tags) + 3) + 4
    tags += [(33550, 12, 3, values), (33922, 12, 6, values + 24), (34735, 3, 16, values + 72)]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", at) + pixels + directory + doubles + extra


def rasters() -> list[tuple[str, str, bytes, Verdict | tuple[Verdict, ...], tuple[str, ...]]]:
    loop = bytearray(tiff())
    at = struct.unpack("<I", loop[4:8])[0]
    loop[at + 2 + 12 * 12 : at + 2 + 12 * 12 + 4] = struct.pack("<I", at)
    return [
        ("giant.tif", "an image of 4 billion by 4 billion", tiff(2**32 - 1, 2**32 - 1), EITHER, GROW),
        ("large.tif", "an image of 200,000 by 200,000 in some bytes", tiff(200_000, 200_000), EITHER, GROW),
        ("bands.tif", "60,000 bands", tiff(bands=60_000), EITHER, GROW),
        ("zero.tif", "an image without width", tiff(0, 0), EITHER, CRASH),
        ("offset.tif", "pixels beyond the end", tiff(offset=2**31), EITHER, CRASH),
        ("loop.tif", "a directory that is its own successor", bytes(loop), (EITHER, Loads(1)), GROW),
        ("directory.tif", "a directory beyond the end", b"II*\0" + struct.pack("<I", 2**31) + bytes(20), EITHER, CRASH),
        ("entries.tif", "65,535 entries", b"II*\0" + struct.pack("<IH", 8, 65_535) + bytes(2_000), EITHER, CRASH),
        (
            "big.tif",
            "a BigTIFF of 2^60 bytes",
            b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**60) + bytes(20),
            EITHER,
            CRASH,
        ),
        (
            "text.tif",
            "text that is named .tif",
            b"name,latitude,longitude\nx,5,20\n",
            Loads(1),
            (RECOGNITION, LANDLOCK),
        ),
        ("picture.png", "a picture", b"\x89PNG\r\n\x1a\n" + bytes(100), BAD, CRASH),
    ]


FGB = b"fgb\x03fgb\x00"


def flatgeobufs() -> list[tuple[str, str, bytes, Verdict | tuple[Verdict, ...], tuple[str, ...]]]:
    return [
        ("header.fgb", "a header of four gigabytes", FGB + struct.pack("<I", 0xFFFFFFFF) + bytes(100), EITHER, GROW),
        ("header_small.fgb", "a header of nothing", FGB + struct.pack("<I", 0), EITHER, CRASH),
        ("garbage.fgb", "a header of garbage", FGB + struct.pack("<I", 200) + b"\xff" * 400, EITHER, CRASH),
        ("mark.fgb", "the mark and nothing else", FGB, EITHER, CRASH),
        (
            "offsets.fgb",
            "a table whose offsets point backwards",
            FGB + struct.pack("<I", 64) + struct.pack("<Ii", 60, -60) * 8 + bytes(100),
            EITHER,
            CRASH,
        ),
    ]


def forms() -> list[Form]:
    """Every form of these families."""
    families = {"Shapefiles": shapefiles(), "Parquet": parquets(), "Rasters": rasters(), "FlatGeobuf": flatgeobufs()}
    made = []
    for family, entries in families.items():
        for file, attempt, content, verdict, by in entries:
            made.append(
                Form(
                    family,
                    file,
                    attempt,
                    content if callable(content) else raw(content),
                    verdict,
                    by,
                    only_read=file == "bomb.parquet",
                )
            )
    good = shp()
    made.append(
        Form(
            "Shapefiles",
            "loose.shp",
            "a shapefile without its zip, whose companions lie",
            raw(good[0]),
            Loads(3),
            CRASH,
            beside={"loose.shx": good[1], "loose.dbf": dbf(declared=3), "loose.prj": PRJ},
        )
    )
    return made

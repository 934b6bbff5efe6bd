"""Workbooks: far cells, entities, links to elsewhere, macros, formulas, lies about size."""

# ruff: noqa: E501 - the files stand here as they are sent

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.archives import packed
from tests.hostile.form import (
    ARCHIVE,
    CALLS,
    COLUMNS,
    LANDLOCK,
    MEMORY,
    NO_NETWORK,
    READER,
    SEPARATE,
    TEXT,
    TIME,
    Form,
    Loads,
    Planted,
    Refused,
    Verdict,
)
from tests.hostile.markup import LAUGHS

FAMILY = "Workbooks"
BAD, EITHER = Refused(), Refused(("unreadable_file", "too_large"))
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    "</Types>"
)
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
HEADER_ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>latitude</t></is></c><c r="C1" t="inlineStr"><is><t>longitude</t></is></c></row>'
Parts = dict[str, bytes]


def cell(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def row(number: int, name: str, more: str = "") -> str:
    return f'<row r="{number}">{cell(f"A{number}", name)}<c r="B{number}"><v>5</v></c><c r="C{number}"><v>20</v></c>{more}</row>'


def sheet(rows: str, before: str = "", after: str = "", prolog: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{prolog}<worksheet xmlns="{MAIN}" xmlns:r="{RELATION}">{before}<sheetData>{HEADER_ROW}{rows}</sheetData>{after}</worksheet>'
    ).encode()


def book(
    rows: str = row(2, "Bambari"),
    *,
    more: Parts | None = None,
    part: bytes | None = None,
    workbook: bytes | None = None,
) -> bytes:
    """A workbook of one sheet, with parts of another kind laid over it."""
    parts: Parts = {
        "[Content_Types].xml": TYPES.encode(),
        "_rels/.rels": RELS.format(
            f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/>'
        ).encode(),
        "xl/workbook.xml": workbook
        or f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": RELS.format(
            f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
        ).encode(),
        "xl/worksheets/sheet1.xml": part or sheet(rows),
        **(more or {}),
    }
    return packed(*parts.items())


def _external(planted: Planted, body: str = "") -> bytes:
    return book(
        part=sheet(row(2, "&x;"), prolog=f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{planted.file("secret.csv")}">]>')
    )


def _links(planted: Planted) -> bytes:
    rels = RELS.format(
        f'<Relationship Id="rId9" Type="{RELATION}/hyperlink" Target="{planted.url("hyperlink")}" TargetMode="External"/>'
    )
    links = RELS.format(
        f'<Relationship Id="rId1" Type="{RELATION}/externalLinkPath" Target="{planted.url("external.xlsx")}" TargetMode="External"/>'
    )
    return book(
        part=sheet(row(2, "a"), after='<hyperlinks><hyperlink ref="A2" r:id="rId9"/></hyperlinks>'),
        more={
            "xl/worksheets/_rels/sheet1.xml.rels": rels.encode(),
            "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"><externalBook/></externalLink>'.encode(),
            "xl/externalLinks/_rels/externalLink1.xml.rels": links.encode(),
            "xl/connections.xml": f'<connections xmlns="{MAIN}"><connection id="1" type="4" refreshOnLoad="1"><webPr url="{planted.url("query")}"/></connection></connections>'.encode(),
        },
    )


def _elsewhere(target: str) -> Callable[[Planted], bytes]:
    """The sheet itself is said to lie elsewhere."""
    return lambda p: book(
        more={
            "xl/_rels/workbook.xml.rels": RELS.format(
                f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="{target.format(file=p.file("secret.csv"), url=p.url("sheet.xml"))}" TargetMode="External"/>'
            ).encode()
        }
    )


def _formulas() -> str:
    wanted = (
        '=WEBSERVICE("http://127.0.0.1/x")',
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("http://127.0.0.1","x")',
        "=SUM(1,1)",
    )
    return "".join(
        f'<row r="{n}"><c r="A{n}" t="str"><f>{f[1:].replace("&", "&amp;")}</f><v>{f}</v></c><c r="B{n}"><v>5</v></c><c r="C{n}"><v>20</v></c></row>'
        for n, f in enumerate(wanted, 2)
    )


def _ods(content: str) -> bytes:
    head = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    document = (
        content
        if content.startswith("<?xml")
        else f"{head}{content}</office:spreadsheet></office:body></office:document-content>"
    )
    if content.startswith("<?xml"):
        document = content.replace("HEAD", head) + "</office:spreadsheet></office:body></office:document-content>"
    return packed(
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest.encode()),
        ("content.xml", document.encode()),
    )


def _ods_row(*values: str, attributes: str = "", repeated: str = "") -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string"{repeated}><text:p>{v}</text:p></table:table-cell>'
        for v in values
    )
    return f"<table:table-row{attributes}>{cells}</table:table-row>"


ODS_HEADER = _ods_row("name", "latitude", "longitude")


def forms() -> list[Form]:
    """Every form of this family."""
    laughs, crash = (READER, MEMORY, *TIME), (READER, SEPARATE)
    far = (COLUMNS, MEMORY, *TIME)
    made: list[tuple[str, str, Callable[[Planted], bytes], Verdict | tuple[Verdict, ...], tuple[str, ...]]] = [
        (
            "far.xlsx",
            "a cell at XFD1048576",
            lambda p: book(row(2, "a") + f'<row r="1048576">{cell("XFD1048576", "x")}</row>'),
            Loads(2),
            far,
        ),
        (
            "far_first.xlsx",
            "a first row that is as wide as a sheet can be",
            lambda p: book(row(2, "a", cell("XFD2", "x"))),
            Loads(1),
            far,
        ),
        (
            "beyond.xlsx",
            "a cell beyond any sheet",
            lambda p: book(row(2, "a") + f'<row r="99999999">{cell("ZZZZZZ99999999", "x")}</row>'),
            Refused(),
            far,
        ),
        (
            "dimension.xlsx",
            "a sheet that declares a billion cells",
            lambda p: book(part=sheet(row(2, "a"), before='<dimension ref="A1:XFD1048576"/>')),
            Loads(1),
            far,
        ),
        (
            "merged.xlsx",
            "one merge over a whole sheet",
            lambda p: book(part=sheet(row(2, "a"), after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
            (EITHER, Loads(1)),
            far,
        ),
        (
            "merged_often.xlsx",
            "100,000 merges",
            lambda p: book(
                part=sheet(
                    row(2, "a"),
                    after="<mergeCells>"
                    + "".join(f'<mergeCell ref="A{i}:C{i}"/>' for i in range(3, 100_003))
                    + "</mergeCells>",
                )
            ),
            Loads(1),
            (READER, *TIME),
        ),
        (
            "laughs.xlsx",
            "a billion laughs",
            lambda p: book(part=sheet(row(2, "&l11;"), prolog=f"<!DOCTYPE a [{LAUGHS}]>")),
            EITHER,
            laughs,
        ),
        (
            "laughs_strings.xlsx",
            "a billion laughs in the table of texts",
            lambda p: book(
                more={
                    "xl/sharedStrings.xml": f'<?xml version="1.0"?><!DOCTYPE a [{LAUGHS}]><sst xmlns="{MAIN}"><si><t>&l11;</t></si></sst>'.encode()
                }
            ),
            EITHER,
            laughs,
        ),
        (
            "quadratic.xlsx",
            "one long entity, very often",
            lambda p: book(part=sheet(row(2, "&x;" * 30_000), prolog=f'<!DOCTYPE a [<!ENTITY x "{"x" * 90_000}">]>')),
            EITHER,
            laughs,
        ),
        ("entity.xlsx", "an entity that is a file of the machine", _external, EITHER, (READER, LANDLOCK)),
        (
            "doctype.xlsx",
            "a DOCTYPE that lies elsewhere",
            lambda p: book(part=sheet(row(2, "a"), prolog=f'<!DOCTYPE a SYSTEM "{p.url("xlsx.dtd")}">')),
            EITHER,
            NO_NETWORK,
        ),
        (
            "types_entity.xlsx",
            "an entity in the table of contents",
            lambda p: book(
                more={
                    "[Content_Types].xml": TYPES.replace(
                        "<Types", f'<!DOCTYPE a [<!ENTITY x SYSTEM "{p.url("types")}">]><Types', 1
                    ).encode()
                }
            ),
            (EITHER, Loads(1)),
            NO_NETWORK,
        ),
        ("links.xlsx", "links, external books and a query on opening", _links, Loads(1), NO_NETWORK),
        ("sheet_url.xlsx", "a sheet that lies elsewhere", _elsewhere("{url}"), EITHER, NO_NETWORK),
        (
            "sheet_file.xlsx",
            "a sheet that is a file of the machine",
            _elsewhere("file://{file}"),
            EITHER,
            (READER, LANDLOCK),
        ),
        (
            "sheet_path.xlsx",
            "a sheet at a path outside of the archive",
            _elsewhere("../../../../../..{file}"),
            EITHER,
            (READER, LANDLOCK),
        ),
        (
            "macros.xlsm",
            "macros",
            lambda p: book(more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(500)}),
            Loads(1),
            (READER, LANDLOCK, CALLS),
        ),
        (
            "formulas.xlsx",
            "formulas that start programs and fetch pages",
            lambda p: book(_formulas()),
            Loads(4),
            (READER, *NO_NETWORK[1:]),
        ),
        (
            "dde.xlsx",
            "a DDE link",
            lambda p: book(
                more={
                    "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'.encode()
                }
            ),
            Loads(1),
            (READER, LANDLOCK, CALLS),
        ),
        (
            "bomb.xlsx",
            "a sheet of 300 MB of blanks",
            lambda p: book(part=sheet(row(2, "a") + " " * 300_000_000)),
            Refused(("too_large",)),
            (ARCHIVE, MEMORY, *TIME),
        ),
        (
            "bomb_picture.xlsx",
            "a picture of 200 MB of zeros",
            lambda p: book(more={"xl/media/a.png": bytes(200_000_000)}),
            Refused(("too_large",)),
            (ARCHIVE, READER),
        ),
        (
            "strings.xlsx",
            "a number of a text that does not exist",
            lambda p: book(
                f'<row r="2"><c r="A2" t="s"><v>99999999</v></c><c r="B2"><v>5</v></c><c r="C2"><v>20</v></c></row>{row(3, "b")}'
            ),
            Loads(2),
            crash,
        ),
        (
            "deep.xlsx",
            "elements 50,000 deep",
            lambda p: book(part=sheet("<a>" * 50_000 + "</a>" * 50_000)),
            EITHER,
            crash,
        ),
        (
            "no_sheet.xlsx",
            "a workbook without its sheet",
            lambda p: packed(("xl/workbook.xml", b"<workbook/>"), ("[Content_Types].xml", TYPES.encode())),
            EITHER,
            crash,
        ),
        ("garbage.xlsx", "a sheet that is no XML", lambda p: book(part=b"\xff\xfe" * 500), EITHER, crash),
        (
            "numbers.xlsx",
            "dates and numbers beyond any calendar",
            lambda p: book(
                f'<row r="2">{cell("A2", "a")}<c r="B2"><v>1e309</v></c><c r="C2"><v>nan</v></c></row>{row(3, "b")}'
            ),
            Loads(2, 1),
            crash,
        ),
        (
            "backwards.xlsx",
            "rows that go backwards",
            lambda p: book(row(5, "a") + row(3, "b") + row(5, "c")),
            Refused(),
            crash,
        ),
        (
            "hidden_payload.xlsx",
            "a script in a cell",
            lambda p: book(row(2, "&lt;script&gt;alert(1)&lt;/script&gt;")),
            Loads(1, kept=("<script>alert(1)</script>",)),
            (TEXT,),
        ),
        (
            "repeated.ods",
            "a row that is repeated a billion times",
            lambda p: _ods(
                '<table:table table:name="a">'
                + ODS_HEADER
                + _ods_row("a", "5", "20", attributes=' table:number-rows-repeated="1000000000"')
                + "</table:table>"
            ),
            Refused(("too_large",)),
            (READER, MEMORY, *TIME),
        ),
        (
            "repeated_cells.ods",
            "a cell that is repeated a billion times",
            lambda p: _ods(
                '<table:table table:name="a">'
                + ODS_HEADER
                + _ods_row("a", repeated=' table:number-columns-repeated="1000000000"')
                + "</table:table>"
            ),
            EITHER,
            (COLUMNS, MEMORY, *TIME),
        ),
        (
            "repeated_negative.ods",
            "a cell that is repeated less than no times",
            lambda p: _ods(
                '<table:table table:name="a">'
                + ODS_HEADER
                + _ods_row("a", "5", "20", repeated=' table:number-columns-repeated="-5"')
                + "</table:table>"
            ),
            Loads(1),
            crash,
        ),
        (
            "laughs.ods",
            "a billion laughs",
            lambda p: _ods(
                f'<?xml version="1.0"?><!DOCTYPE a [{LAUGHS}]>HEAD<table:table table:name="a">{ODS_HEADER}{_ods_row("&l11;", "5", "20")}</table:table>'
            ),
            EITHER,
            laughs,
        ),
        (
            "entity.ods",
            "an entity that is a file of the machine",
            lambda p: _ods(
                f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{p.file("secret.csv")}">]>HEAD<table:table table:name="a">{ODS_HEADER}{_ods_row("&x;", "5", "20")}</table:table>'
            ),
            EITHER,
            (READER, LANDLOCK),
        ),
        (
            "old.xls",
            "the header of an old workbook and nothing else",
            lambda p: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000),
            EITHER,
            crash,
        ),
        (
            "old_loop.xls",
            "an old workbook whose chain of sectors goes round",
            lambda p: (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
                + bytes(16)
                + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00"
                + bytes(10)
                + b"\x01\0\0\0"
                + b"\0\0\0\0" * 2
                + bytes(5_000)
            ),
            EITHER,
            crash,
        ),
    ]
    return [Form(FAMILY, file, attempt, make, verdict, by) for file, attempt, make, verdict, by in made]

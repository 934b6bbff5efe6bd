"""CSV as offices send it: no row, column or character is lost in silence."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.errors import TooLarge, UnreadableFile
from loaders.formats import format_of, tabular
from loaders.formats.format import Opened

CAMPS = "central-african-republic/camp_arrivals_flee"
# Rows of each file as they stand: an empty first row is a row, a line without any cell and `#sep=` are none.
CAMP_ROWS = {
    "cam-adamaoua": 51,
    "cam-east": 52,
    "cha-amboko": 37,
    "cha-belom": 34,
    "cha-dosseye": 40,
    "cha-gondje": 39,
    "cha-moyo": 43,
    "con-betou-outside": 23,
    "con-betou": 24,
    "con-brazaville": 32,
    "data_layout": 16,
    "dcon-bili": 19,
    "dcon-bossobolo": 18,
    "dcon-boyabu": 27,
    "dcon-inke-outside": 27,
    "dcon-inke": 19,
    "dcon-mboti-outside": 23,
    "dcon-mboti": 25,
    "dcon-mole": 23,
    "refugees": 127,
}


def read(path, **options):
    """All layers of a file, and what its format is."""
    chosen, _ = format_of(path, path.name)
    return chosen.read(Opened(path, path.name, **options)), chosen.id


def table(path, **options):
    (layer,), _ = read(path, **options)
    return layer


def rows(layer):
    return list(zip(*(column.to_pylist() for column in layer.cells), strict=True))


def found(layer, code):
    return [f for f in layer.findings if f.code == code]


# What was seen to be lost or spoiled elsewhere (threats.md), as far as tables go.
SPOILED = {
    "duplicate headers": (b"a,a,b\n1,2,3\n", ("a", "a (2)", "b"), [("1", "2", "3")], "duplicate_header"),
    "latin-1": ("nom,b\nÉvêché,2\n".encode("latin-1"), ("nom", "b"), [("Évêché", "2")], "encoding_guessed"),
    "utf-16": ("nom,b\nÉvêché,2\n".encode("utf-16"), ("nom", "b"), [("Évêché", "2")], None),
    "utf-16 unmarked": ("name,b\nalpha,2\n".encode("utf-16-le"), ("name", "b"), [("alpha", "2")], None),
    "Arabic digits": ("a,b\n١٢,۳٤\n".encode(), ("a", "b"), [("١٢", "۳٤")], None),
    "Arabic of Windows": (
        "الاسم,العدد\nالقرية الشرقية,٣\nالمدينة القديمة,٤\n".encode("cp1256", "replace"),
        ("الاسم", "العدد"),
        [("القرية الشرقية", "?"), ("المدينة القديمة", "?")],
        "encoding_guessed",
    ),
    "decimal comma": (b"a;b\n1,5;2,5\n", ("a", "b"), [("1,5", "2,5")], None),
    "tabs": (b"a\tb\n1\t2\n", ("a", "b"), [("1", "2")], None),
    "bars": (b"a|b\n1|2\n", ("a", "b"), [("1", "2")], None),
    "stated delimiter": (b"sep=;\na;b\n1,2;2\n", ("a", "b"), [("1,2", "2")], "separator_line"),
    "title lines": (b"Sites of May,,\n,,\na,b,c\n1,2,3\n", ("a", "b", "c"), [("1", "2", "3")], None),
    "a remark": (
        b"a,b\n1,2\n# changed by hand,\n3,4\n",
        ("a", "b"),
        [("1", "2"), ("# changed by hand", None), ("3", "4")],
        "comment_line",
    ),
    "short row": (b"a,b,c\n1,2,3\n1,2\n", ("a", "b", "c"), [("1", "2", "3"), ("1", "2", None)], "too_few_cells"),
    "long row": (b"a,b\n1,2\n1,2,3\n1,2\n", ("a", "b"), [("1", "2")] * 3, "too_many_cells"),
    "column without a header": (b"a,,c\n1,2,3\n", ("a", "column_2", "c"), [("1", "2", "3")], None),
    "blank cells": (b"a,b\n,\n1,\n", ("a", "b"), [(None, None), ("1", None)], None),
    "line ends inside": (b'a,b\n"x\ny",2\n', ("a", "b"), [("x\ny", "2")], None),
    "old Mac line ends": (b"a,b\r1,2\r3,4\r", ("a", "b"), [("1", "2"), ("3", "4")], None),
    "returned rows": (
        b"overlay_row,overlay_reason,a,b\n7,no place,1,2\n",
        ("a", "b"),
        [("1", "2")],
        "returned_columns",
    ),
    "no header": (
        b"2013-12-01,0\n2013-12-02,5\n",
        ("column_1", "column_2"),
        [("2013-12-01", "0"), ("2013-12-02", "5")],
        "no_header",
    ),
    "no header, names of files": (
        b"total,a.csv\nBili,b.csv\n",
        ("column_1", "column_2"),
        [("total", "a.csv"), ("Bili", "b.csv")],
        "no_header",
    ),
}


@pytest.mark.parametrize("case", SPOILED)
def test_nothing_is_lost_in_silence(write, case):
    content, columns, expected, code = SPOILED[case]
    layer = table(write("t.csv", content))
    assert layer.columns == columns
    if case != "Arabic of Windows":  # its digits are not in that encoding
        assert rows(layer) == expected
    else:
        assert [r[0] for r in rows(layer)] == [r[0] for r in expected]
    assert code is None or found(layer, code)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'a,b\n1,"two\n3,4\n5,6\n', "line 2"),
        (b'a,b\n1,2\n3,4\n"5,6\n7,8\n', "line 4"),
        (b'a,b\n1,"x"y\n', "line 2"),
    ],
)
def test_a_quote_that_is_never_closed_is_named(write, content, where):
    with pytest.raises(UnreadableFile) as refusal:
        table(write("t.csv", content))
    assert where in refusal.value.where
    assert "quote" in refusal.value.found


def test_too_many_columns_are_said_not_cut(write):
    with pytest.raises(TooLarge):
        table(write("t.csv", ",".join(f"c{i}" for i in range(501)) + "\n" + ",".join("1" * 501) + "\n"))


WIDE = "Site ID,State,42004,42018,42032,42046\nS1,Unity,10,20,30,40\nS2,Unity,11,21,31,41\n"
YEARS = "name,2015,2016,2017\nBangui,100,200,300\nBimbo,5,6,7\n"


@pytest.mark.parametrize(("content", "columns"), [(WIDE, 6), (YEARS, 4)])
def test_days_as_headers_are_headers(write, content, columns):
    layer = table(write("t.csv", content))
    assert ",".join(layer.columns) == content.splitlines()[0]
    assert (len(layer.columns), len(layer)) == (columns, 2)


def test_a_line_of_groups_above_the_header(write):
    content = (
        "5W matrix,,,,,\n,,Households,,Individuals,\nSite,State,IDP,Returnee,IDP,Returnee\n"
        "a,Unity,1,2,3,4\nb,Unity,5,6,7,8\n"
    )
    layer = table(write("t.csv", content))
    expected = ("Site", "State", "Households IDP", "Households Returnee", "Individuals IDP", "Individuals Returnee")
    assert layer.columns == expected
    assert (len(layer), layer.rows.tolist()) == (2, [4, 5])


def test_names_that_go_on_in_the_second_line(write):
    content = "Site,State,Individuals,,\n,,Male,Female,Total\na,Unity,1,2,3\nb,Unity,4,5,9\n"
    layer = table(write("t.csv", content))
    assert layer.columns == ("Site", "State", "Individuals Male", "Individuals Female", "Individuals Total")
    assert layer.rows.tolist() == [3, 4]


@pytest.mark.parametrize(("file", "count"), CAMP_ROWS.items())
def test_camp_arrivals(real, file, count):
    layer = table(real / CAMPS / f"{file}.csv")
    assert len(layer) == count
    lines = (real / CAMPS / f"{file}.csv").read_text().splitlines()
    # Each row stands in the line that its number names, for there is no line end inside a cell.
    for number, cells in zip(layer.rows, rows(layer), strict=True):
        assert next(csv.reader([lines[number - 1]]))[0] == (cells[0] or "")
    remarks = [i for i, line in enumerate(lines, 1) if line.startswith("# ") or line.startswith("#First")]
    assert [f.row for f in found(layer, "comment_line")] == remarks


def both_ways(path, monkeypatch):
    monkeypatch.setattr(tabular, "QUICK_FROM", 10**12)
    slow = outcome(path)
    monkeypatch.setattr(tabular, "QUICK_FROM", 0)
    return slow, outcome(path)


def outcome(path):
    try:
        layer = table(path)
    except UnreadableFile as error:
        return error.as_dict()
    return layer.columns, layer.rows.tolist(), rows(layer), layer.title, [f.as_dict() for f in layer.findings]


@pytest.mark.parametrize("case", SPOILED)
def test_the_quick_reader_agrees(write, monkeypatch, case):
    slow, quick = both_ways(write("t.csv", SPOILED[case][0]), monkeypatch)
    assert slow == quick


@pytest.mark.parametrize(
    "body",
    [
        '1,"a,b"\n2,"c ""quoted"" d"\n',
        '1,""\n2,"""x"""\n',
        '1,"line\r\nend"\r\n2,x\r\n',
        "1,2\r\n3,4",
        "1,2\n\n3,4\n",
        "1,2\n3\n",
        "1,2\n3,4,5\n",
        '1,5" pipe\n2,x\n',
        '1, "x"\n2,"y" \n',
        "1,2\r3,4\n",
        '1,"x"y\n',
        '1,"x\n',
        "1,a\x00b\n",
        "#1,2\n# remark,\n",
        "1,\ufeff2\n",
        "1,\u2028x\n",
        " 1 ,\t2\n",
        "1,2\n\n",
    ],
)
def test_the_quick_reader_agrees_on_odd_text(write, monkeypatch, body):
    slow, quick = both_ways(write("t.csv", "first,second\n" + body), monkeypatch)
    assert slow == quick


CELL = st.text(st.sampled_from('ab1 ,;"\n\r\t#é\u0660'), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_csv_writes_both_readers_read(tmp_path, records, end):
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator=end)
    writer.writerows([["first", "second", "third"], *records])
    path = tmp_path / "t.csv"
    path.write_bytes(stream.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        slow, quick = both_ways(path, patch)
    assert slow == quick


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('a1,"\n\r'), max_size=40))
def test_whatever_the_text_both_readers_agree(tmp_path, body):
    path = tmp_path / "t.csv"
    path.write_bytes(f"first,second\n1,2\n{body}".encode())
    with pytest.MonkeyPatch.context() as patch:
        slow, quick = both_ways(path, patch)
    assert slow == quick


def test_the_quick_reader_is_taken(write, monkeypatch):
    monkeypatch.setattr(tabular, "QUICK_FROM", 0)
    monkeypatch.setattr(tabular, "_cells", lambda *_: pytest.fail("the careful reader was taken"))
    layer = table(write("t.csv", "first,second\n" + '1,"a, ""b"""\n' * 1000))
    assert (len(layer), rows(layer)[999], layer.rows[-1]) == (1000, ("1", 'a, "b"'), 1001)


def test_progress_is_told(write, monkeypatch):
    monkeypatch.setattr("loaders.formats.table.CHUNK", 10)
    told = []
    table(write("t.csv", "a,b\n" + "1,2\n" * 25), progress=told.append)
    assert told == [10, 20, 25]


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16"])
def test_wide_encodings_are_read(take, write, encoding):
    text = "name,latitude,longitude\n" + "Bambari,5.76,20.67\n" * 20
    result = take(write("a.csv", text.encode(encoding)), kind="other")
    assert result.frame["name"].tolist() == ["Bambari"] * 20
    assert result.report.rows_ok == 20

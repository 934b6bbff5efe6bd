"""JSON as APIs answer: the records, wherever they lie, and no page lost in silence."""

from __future__ import annotations

import json

import pytest

from layers.errors import TooLarge, UnreadableFile
from loaders.formats import format_of
from loaders.formats.format import Opened

RECORD = {"id": 1, "name": "Évêché", "score": 4.5, "open": True, "none": None}


def read(path):
    chosen, _ = format_of(path, path.name)
    (layer,) = chosen.read(Opened(path, path.name))
    return layer, chosen.id


def rows(layer):
    return [dict(zip(layer.columns, r, strict=True)) for r in zip(*(c.to_pylist() for c in layer.cells), strict=True)]


def found(layer, code):
    return [f for f in layer.findings if f.code == code]


@pytest.mark.parametrize(
    "document",
    [
        [RECORD],
        {"result": [RECORD]},
        {"data": [RECORD]},
        {"Result": [RECORD], "TotalCount": 1},
        {"value": [RECORD], "@odata.context": "x"},
        {"count": 1, "next": None, "previous": None, "results": [RECORD]},
        {"success": True, "result": {"records": [RECORD], "fields": [{"id": "name"}]}},
        {"type": "success", "data": [RECORD]},
    ],
)
def test_wherever_the_records_lie(write, document):
    layer, format_id = read(write("a.json", json.dumps(document)))
    assert format_id == "records"
    assert rows(layer) == [{"id": "1", "name": "Évêché", "score": "4.5", "open": "true", "none": None}]
    assert layer.numeric == ("score",)
    assert layer.rows.tolist() == [1]
    assert not found(layer, "more_pages")


def test_objects_inside_a_record_become_columns(write):
    records = [
        {"a": {"b": {"c": 1}}, "_geolocation": [4.5, 18.5], "tags": [], "empty": {}},
        {"a": {"b": {"c": 2, "d": "x"}}, "a.b.c": 9},
    ]
    layer, _ = read(write("a.json", json.dumps(records)))
    first, second = rows(layer)
    assert first == {
        "a.b.c": "1", "_geolocation": "[4.5, 18.5]", "tags": "[]", "empty": None, "a.b.d": None, "a.b.c (2)": None
    }  # fmt: skip
    assert (second["a.b.d"], second["a.b.c"], second["a.b.c (2)"]) == ("x", "2", "9")


def test_lines_of_records(write):
    layer, format_id = read(write("a.jsonl", '{"id": 1, "name": "a"}\n\n{"id": 2, "name": "b"}\n'))
    assert (format_id, rows(layer)) == ("records", [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}])


@pytest.mark.parametrize("key", ["next", "next_page", "NextPageUrl", "@odata.nextLink"])
def test_a_page_of_several_says_so(write, key):
    layer, _ = read(write("a.json", json.dumps({"data": [RECORD], key: "page 2 of 9"})))
    assert found(layer, "more_pages")[0].severity == "warning"


def test_what_is_no_record_is_rejected_by_its_number(write):
    layer, _ = read(write("a.json", json.dumps([RECORD, "text", 5])))
    assert len(layer) == 3
    assert [(f.row, f.severity) for f in found(layer, "not_a_record")] == [(2, "rejected"), (3, "rejected")]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('[{"a": 1}, {"a": ', "line 1"),
        ("[1, 2, 3]", "a.json"),
        ('{"data": []}', "a.json"),
        ('{"result": [1, 2]}', "a.json"),
        ('{"a": 1, "b": 2}', "a.json"),
        ("[]", "a.json"),
    ],
)
def test_what_holds_no_records(write, content, where):
    with pytest.raises(UnreadableFile) as refusal:
        read(write("a.json", content))
    assert where in refusal.value.where


def test_nested_too_deeply(write):
    with pytest.raises(TooLarge):
        read(write("a.json", '[{"a": ' + "[" * 1000 + "]" * 1000 + "}]"))


def test_brackets_inside_texts_are_no_depth(write):
    layer, _ = read(write("a.json", json.dumps([{"a": "[{" * 200}])))
    assert rows(layer) == [{"a": "[{" * 200}]


@pytest.mark.parametrize("text", ['[{"a": NaN}]', '[{"a": "\\ud800"}]', '[{"a": 1e999}]', f'[{{"a": {"9" * 5000}}}]'])
def test_numbers_and_letters_that_no_column_can_hold(write, text):
    layer, _ = read(write("a.json", text))
    assert len(layer) == 1


def test_wide_encodings_and_marks(write):
    text = json.dumps([{"name": "Évêché"}], ensure_ascii=False)
    for content in (text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode(), text.encode("latin-1")):
        assert rows(read(write("a.json", content))[0]) == [{"name": "Évêché"}]


def test_the_dtm_answer(real):
    layer, format_id = read(real / "feeds/dtm_api_v3_admin2_tcd.json")
    stated = json.loads((real / "feeds/dtm_api_v3_admin2_tcd.json").read_text())["result"]
    assert (format_id, len(layer)) == ("records", len(stated))
    assert [r["admin2Pcode"] for r in rows(layer)] == [r["admin2Pcode"] for r in stated]
    assert [int(r["numPresentIdpInd"]) for r in rows(layer)] == [r["numPresentIdpInd"] for r in stated]

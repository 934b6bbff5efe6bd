"""A template that is filled in loads without a word; the document says what it is."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from layers.kind import normalise
from layers.kinds import KINDS
from loaders.recognise import recognise
from loaders.sources import Look
from loaders.templates import columns_of, example_rows, meanings, write_template

FILLED_IN = [kind for kind in KINDS if kind.id != "images"]
ALL_KINDS = pytest.mark.parametrize("kind", FILLED_IN, ids=lambda kind: kind.id)


@pytest.fixture
def template(tmp_path):
    """The template of a kind, and the same with its own examples filled in."""

    def made(kind, *, filled=False):
        path = tmp_path / f"{'filled' if filled else 'template'}-{kind.id}.xlsx"
        write_template(kind, path)
        if filled:
            book = load_workbook(path)
            first, example = book.worksheets[0], book["Example"]
            for row in example.iter_rows(min_row=2, values_only=True):
                first.append(row)
            book.save(path)
        return path

    return made


@ALL_KINDS
def test_every_header_is_recognised_as_its_own_field(kind):
    columns = columns_of(kind)
    look = Look(tuple(f.label for f in columns), file=f"{kind.id}.xlsx", overlay={"kind": kind.id})
    seen = recognise(look)
    assert seen.kind.id == kind.id
    assert seen.mapping == {f.label: f.name for f in columns}


@ALL_KINDS
def test_its_own_examples_load_without_a_rejected_or_repaired_row(kind, template, take):
    result = take(template(kind, filled=True))
    report = result.report
    assert result.kind.id == kind.id
    spoken = [
        f.message
        for f in report.findings
        if f.severity in {"rejected", "repaired", "warning"} and f.code != "not_located"
    ]
    assert (report.rows_in, report.rows_ok, spoken) == (2, 2, [])
    for field, written in zip(columns_of(kind), zip(*example_rows(kind), strict=True), strict=True):
        if field.name in kind.field_by_name:
            assert result.frame[field.name].notna().tolist() == [bool(text) for text in written], field.name


@ALL_KINDS
def test_coded_columns_have_a_drop_down_of_exactly_their_labels(kind, template):
    book = load_workbook(template(kind))
    sheet, lists = book.worksheets[0], book["Lists"]
    rules = {str(rule.sqref).split("2:")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    for cell, field in zip(sheet[1], columns_of(kind), strict=True):
        if not field.choices:
            continue
        cells = rules[cell.column_letter].removeprefix("=Lists!").replace("$", "")
        values = [found[0].value for found in lists[cells]]
        assert values == [choice.label for choice in field.choices]
        assert [field.choice_by_spelling[normalise(value)] for value in values] == [c.value for c in field.choices]


@ALL_KINDS
def test_the_document_says_its_kind_and_explains_each_column(kind, template):
    book = load_workbook(template(kind))
    assert {p.name: p.value for p in book.custom_doc_props.props} == {"overlay_kind": kind.id}
    assert book.worksheets[0].max_row == 1
    assert book["Fields"].max_row == len(columns_of(kind)) + 1
    assert set(kind.names) <= set(meanings(kind.id))

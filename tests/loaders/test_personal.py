"""Columns about persons are known by header, by tag and by content; organisations and places are not."""

from __future__ import annotations

import numpy as np
import pytest

from layers.kinds import KINDS
from layers.report import Finding
from loaders.personal import personal_columns, personal_finding, without_columns
from loaders.raw import RawLayer, text_array

PERSONS = [
    "Key Informant Name",
    "KI name",
    "Enumerator",
    "Nom de l'enquêteur",
    "Respondent name",
    "Focal Point",
    "Contact person",
    "Phone No.",
    "Tél.",
    "Téléphone",
    "Mobile",
    "WhatsApp",
    "E-mail",
    "Courriel",
    "National ID",
    "Passport",
    "Ration card number",
    "Date of birth",
    "username",
    "deviceid",
    "_submitted_by",
    "رقم الهاتف",
    "اسم الباحث",
    "Teléfono",
    "Nombre completo",
    "Prénom",
    "group/phone_number",
    "Informant 1 phone",
    "البريد الإلكتروني",
]
NO_PERSONS = [
    "name",
    "Site Name",
    "Organisation",
    "Program Partner Name",
    "source",
    "source_office",
    "actor1",
    "Number of key informants",
    "Respondent type",
    "Focal point post",
    "liaison_role",
    "Mobile clinic",
    "phone coverage",
    "location",
    "families",
    "Implementing Partner Name",
    "side_a",
    "notes",
]


def raw(columns, hxl=(), findings=()):
    cells = [text_array(values) for values in columns.values()]
    return RawLayer("", tuple(columns), cells, np.arange(2, len(cells[0]) + 2), hxl=hxl, findings=list(findings))


@pytest.mark.parametrize("header", PERSONS)
def test_headers_of_persons(header):
    assert personal_columns(raw({"site": ["A"], header: ["x"]})) == (header,)


@pytest.mark.parametrize("header", NO_PERSONS)
def test_headers_of_anything_else(header):
    assert personal_columns(raw({header: ["x"]})) == ()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_no_field_of_ours_is_taken_for_a_person(kind):
    headers = {s: ["x"] for f in kind.fields for s in (f.name, f.label, *f.aliases)}
    assert personal_columns(raw(headers)) == ()


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["a@b.org", "c.d@e.net", None], True),
        (["+249 912 345 678", "00249912345679"], True),
        (["0912 345 678", "0912-345-679"], True),
        (["1200", "38200"], False),
        (["2024-01-02", "02/03/2024"], False),
        (["4.36122", "18.55496"], False),
        (["a@b.org", "Camp A", "Camp B"], False),
        ([None, None], False),
    ],
)
def test_by_content(cells, found):
    assert bool(personal_columns(raw({"remarks 2": cells}))) is found


def test_by_tag_and_unless_allowed():
    layer = raw({"who": ["x"], "where": ["y"]}, hxl=("#contact +name", "#loc"))
    assert personal_columns(layer) == ("who",)
    assert personal_columns(layer, {"WHO"}) == ()


def test_what_is_left_out_leaves_no_trace():
    bad = Finding(
        "control_characters", "repaired", 'row 2, Phone: found "0912345678"', 2, "Phone", "0912345678", "Look."
    )
    layer = raw({"Site": ["A"], "Phone": ["0912345678"]}, hxl=("#loc", "#contact"), findings=[bad])
    kept = without_columns(layer, ("Phone",))
    assert (kept.columns, kept.hxl, len(kept.cells)) == (("Site",), ("#loc",), 1)
    assert "0912345678" not in repr(kept)
    said = personal_finding("a.csv", ("Phone",))
    assert (said.severity, said.code) == ("warning", "personal_data")
    assert "Phone" in said.message


def test_personal_data_in_free_text_is_counted_and_not_repeated(check):
    text = [
        "The chief can be reached at +249 912 345 678 at night",
        "People fled; 1,200 of them on 12 03 2024",
        "mail me: a.b@c.org please",
    ]
    columns = {"name": ["a", "b", "c"], "comments": text, "lat": ["4.5"] * 3, "lon": ["18.5", "18.6", "18.7"]}
    report = check("other", columns).report
    (said,) = [f for f in report.findings if f.code == "personal_in_text"]
    assert (said.field, said.found) == ("comments", "rows 2, 4")
    assert not any("345" in f.message + f.found or "a.b@" in f.message + f.found for f in report.findings)

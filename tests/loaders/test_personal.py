"""Columns about persons are known by header, by tag and by content; organisations and places are not."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest

from layers.kinds import KINDS
from layers.report import Finding
from loaders.personal import personal_columns, personal_finding, without_columns, without_personal_text
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
    "KI1",
    "KI 2",
    "Community leader",
    "Contact (name and number)",
    "Name of contact",
    "Supervisor",
    "Supervisor name",
    "Patient name",
    "Child name",
    "Student Name",
    "Chief of village",
    "Chef de village",
    "Nom de l'agent",
    "Agent recenseur",
    "Camp manager",
    "Skype",
    "_attachments",
    "_notes",
    "_validation_status",
    "_validation_status/by_whom",
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
    "Reported by",
    "Contact organisation",
    "Contact line",
    "Agency",
    "Chemical agent",
    "Camp name",
    "Camp management agency",
    "Child protection activities",
    "Patients per day",
    "Students",
    "Chef-lieu",
    "Number of community leaders",
    "Is there a community leader",
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


@pytest.mark.parametrize(
    ("header", "cell", "found"),
    [
        ("g", '[{"members/name": "A", "members/phone": "+249912345678"}]', True),
        ("meta", '{"respondent_name": "A"}', True),
        ("meta", '{"a": {"b": [{"enumerator": "A"}]}}', True),
        ("meta", '{"a": {"enumerator": "A", "cut', True),
        ("meta", '{"t\\u00e9l\\u00e9phone": 912345678}', True),
        ("meta", '{"x": "a@b.org"}', True),
        ("others", '["+249 912 345 678"]', True),
        ("members", '[{"name": "A"}]', True),
        ("schools", '[{"name": "A", "capacity": 40}]', False),
        ("_geolocation", "[12.5, 30.5]", False),
        ("meta", '{"site": "respondent_name", "p_code": "0912345678"}', False),
        ("comments", "[see the respondents, phone: none]", False),
        ("deep", "[" * 100_000, False),
    ],
)
@pytest.mark.parametrize("coded", [False, True])
def test_inside_cells_of_json(header, cell, found, coded):
    layer = raw({header: [None, "[]", cell, "[]"]})
    if coded:
        layer.cells[0] = layer.cells[0].cast(pa.string()).dictionary_encode()
    assert bool(personal_columns(layer)) is found


def test_one_cell_of_json_among_thousands_is_seen():
    cells = ["plain"] * 5000
    cells[1234] = '{"respondent": "A"}'
    assert personal_columns(raw({"meta": cells})) == ("meta",)


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Report prepared by Jane Doe +249912345678 jane@x.org", "Report prepared by …"),
        ("IDPs, Prepared by: Jane Doe, 3 April 2025", "IDPs, Prepared by: …, 3 April 2025"),
        ("Compiled by Jane Doe 3 April 2025", "Compiled by … 3 April 2025"),
        ("prepared_by_jane_doe_2025", "prepared_by_…_2025"),
        ("Préparé par Jean; mai 2025", "Préparé par …; mai 2025"),
        ("Contact: +249 912 345 678 Jane - Round 3", "Contact: … - Round 3"),
        ("Focal point Jane Doe | Tel 345678", "Focal point … | Tel …"),
        ("Tel. 0912 345 678", "Tel. …"),
        *[
            (kept, kept)
            for kept in ("Contact line", "Contact list", "03.04.2025 12:00", "20250403", "1,234,567 people")
        ],
    ],
)
def test_titles_without_persons(title, bare):
    assert without_personal_text(title) == bare
    assert without_personal_text(bare) == bare


def test_hostile_text_takes_no_time():
    began = time.process_time()
    cut = '{"a": "' + 'x\\"' * 30_000
    assert personal_columns(raw({"c": [cut] * 20})) == ()
    for text in ("contact " + "_ " * 50_000, "a" * 100_000 + "@", "prepared by " * 5_000):
        without_personal_text(text)
    assert time.process_time() - began < 5


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


def test_a_number_behind_a_tag_is_seen(check):
    table = "<table><tr><td>Respondent</td><td>A</td></tr><tr><td>Phone</td><td>+249912345678</td></tr></table>"
    columns = {"name": ["a", "b"], "comments": [table, "<b>1,200</b> people fled to the valley"]}
    report = check("other", columns | {"lat": ["4.5"] * 2, "lon": ["18.5"] * 2}).report
    assert [f.found for f in report.findings if f.code == "personal_in_text"] == ["rows 2"]

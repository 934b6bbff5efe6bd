"""What every kind of layer keeps to. A new kind is checked by being in `KINDS`."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from dashboard.assets import OWN
from dashboard.maps import THEMES
from layers.kind import Kind, normalise
from layers.kinds import KIND_BY_ID, KINDS, kind_of
from layers.marking import Marking
from layers.schema import ATTRIBUTE_PREFIX, DTYPES, ROW, empty
from loaders.places import PLACE_SPELLINGS
from loaders.recognise import recognise
from loaders.sources import Look

DRAWING_CODE = [OWN / "overlay-map.js", OWN / "overlay-symbols.js"]
ALL_KINDS = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def shared(spellings_of: dict[str, frozenset[str]]) -> dict[str, list[str]]:
    """Spellings that mean more than one thing."""
    owners = defaultdict(list)
    for owner, spellings in spellings_of.items():
        for spelling in spellings:
            owners[spelling].append(owner)
    return {spelling: names for spelling, names in owners.items() if len(names) > 1}


def test_ids_are_unique_and_found() -> None:
    assert len(KIND_BY_ID) == len(KINDS)
    assert all(kind_of(kind.id) is kind for kind in KINDS)
    assert not shared({k.id: frozenset({normalise(k.id), normalise(k.label), normalise(k.singular)}) for k in KINDS})


@ALL_KINDS
def test_field_names_are_unique_snake_case_and_free(kind: Kind) -> None:
    assert len(set(kind.names)) == len(kind.names)
    assert all(SNAKE_CASE.fullmatch(name) for name in kind.names)
    assert not {ROW, "geometry"} & set(kind.names)
    assert not [name for name in kind.names if name.startswith(ATTRIBUTE_PREFIX)]
    assert kind.names.count("id") == 1


@ALL_KINDS
def test_a_spelling_means_one_field(kind: Kind) -> None:
    headers = {f.name: f.spellings for f in kind.fields}
    coordinates = {name: frozenset(spellings) for name, spellings in PLACE_SPELLINGS.items()}
    assert shared(headers | coordinates) == {}


@ALL_KINDS
def test_an_hxl_tag_means_one_field(kind: Kind) -> None:
    assert shared({f.name: frozenset(f.hxl) for f in kind.fields}) == {}
    assert all(tag.startswith("#") and tag == tag.lower() for f in kind.fields for tag in f.hxl)


@ALL_KINDS
def test_fields_are_well_declared(kind: Kind) -> None:
    for field in kind.fields:
        assert field.type in DTYPES
        assert field.label, field.name
        assert bool(field.choices) == (field.type == "code"), f"{field.name}: codes have choices, nothing else has"
        if field.minimum is not None and field.maximum is not None:
            assert field.minimum < field.maximum
        if {"population", "households", "fatalities"} & set(field.name.split("_")) and field.type == "integer":
            assert field.unit, f"{field.name}: numbers of people carry their unit"
            assert field.minimum == 0


@ALL_KINDS
def test_a_spelling_means_one_choice(kind: Kind) -> None:
    for field in kind.fields:
        spellings = {c.value: frozenset(normalise(s) for s in (c.value, c.label, *c.aliases)) for c in field.choices}
        assert shared(spellings) == {}, field.name
        assert len(spellings) == len(field.choices)


@ALL_KINDS
def test_title_entity_time_and_size_are_fields(kind: Kind) -> None:
    fields = kind.field_by_name
    assert kind.title in fields
    assert kind.entity in fields
    for name in filter(None, (kind.starts, kind.ends)):
        assert fields[name].type in ("date", "moment")
    assert kind.starts or not kind.ends, "an end needs a start"
    assert kind.starts or not kind.open_ended
    if kind.style.size_by:
        assert fields[kind.style.size_by].type in ("integer", "number")


@ALL_KINDS
def test_required_groups_name_fields(kind: Kind) -> None:
    known = {*kind.names, "geometry"}
    for group in kind.required_any:
        assert group
        assert set(group) <= known | {"admin1_code", "admin2_code"}
        assert set(group) & known, "a group that no record can meet"


@ALL_KINDS
def test_filters_name_fields(kind: Kind) -> None:
    names = [chosen.field for chosen in kind.filters]
    assert len(set(names)) == len(names)
    for chosen in kind.filters:
        field = kind.field_by_name[chosen.field]
        wanted = {"flag": ("flag",), "choice": ("code", "text")}[chosen.control]
        assert field.type in wanted
        assert chosen.label


@ALL_KINDS
def test_places_marking_and_staleness_are_valid(kind: Kind) -> None:
    assert kind.places
    assert len(set(kind.places)) == len(kind.places)
    assert Marking.of(kind.default_marking) in Marking
    assert kind.stale_after_days is None or kind.stale_after_days > 0
    assert kind.group
    assert kind.singular


@pytest.mark.parametrize("kind_id", ["idp_sites", "security_risks", "projects"])
def test_what_may_harm_people_starts_confidential(kind_id: str) -> None:
    """Real IDP sites, armed presence and planned activities, unless the publisher says otherwise."""
    assert kind_of(kind_id).default_marking == "CONFIDENTIAL"


@ALL_KINDS
@pytest.mark.parametrize("theme", sorted(THEMES))
def test_its_colour_is_in_the_theme(kind: Kind, theme: str) -> None:
    assert re.fullmatch(r"#[0-9A-F]{6}", THEMES[theme][kind.style.token])


@ALL_KINDS
def test_its_shape_is_drawn(kind: Kind) -> None:
    code = "".join(path.read_text("utf-8") for path in DRAWING_CODE)
    shape = kind.style.shape
    as_symbol = re.search(rf"^    {shape}: \(c, x, y, r\) =>", code, re.MULTILINE)
    as_path = f'case "{shape}":' in code
    assert as_symbol or as_path, f"overlay-map.js draws no {shape}"
    if set(kind.places) & {"line", "polygon"} and not as_symbol:
        assert as_path


@ALL_KINDS
def test_its_own_column_names_are_recognised(kind: Kind) -> None:
    """A file with the canonical header, such as an export of ours, maps to itself."""
    found = recognise(Look(columns=kind.names, file="table.csv"), kind=kind.id)
    assert found.kind is kind
    assert found.mapping == {name: name for name in kind.names}


@ALL_KINDS
def test_labels_are_recognised(kind: Kind) -> None:
    """A file headed by the labels that people see maps to the fields that they stand for."""
    labels = tuple(f.label for f in kind.fields)
    found = recognise(Look(columns=labels, file="table.csv"), kind=kind.id)
    assert found.mapping == {f.label: f.name for f in kind.fields}


@ALL_KINDS
def test_an_empty_layer_has_its_columns_and_types(kind: Kind) -> None:
    frame = empty(kind)
    assert tuple(frame.columns) == (*kind.names, ROW, "geometry")
    assert {f.name: str(frame[f.name].dtype) for f in kind.fields} == {f.name: DTYPES[f.type] for f in kind.fields}

"""The words for the state of a facility, in English and French, each of one meaning."""

from __future__ import annotations

import pytest

from layers.kind import normalise
from layers.kinds import FACILITIES, KINDS

SPELLINGS = FACILITIES.field_by_name["status"].choice_by_spelling


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Fonctionnel", "functional"),
        ("Opérationnelle", "functional"),
        ("Partiellement fonctionnel", "partial"),
        ("partially damaged", "partial"),
        ("Non fonctionnel", "closed"),
        ("Non-functional", "closed"),
        ("Not operational", "closed"),
        ("Destroyed", "closed"),
        ("Détruit", "closed"),
        ("abandoned", "closed"),
        ("looted and closed", "closed"),
        ("Fermé", "closed"),
        ("unknown", "unknown"),
    ],
)
def test_state_of_a_facility(said, status):
    assert SPELLINGS[normalise(said)] == status


def test_no_spelling_of_a_status_means_two_things():
    for kind in KINDS:
        if "status" in kind.field_by_name:
            choices = kind.field_by_name["status"].choices
            spelled = [{normalise(s) for s in (c.value, c.label, *c.aliases)} for c in choices]
            assert sum(map(len, spelled)) == len(set().union(*spelled)), kind.id

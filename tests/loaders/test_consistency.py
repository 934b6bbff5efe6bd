"""What the records of one site say against each other, and what names them."""

from __future__ import annotations

import pytest

from tests.loaders.tables import taken_of

SITES = "site_id,name,latitude,longitude,individuals"
HERE = ["4.5", "18.5"]


def twice(taken):
    return [(f.row, f.found) for f in taken.result.report.findings if f.code == "same_site_twice"]


@pytest.mark.parametrize("place", [["abc", "18.5"], [None, None]])
def test_a_rejected_row_is_no_second_row_of_its_site(place):
    rows = [["S3", "c", *place, "10"], ["S3", "c", *HERE, "20"]]
    taken = taken_of(SITES, rows, kind="idp_sites")
    assert taken.account == (2, 1, 0, 1, 1)
    assert twice(taken) == []
    three = taken_of(SITES, [*rows, ["S3", "c", *HERE, "30"]], kind="idp_sites")
    assert twice(three) == [(3, "S3, rows 3, 4"), (4, "S3, rows 3, 4")]


@pytest.mark.parametrize(
    ("more", "cells", "ids"),
    [
        ("", ([], []), ["S1", "S2"]),
        (",round", (["5"], ["5"]), ["S1/5", "S2/5"]),
        (",assessment_date", (["2026-10-01"], [None]), ["S1/2026-10-01", "S2"]),
    ],
)
def test_sites_are_named_by_themselves_and_their_round(more, cells, ids):
    rows = [[site, site, *HERE, "10", *cell] for site, cell in zip(("S1", "S2"), cells, strict=True)]
    taken = taken_of(SITES + more, rows, "plain.csv", kind="idp_sites")
    assert (taken.frame["id"].tolist(), taken.result.id_stable) == (ids, True)


@pytest.mark.parametrize("sites", [("S1", "S1"), ("S1", None)])
def test_sites_that_cannot_name_their_rows(sites):
    taken = taken_of(SITES, [[site, "a", *HERE, "10"] for site in sites], "plain.csv", kind="idp_sites")
    assert (taken.frame["id"].tolist(), taken.result.id_stable) == (["2", "3"], False)
    assert "id_from_row" in taken.codes
    assert "id_not_unique" not in taken.codes, "there is no column of identifiers to speak of"


def test_a_column_of_identifiers_that_repeats_is_said():
    rows = [["1", f"S{n}", "a", *HERE, "10"] for n in range(2)]
    taken = taken_of("id," + SITES, rows, "plain.csv", kind="idp_sites")
    assert taken.frame["id"].tolist() == ["S0", "S1"]
    assert {"id_not_unique", "id_from"} <= taken.codes

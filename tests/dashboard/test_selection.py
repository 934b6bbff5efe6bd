"""Selection is one thing: what the address names is the marked row of every table that holds it."""

from __future__ import annotations

import pytest
from pages import at_address

from dashboard import cache


def marked(app, key: str) -> list[int]:
    return app.session_state[key]["selection"]["rows"]


def activity_of(words: str) -> str:
    return f"orvane-activities/{words.split()[0]}"


def latest_of(field: str, value: str) -> str:
    """The record of a site's last round."""
    info = next(i for i in cache.current_layers(exercise=True) if i.kind == "idp_sites")
    frame = cache.dataset(info).frame
    rows = frame[(frame[field] == value).to_numpy(bool)].sort_values("reporting_round")
    return f"{info.layer}/{rows['id'].iloc[-1]}"


@pytest.mark.parametrize(
    ("page", "table", "column", "record"),
    [
        ("risk", "risk.table", "Activity", activity_of),
        ("coverage", "coverage.table", "Id", lambda value: latest_of("site_id", value)),
        ("movements", "movements.sites", "Site", lambda value: latest_of("name", value)),
    ],
)
def test_the_row_follows_what_is_selected_elsewhere(page, table, column, record, sample_store, at):
    at(sample_store)
    app = at_address(page)
    assert not app.exception
    assert marked(app, table) == []
    third = next(f.value for f in app.dataframe if column in f.value)[column].iloc[2]
    app = at_address(page, sel=record(third))
    assert not app.exception
    assert marked(app, table) == [2]
    assert marked(at_address(page, sel="orvane-activities/nowhere"), table) == []

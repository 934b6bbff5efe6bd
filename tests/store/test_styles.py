"""Styles of layers: kept for all, with their history and audit; refused where they could not be drawn."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date

import geopandas as gpd
import pytest
import shapely

import store
from layers.errors import UnknownLayer, WrongParameter
from layers.kinds import kind_of
from layers.layer_style import LayerStyle
from layers.schema import conform

RED = LayerStyle(field="fatalities").text()


@pytest.fixture
def reports(access):
    kind = kind_of("incidents")
    frame = conform(gpd.GeoDataFrame({"id": ["A"]}, geometry=[shapely.Point(18, 4)]), kind)
    given = {"layer": "reports", "kind": kind, "source": "t", "as_of": date(2026, 11, 1), "by": "t"}
    access.publish(store.Publication(frame=frame, **given), base=None)
    return access


def test_the_last_style_holds_for_all_who_open_the_store(reports, home):
    reports.styles.keep("reports", LayerStyle(colour="idp").text(), by="G9")
    reports.styles.keep("reports", RED)
    assert store.open(home, as_=store.OPERATOR).styles.in_force() == {"reports": RED}
    reports.styles.keep("reports", "")
    assert reports.styles.in_force() == {}
    assert reports.verify() == []
    said = [row.by for row in reports.audit() if row.action == "style"]
    assert said[0] == "G9"
    assert len(said) == 3


def test_what_cannot_be_drawn_is_refused_and_nothing_is_kept(reports):
    with pytest.raises(WrongParameter):
        reports.styles.keep("reports", LayerStyle(field="households").text())
    with pytest.raises(UnknownLayer):
        reports.styles.keep("nowhere", RED)
    assert reports.styles.in_force() == {}
    assert not [row for row in reports.audit() if row.action == "style"]


def test_styles_are_never_changed_and_a_change_is_noticed(reports, home):
    reports.styles.keep("reports", RED)
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="styles are never changed"):
            connection.execute("UPDATE styles SET style = ''")
        with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
            connection.execute("DELETE FROM styles")
        connection.execute("DROP TRIGGER styles_no_update")
        connection.execute("UPDATE styles SET style = ''")
        connection.commit()
    (damage,) = reports.verify()
    assert "styles are not those" in damage.detail


def test_a_catalogue_from_before_styles_is_opened(reports, home):
    with closing(sqlite3.connect(home / "catalogue.sqlite")) as connection:
        connection.execute("DROP TABLE styles")
        connection.execute("UPDATE format SET schema = 5")
        connection.commit()
    again = store.open(home, as_=store.OPERATOR)
    again.styles.keep("reports", RED)
    assert again.styles.in_force() == {"reports": RED}

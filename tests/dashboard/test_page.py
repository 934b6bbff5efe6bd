"""What a page is handed."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from dashboard.components.page import Page


def info(layer, kind, rows):
    return SimpleNamespace(layer=layer, kind=kind, rows=rows, as_of=date(2026, 11, 1), received_at=datetime.now(UTC))


def test_questions_open_on_the_largest_layer_of_each_kind_in_the_order_of_the_store():
    stored = [
        ("states", "admin_areas", 5),
        ("localities", "admin_areas", 25),
        ("plans", "projects", 120),
        ("entered", "incidents", 1),
        ("register", "incidents", 3000),
        ("posts", "facilities", 169),
    ]
    infos = [info(*each) for each in stored]
    page = Page(infos, None)
    assert [i.layer for i in page.of_kind("admin_areas")] == ["states", "localities"]
    assert [i.layer for i in page.of_kind("incidents")] == ["register", "entered"]
    assert [i.layer for i in page.of_kind("facilities", "projects")] == ["plans", "posts"]

"""Hostile containers: archives, databases, workbooks, shapefiles, Parquet, rasters."""

from __future__ import annotations

import pytest

from layers.errors import LoadError
from layers.settings import Settings
from loaders import sandbox
from tests.hostile import archives, binaries, databases, harness, workbooks
from tests.hostile.form import SECRET

FORMS = [*archives.forms(), *databases.forms(), *workbooks.forms(), *binaries.forms()]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_it_does_no_harm(form, world, forks):
    outcome = harness.take(form, world)
    assert outcome.fits(form.verdict), outcome
    assert SECRET not in outcome.text + outcome.message
    assert outcome.seconds < harness.HANG_GUARD_S
    assert world.canary.heard == []


def test_nothing_leaked_anywhere(world, forks):
    assert world.leaked() == []


ONE_OF_EACH = [
    "Archives: bomb.zip",
    "Workbooks: laughs.xlsx",
    "GeoPackage and SQLite: endless_view.gpkg",
    "Rasters: giant.tif",
    "Parquet: footer.parquet",
]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_it_does_no_harm_in_a_process_of_its_own(name, world):
    """The same without forks: as a file is really opened."""
    form = next(form for form in FORMS if form.id == name)
    with pytest.raises(LoadError):
        sandbox.read_in_sandbox(world.write(form), Settings())
    assert world.canary.heard == []

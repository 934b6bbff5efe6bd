from __future__ import annotations

import pytest

from loaders import sandbox
from tests.hostile import harness


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """One store for all forms of a file, with the secret beside it."""
    with harness.world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="module")
def forks():
    """The sandbox, with a worker that is loaded once and forks for each file."""
    started, usual = harness.Forks(), sandbox._run
    sandbox._run = started.run
    yield started
    sandbox._run = usual
    started.close()

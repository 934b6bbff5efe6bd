"""When numba is loaded, and where its compiled code may not be kept."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numba
import pytest

from analysis import kernels


@pytest.mark.parametrize("module", ["app", "analysis", "commands"])
def test_numba_waits_for_the_first_question(module):
    code = f"import sys, {module}; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_without_a_folder_to_keep_it_code_lives_in_memory(monkeypatch):
    make, asked = numba.njit, []

    def njit(**options):
        asked.append(options.get("cache", False))
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return make(**options)

    monkeypatch.setattr(kernels, "numba", SimpleNamespace(njit=njit))
    assert kernels.compiled(lambda a: a + 1)(1) == 2
    assert asked == [True, False]

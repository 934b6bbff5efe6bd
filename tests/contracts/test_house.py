"""The rules of the house that import contracts cannot express."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from layers import errors

ROOT = Path(__file__).parents[2]
PACKAGES = ("layers", "store", "loaders", "analysis", "exports", "commands", "dashboard")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
NAMES_NOT_USED = re.compile(r"manager|helper|utils?|process|handler?|common|misc|data2")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> Iterator[str]:
    """Top-level packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def who_imports(package: str) -> set[str]:
    return {name_of(path) for path in [*MODULES, ROOT / "app.py", ROOT / "cli.py"] if package in imports_of(path)}


def test_no_folder_named_pages() -> None:
    """It would wake Streamlit's own page discovery, which runs a page without the frame."""
    assert not list((ROOT / "dashboard").rglob("pages"))


def test_no_module_of_the_dashboard_hides_another_package() -> None:
    """Inside st.App the folder `dashboard/` comes first on the path."""
    ours = {path.name for path in ROOT.iterdir() if path.is_dir()} | {path.stem for path in ROOT.glob("*.py")}
    taken = ours | set(sys.stdlib_module_names) | set(packages_distributions())
    inside = {path.stem for path in (ROOT / "dashboard").iterdir() if not path.name.startswith("__")}
    assert not inside & taken


def test_folium_is_known_to_few() -> None:
    assert who_imports("folium") <= {"dashboard/maps.py", "dashboard/assets.py"}
    assert who_imports("streamlit_folium") <= {"dashboard/components/map_panel.py", "dashboard/components/draft_map.py"}


def test_the_store_is_opened_by_few() -> None:
    opening = re.compile(r"\bstore\.open\(|\bopen_store\(")
    openers = {name_of(p) for p in MODULES if opening.search(p.read_text("utf-8"))}
    few = {"dashboard/cache/door.py", "loaders/job.py"}  # the job opens it in its own process (ADR 0009)
    assert not [n for n in openers if not n.startswith(("commands/", "store/")) and n not in few]


def test_caches_live_in_one_file() -> None:
    """`st.cache_*` nowhere; what Streamlit caches is shared by all users, so one door decides."""
    found = [
        name_of(path)
        for path in [*MODULES, ROOT / "app.py"]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("cache_data", "cache_resource")
    ]
    assert not found


def test_nothing_is_evaluated_or_unpickled() -> None:
    calls = {
        (name_of(path), node.func.id)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
    }
    assert not calls
    assert not who_imports("pickle")


def test_every_error_is_drawn_in_the_tree() -> None:
    """Name and place: each class stands under its parent in the docstring of layers/errors."""
    tree: dict[str, str] = {}
    parents: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        drawn = re.match(r"^([ │├└─]*)([A-Z]\w+)\b(?: {2,}|$)", line)
        if drawn:
            depth, name = len(drawn[1]), drawn[2]
            parents = [(d, n) for d, n in parents if d < depth]
            tree[name] = parents[-1][1] if parents else "Exception"
            parents.append((depth, name))
    declared = {
        cls.__name__: cls.__bases__[0].__name__
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.OverlayError)
    }
    assert tree == declared


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_short_and_named_for_what_it_holds(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < 600, "split it"
    assert not NAMES_NOT_USED.fullmatch(path.stem)
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), "say in one line what it is for"

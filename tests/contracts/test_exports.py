"""What every format of export keeps to. A new one is checked by being in `EXPORTS`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from exports import EXPORTS, Export, export_for, export_to, of_dataset
from layers.dataset import Dataset
from layers.errors import ExportError
from layers.kind import Kind
from layers.kinds import KINDS
from layers.settings import Settings

ALL_EXPORTS = pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.id)


def test_ids_and_extensions_are_unique() -> None:
    assert len({export.id for export in EXPORTS}) == len(EXPORTS)
    assert len({export.extension for export in EXPORTS}) == len(EXPORTS)


@ALL_EXPORTS
def test_it_is_well_declared(export: Export) -> None:
    assert export.label
    assert export.extension.startswith(".")
    assert export.extension == export.extension.lower()
    assert export.media_type.count("/") == 1
    assert export_for(Path(f"somewhere/FILE{export.extension.upper()}")) is export


def test_an_unknown_extension_is_refused_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as refused:
        export_for(tmp_path / "layer.doc")
    assert all(export.extension in refused.value.expected for export in EXPORTS)


@ALL_EXPORTS
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_kind_can_be_written_and_says_what_it_is(
    export: Export, kind: Kind, dataset_of: Callable[..., Dataset], tmp_path: Path
) -> None:
    dataset = dataset_of(kind, exercise=True)
    path = export_to(of_dataset(dataset, Settings()), tmp_path / f"layer{export.extension}")
    text = path.read_bytes().decode("utf-8", errors="replace").casefold()
    for said in (dataset.marking.label, dataset.source, "2026-11-12", "exercise", Settings().boundary_note[:40]):
        assert said.casefold() in text, f"{export.id} does not say {said}"
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"

"""Columns about people, set aside for the sender's own rejected rows and kept nowhere."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.raw import RawLayer, plain_text
from loaders.scratch import aside_folder

ROW = "row"


def set_aside(raw: RawLayer, columns: Sequence[str], draft_id: str, home: Path) -> None:
    """Put these columns where they are lost with the draft, at the latest with the machine."""
    folder = aside_folder(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in folder.iterdir():
        if not (home / "drafts" / left.name).is_dir():
            shutil.rmtree(left, ignore_errors=True)
    own = folder / draft_id
    own.mkdir(mode=0o700, exist_ok=True)
    cells = {column: plain_text(raw.cells[raw.columns.index(column)]) for column in columns}
    pq.write_table(pa.table({f"{ROW}": raw.rows, **{f"c{i}": c for i, c in enumerate(cells.values())}}), own / "cells")
    (own / "names").write_text("\n".join(columns), "utf-8")


def with_aside(rejected: pd.DataFrame, draft_id: str, home: Path) -> pd.DataFrame:
    """Rejected rows with what was set aside of them, as long as it is there."""
    own = aside_folder(home) / draft_id
    if not (own / "cells").is_file() or rejected.empty:
        return rejected
    names = (own / "names").read_text("utf-8").split("\n")
    cells = pq.read_table(own / "cells", filters=[(ROW, "in", rejected[ROW].tolist())]).to_pandas()
    cells = cells.set_index(ROW).set_axis(names, axis=1).reindex(rejected[ROW])
    return pd.concat([rejected, cells.set_axis(rejected.index, axis=0)], axis=1)


def forget_aside(draft_id: str, home: Path) -> None:
    """Remove what was set aside of a draft."""
    own = aside_folder(home) / draft_id
    for name in ("cells", "names"):
        (own / name).unlink(missing_ok=True)
    if own.is_dir():
        own.rmdir()

"""Wide tables to long ones, and rows that are no records of their own; every row of the sender is kept account of.

All functions are pure: ``RawLayer -> RawLayer``. In the result `rows` repeats a row of
the sender that gave several records, and `spare` lists those that gave none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.report import Finding
from loaders.raw import RawLayer, text_array, unique_headers
from loaders.values import without_placeholders

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


def table(raw: RawLayer) -> pd.DataFrame:
    """The cells as trimmed text, blanks as null."""
    cells = {name: column.to_pandas() for name, column in zip(raw.columns, raw.cells, strict=True)}
    frame = pd.DataFrame(cells, index=pd.RangeIndex(len(raw))).astype("str").apply(lambda c: c.str.strip())
    return frame.mask(frame == "")


def blank_rows(raw: RawLayer) -> Mask:
    """Rows in which nothing stands."""
    filled = np.zeros(len(raw), bool)
    for column in raw.cells:
        filled |= np.asarray(pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0), False))
    if raw.geometry is not None:
        filled |= ~np.asarray(raw.geometry.is_null())
    blank: Mask = ~filled
    return blank


def taken(raw: RawLayer, positions: Positions, *findings: Finding) -> RawLayer:
    """The rows at these positions, in this order; those left out become spare."""
    left_out = np.setdiff1d(np.arange(len(raw)), positions)
    index = pa.array(positions, pa.int64())

    def at(column: pa.Array | None) -> pa.Array | None:
        return None if column is None else column.take(index)

    return replace(
        raw,
        cells=[column.take(index) for column in raw.cells],
        rows=raw.rows[positions],
        geometry=at(raw.geometry),
        feature_ids=at(raw.feature_ids),
        spare=tuple(sorted({*raw.spare, *(int(row) for row in raw.rows[left_out])})),
        findings=[*raw.findings, *findings],
    )


def kept(raw: RawLayer, mask: Mask, *findings: Finding) -> RawLayer:
    """The rows of the mask."""
    return taken(raw, np.flatnonzero(mask), *findings)


def without(raw: RawLayer, names: Sequence[str]) -> RawLayer:
    """Without these columns."""
    keep = [i for i, name in enumerate(raw.columns) if name not in names]
    return replace(
        raw,
        columns=tuple(raw.columns[i] for i in keep),
        cells=[raw.cells[i] for i in keep],
        hxl=tuple(raw.hxl[i] for i in keep) if raw.hxl else (),
        numeric=tuple(name for name in raw.numeric if name not in names),
    )


def renamed(raw: RawLayer, names: Sequence[str]) -> RawLayer:
    """With these headers, one for each column."""
    of = dict(zip(raw.columns, names, strict=True))
    return replace(raw, columns=tuple(names), numeric=tuple(of[name] for name in raw.numeric))


def added(raw: RawLayer, columns: dict[str, Sequence[str | None]]) -> RawLayer:
    """With these columns behind the sender's own."""
    names, _ = unique_headers([*raw.columns, *columns], raw.name)
    return replace(
        raw,
        columns=names,
        cells=[*raw.cells, *(text_array(values) for values in columns.values())],
        hxl=(*raw.hxl, *[""] * len(columns)) if raw.hxl else (),
    )


def blanked(raw: RawLayer, name: str, mask: Mask) -> RawLayer:
    """With the cells of this column blank where the mask holds."""
    cells = [
        pc.if_else(pa.array(mask), pa.scalar(None, column.type), column) if header == name else column
        for header, column in zip(raw.columns, raw.cells, strict=True)
    ]
    return replace(raw, cells=cells)


def melted(raw: RawLayer, groups: Sequence[dict[str, str]], constants: Sequence[dict[str, str]]) -> RawLayer:
    """One record a row and group of columns: ``R1 IDPs, R1 HHs, R2 IDPs ...`` to two records a row.

    A group none of whose columns is filled gives no record; a row without any is spare;
    a blank row stays as one blank record, for validation to reject.

    Parameters
    ----------
    groups : sequence of dict
        New column -> the sender's column, one dict for each group.
    constants : sequence of dict
        New column -> text that all records of this group get (its round, its date).
    """
    cells = table(raw)
    blank = blank_rows(raw)
    stated = cells.apply(without_placeholders)
    filled = np.column_stack([stated[list(set(g.values()))].notna().any(axis=1).to_numpy(bool) for g in groups])
    row_of, group_of = np.nonzero(filled)
    empty = np.flatnonzero(blank)
    order = np.argsort(np.concatenate([row_of, empty]), kind="stable")
    positions = np.concatenate([row_of, empty])[order]
    member = np.concatenate([group_of, np.full(len(empty), -1)])[order]
    new = {name: np.full(len(positions), None, dtype=object) for name in _names(groups, constants)}
    for number, (group, fixed) in enumerate(zip(groups, constants, strict=True)):
        mine = member == number
        for name, header in group.items():
            values = cells[header].astype(object)
            new[name][mine] = values.where(values.notna(), None).to_numpy()[positions[mine]]
        for name, value in fixed.items():
            new[name][mine] = value
    used = {header for group in groups for header in group.values()}
    long = without(taken(raw, positions), tuple(used))
    return added(long, {name: list(values) for name, values in new.items()})


def _names(groups: Sequence[dict[str, str]], constants: Sequence[dict[str, str]]) -> list[str]:
    """The new columns, those that name the group first, each once."""
    return list(dict.fromkeys(name for part in (*constants, *groups) for name in part))


def summed(
    raw: RawLayer, by: Sequence[str], people: str, told_apart: Sequence[str], figures: Sequence[str] = ()
) -> RawLayer:
    """Rows that are alike but for some columns as one record: their people added, those columns written out.

    The record stands for the first of its rows; the others are spare. Rows whose people
    are no number are left alone, and so is a row that repeats another in those columns
    too: it is no part of a figure but a copy.

    Parameters
    ----------
    by : sequence of str
        Columns that must agree.
    people : str
        The column that is added; unknown figures are left out, and all unknown stays unknown.
    told_apart : sequence of str
        Columns that differ between the rows: "Conflict: 112192; Natural disaster: 4146".
    figures : sequence of str
        Other figures of the same people (men, women): added where every row has one, else blank.
    """
    cells = table(raw)
    key = _figure_of(cells, by, people, told_apart)
    several = key.duplicated(keep=False)
    if not several.any():
        return raw
    first = ~key.duplicated()
    merged = kept(raw, first.to_numpy(bool), _summed_finding(len(raw), int(first.sum()), told_apart))
    texts = cells[first].copy()
    records = key[first & several]
    for name in (people, *figures):
        rows = pd.to_numeric(cells[name], errors="coerce").groupby(key)
        totals = rows.sum(min_count=1)
        totals = totals if name == people else totals.where(rows.count() == rows.size())
        texts.loc[records.index, name] = records.map(totals).map("{:.0f}".format, na_action="ignore").astype("str")
    for name in told_apart:
        parts = (cells[name].fillna("not stated") + ": " + cells[people].fillna("unknown"))[several]
        distinct = cells[name][several].groupby(key[several]).nunique(dropna=False)
        joined = parts.groupby(key[several]).agg("; ".join).where(distinct > 1)
        texts.loc[records.index, name] = records.map(joined).fillna(texts.loc[records.index, name])
    changed = {people, *figures, *told_apart}
    return replace(
        merged,
        cells=[
            text_array(texts[name].astype(object).where(texts[name].notna(), None)) if name in changed else column
            for name, column in zip(merged.columns, merged.cells, strict=True)
        ],
    )


def _figure_of(cells: pd.DataFrame, by: Sequence[str], people: str, told_apart: Sequence[str]) -> pd.Series:
    """The number of the figure that each row is part of; copies of a part belong to another one."""
    worded = pd.to_numeric(cells[people], errors="coerce").isna() & cells[people].notna()
    alone = worded | cells[list(by)].isna().all(axis=1)
    alike = cells.groupby([cells[name].fillna("") for name in by], sort=False).ngroup()
    alike = alike.mask(alone, -1 - pd.Series(cells.index, index=cells.index))
    copy = cells.groupby([alike, *(cells[name].fillna("") for name in told_apart)], sort=False).cumcount()
    return cells.groupby([alike, copy], sort=False).ngroup()


def _summed_finding(rows: int, records: int, told_apart: Sequence[str]) -> Finding:
    return Finding(
        "rows_added_up",
        "warning",
        f"{rows} rows give {records} records: rows of one area and period that differ in {' or '.join(told_apart)} only"
        " were added up, for they are parts of one figure. The parts stand in the text of those columns.",
        field=told_apart[0],
        remedy="Load the file as another kind if the parts are wanted as rows.",
    )

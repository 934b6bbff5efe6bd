"""The sender's text to canonical columns: one type, bounds and choices a field, every cell accounted for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.kind import Field, Kind
from loaders.account import Account
from loaders.dates import read_dates
from loaders.values import Cells, read_codes, read_flags, read_numbers, without_placeholders

# Which precision a date column sets, where the source states none.
COARSER = {"": 0, "moment": 1, "day": 2, "week": 3, "month": 4, "year": 5}


def convert_columns(
    texts: pd.DataFrame, kind: Kind, column_of: dict[str, str], account: Account
) -> tuple[dict[str, pd.Series], set[str]]:
    """Canonical columns that were mapped, and the sender's columns to keep besides."""
    columns: dict[str, pd.Series] = {}
    keep: set[str] = set()
    precision: npt.NDArray[np.object_] = np.full(len(texts), "", dtype=object)
    for field in kind.fields:
        header = column_of.get(field.name)
        if header is None:
            continue
        if field.type in ("date", "moment"):
            values, coarse, whole = _dates(texts[header], field, header, account)
            precision = _coarser(precision, coarse) if field.name in (kind.starts, kind.ends) else precision
        else:
            values, whole = _values(texts[header], field, header, account)
        columns[field.name] = values
        if not whole:
            keep.add(header)
    if "time_precision" in kind.field_by_name and "time_precision" not in columns and (precision != "").any():
        stated = pd.Series(precision, index=texts.index, dtype="str")
        columns["time_precision"] = stated.mask(stated == "")
    return columns, keep


def _coarser(one: npt.NDArray[np.object_], other: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    rank = np.vectorize(COARSER.__getitem__, otypes=[int])
    return np.where(rank(other) > rank(one), other, one) if len(one) else one


def _dates(
    texts: pd.Series, field: Field, header: str, account: Account
) -> tuple[pd.Series, npt.NDArray[np.object_], bool]:
    read = read_dates(without_placeholders(texts))
    for code, message in read.notes:
        account.note(code, f"{header}: {message}.", field=header)
    account.repair(read.bad, "bad_date", "no such day", "Correct it or leave it blank.", header, texts.to_numpy(object))
    values = read.values
    values = values.dt.tz_localize("UTC") if field.type == "moment" else values.dt.normalize()
    return (
        values.astype("datetime64[us, UTC]" if field.type == "moment" else "datetime64[us]"),
        read.precision,
        not (read.bad.any() or bool(np.isin(read.precision, ("month", "year")).any())),
    )


def _values(texts: pd.Series, field: Field, header: str, account: Account) -> tuple[pd.Series, bool]:
    """One column, and whether all that it said is in it."""
    stated = texts if field.type == "text" else without_placeholders(texts)
    if field.type == "text":
        return stated, True
    if field.type == "flag":
        cells, what = read_flags(stated), "neither yes nor no"
    elif field.type == "code":
        cells, what = read_codes(stated, field), "none of the known values"
    else:
        cells, what = read_numbers(stated), "no number"
    for code, message in cells.notes:
        account.note(code, f"{header}: {message}; they were read so.", field=header)
    known = ", ".join(c.label for c in field.choices[:8])
    remedy = f"Use one of: {known}." if known else "Correct it or leave it blank."
    shown = texts.to_numpy(object)
    account.repair(cells.bad, f"bad_{field.type}", f"{what}; left blank", remedy, header, shown)
    if field.type in ("integer", "number"):
        cells = _bounded(cells, field, header, shown, account)
    whole = not cells.bad.any() and not (field.type == "code" and _merges(stated, cells.values))
    return cells.values, whole


def _merges(stated: pd.Series, codes: pd.Series) -> bool:
    """Whether different words became one code, so that the words say more."""
    pairs = pd.DataFrame({"stated": stated, "code": codes}).dropna().drop_duplicates()
    return bool(pairs["code"].duplicated().any())


def _bounded(cells: Cells, field: Field, header: str, shown: Any, account: Account) -> Cells:
    values, numbers = cells.values, cells.values.to_numpy(float, na_value=np.nan)
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    limit = 2**53 if field.type == "integer" else np.inf
    out = (numbers < low) | (numbers > high) | (np.abs(numbers) > limit)
    if out.any():
        bounds = f"outside {field.minimum if field.minimum is not None else ''} to {field.maximum or 'any'}"
        account.repair(out, "out_of_bounds", f"{bounds}; left blank", "Correct it or leave it blank.", header, shown)
        values = values.mask(out)
    if field.type == "integer":
        broken = ~np.isnan(numbers) & ~out & (numbers != np.floor(numbers))
        account.repair(broken, "rounded", "rounded to a whole number", "Give whole numbers.", header, shown)
        values = values.round().astype("Int64")
    return Cells(values, cells.bad | out)

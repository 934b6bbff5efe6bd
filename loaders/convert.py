"""The sender's text to canonical columns: one type, bounds and choices a field, every cell accounted for."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.kind import Field, Kind
from layers.picture import is_picture
from layers.report import Severity
from loaders.account import Account
from loaders.dates import MIXED, lacks_year, moments, read_dates
from loaders.periods import Precision, coarser, settle_periods, vague
from loaders.place_precision import FIELDS, read_place_precision
from loaders.values import Cells, distinct, read_codes, read_flags, read_numbers, without_placeholders


def convert_columns(
    texts: pd.DataFrame, kind: Kind, column_of: dict[str, str], account: Account, numeric: frozenset[str] = frozenset()
) -> tuple[dict[str, pd.Series], set[str]]:
    """Canonical columns that were mapped, and the sender's columns to keep besides.

    Parameters
    ----------
    numeric : frozenset of str
        Columns that the format itself holds as numbers.
    """
    columns: dict[str, pd.Series] = {}
    stated, keep = _places_stated(texts, kind, column_of)
    precision: dict[str, Precision] = {}
    for field in kind.fields:
        header = column_of.get(field.name)
        if header is None and field.name not in stated:
            continue
        header = header or field.name
        if field.type in ("date", "moment"):
            values, precision[field.name], whole = _dates(texts[header], field, header, account)
        else:
            column = stated.get(field.name, texts.get(header))
            values, whole = _values(column, field, header, account, typed=header in numeric)
        columns[field.name] = values
        if not whole:
            keep.add(header)
    keep |= {column_of[f] for f in settle_periods(columns, precision, kind, column_of, account) if f in column_of}
    known = reduce(
        coarser,
        (p for name, p in precision.items() if name in (kind.starts, kind.ends)),
        np.full(len(texts), "", dtype=object),
    )
    if "time_precision" in kind.field_by_name and "time_precision" not in columns and (known != "").any():
        said = pd.Series(known, index=texts.index, dtype="str")
        columns["time_precision"] = said.mask(said == "")
    return columns, keep


def _places_stated(texts: pd.DataFrame, kind: Kind, column_of: dict[str, str]) -> tuple[dict[str, pd.Series], set[str]]:
    """Precision and radius of places as text, each from its own column first, and columns that say more."""
    stated: dict[str, pd.Series] = {}
    keep = set()
    for name in FIELDS:
        header = column_of.get(name)
        if header is None or name not in kind.field_by_name:
            continue
        place = read_place_precision(texts[header], coded=name == "place_precision")
        own, other = (
            (place.precision, place.radius_m) if name == "place_precision" else (place.radius_m, place.precision)
        )
        second = next(f for f in FIELDS if f != name)
        stated[name] = own.fillna(stated[name]) if name in stated else own
        if other.notna().any():
            stated[second] = stated[second].fillna(other) if second in stated else other
        if place.worded:
            keep.add(header)
    return stated, keep


def _dates(
    texts: pd.Series, field: Field, header: str, account: Account
) -> tuple[pd.Series, npt.NDArray[np.object_], bool]:
    read = moments(texts) if texts.dtype.kind == "M" else read_dates(without_placeholders(texts))
    for code, message in read.notes:
        severity: Severity = "warning" if code == MIXED else "info"
        account.note(code, f"{header}: {message}.", severity=severity, field=header)
    yearless = np.zeros(len(texts), bool)
    if read.bad.any():
        yearless[read.bad] = [lacks_year(str(text)) for text in texts[read.bad]]
    account.repair(read.bad & ~yearless, "bad_date", "no such day", "Correct it or leave it blank.", header, texts)
    account.repair(yearless, "bad_date", "a date whose year is missing", "Give the year too.", header, texts)
    values = read.values
    values = values.dt.tz_localize("UTC") if field.type == "moment" else values.dt.normalize()
    return (
        values.astype("datetime64[us, UTC]" if field.type == "moment" else "datetime64[us]"),
        read.precision,
        not (read.bad.any() or bool(vague(read.precision).any())),
    )


def _values(texts: pd.Series, field: Field, header: str, account: Account, *, typed: bool) -> tuple[pd.Series, bool]:
    """One column, and whether all that it said is in it."""
    stated = texts if field.type == "text" else without_placeholders(texts)
    if field.type == "text":
        return stated, True
    if field.type == "flag":
        cells, what = read_flags(stated), "neither yes nor no"
    elif field.type == "picture":
        cells, what = _read_pictures(stated), "no picture (PNG or WebP as a data URI)"
    elif field.type == "code":
        cells, what = read_codes(stated, field), "none of the known values"
    else:
        cells, what = read_numbers(stated, whole=field.type == "integer", typed=typed), "no number"
    for code, message in cells.notes:
        account.note(code, f"{header}: {message}; they were read so.", field=header)
    known = ", ".join(c.label for c in field.choices[:8])
    remedy = f"Use one of: {known}." if known else "Correct it or leave it blank."
    shown = texts
    taken = "left blank"
    # A blank status may be read as "in use": what was stated and not understood is no blank.
    if field.name == "status" and any(c.value == "unknown" for c in field.choices):
        cells, taken = replace(cells, values=cells.values.mask(cells.bad, "unknown")), 'taken as "unknown"'
    account.repair(cells.bad, f"bad_{field.type}", f"{what}; {taken}", remedy, header, shown)
    if field.type in ("integer", "number"):
        cells = _bounded(cells, field, header, shown, account)
    whole = not cells.bad.any() and not (field.type == "code" and _merges(stated, cells.values))
    return cells.values, whole


def _read_pictures(texts: pd.Series) -> Cells:
    """Pictures as data URIs; any other text might be a script for the browser."""
    bad = texts.notna().to_numpy(bool) & ~texts.map(is_picture).to_numpy(bool)
    return Cells(texts.mask(bad), bad)


def _merges(stated: pd.Series, codes: pd.Series) -> bool:
    """Whether different words became one code, so that the words say more."""
    places, words = distinct(stated)
    first = np.zeros(len(words) + 1, np.int64)
    first[places[::-1]] = np.arange(len(places))[::-1]
    of_each = codes.iloc[first[:-1]].dropna()
    return bool(of_each.duplicated().any())


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

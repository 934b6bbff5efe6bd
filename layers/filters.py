"""What the filters keep: one mechanism for page, command line and export."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layers.dataset import Dataset
from layers.drawn import DrawnArea, parse_area
from layers.errors import WrongParameter
from layers.geodesy import cut_at_antimeridian
from layers.kind import Field, Kind, normalise
from layers.known_place import known_by_area
from layers.road_states import VEHICLES, has_states, states_at
from layers.rounds import has_rounds, latest_rounds
from layers.schema import ATTRIBUTE_PREFIX
from layers.times import Period, calendar_days, in_period

NOT_STATED = "not stated"
ALWAYS = Period()
Geometries = npt.NDArray[np.object_]
TRUE = frozenset({"true", "yes", "1"})
FALSE = frozenset({"false", "no", "0"})


@dataclass(frozen=True)
class Where:
    """Conditions on one layer; all must hold.

    Attributes
    ----------
    fields : mapping of str to tuple of str
        Column -> accepted values as text; `NOT_STATED` accepts missing values.
    period : Period
        Calendar days that the record must meet.
    areas : tuple of str
        Ids of admin areas or mission sectors; any of them.
    drawn : str
        An area drawn on a map, as `layers.drawn` writes it; empty for none.
    round_at : date, optional
        Of things that are assessed in rounds, keep the latest at or before this day; of roads,
        the state that holds on it for the vehicles that `fields` names.
    """

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: Period = ALWAYS
    areas: tuple[str, ...] = ()
    drawn: str = ""
    round_at: date | None = None

    @property
    def words(self) -> str:
        """The conditions for people, e.g. ``incident_type=clash or riot; areas=X1``."""
        said = [f"{name}={' or '.join(values)}" for name, values in self.fields.items() if values]
        if self.period != ALWAYS:
            said.append(f"dates={self.period.first or 'any'} to {self.period.last or 'any'}")
        if self.areas:
            said.append(f"areas={' or '.join(self.areas)}")
        if self.drawn:
            said.append(f"inside the {parse_area(self.drawn).words} ({self.drawn})")
        if self.round_at is not None:
            said.append(f"latest round at {self.round_at}")
        return "; ".join(said)


def column_of(kind: Kind, frame: pd.DataFrame, name: str) -> str:
    """The column that a person means: canonical, else the sender's own.

    Raises
    ------
    WrongParameter
        When the layer has no such column.
    """
    if name in kind.field_by_name or name in frame.columns:
        return name
    wanted = normalise(name.removeprefix(ATTRIBUTE_PREFIX))
    for column in frame.columns:
        if normalise(str(column).removeprefix(ATTRIBUTE_PREFIX)) == wanted:
            return str(column)
    raise WrongParameter(
        f"filter on {kind.label.lower()}",
        f'column "{name}"',
        f"one of {', '.join(kind.names)} or a column of the file",
        "Choose a column that the layer has.",
    )


def mask_values(
    frame: pd.DataFrame, kind: Kind, name: str, values: tuple[str, ...], zone: str = "UTC"
) -> npt.NDArray[np.bool_]:
    """Rows whose column holds one of the values.

    Coded values may be given by code, label or alias; moments by their calendar day in `zone`.

    Raises
    ------
    WrongParameter
        When there is no such column, or a value that its column can never hold.
    """
    column = column_of(kind, frame, name)
    series = frame[column]
    wanted = [v for v in values if v != NOT_STATED]
    where = f"filter on {kind.label.lower()}, {column}"
    if column == "geometry":
        raise _refuse(where, ", ".join(values), "a field with values: a place is chosen by area")
    if pd.api.types.is_bool_dtype(series.dtype):
        keep = series.isin([_truth(where, v) for v in wanted])
    elif pd.api.types.is_numeric_dtype(series.dtype):
        keep = series.isin([_number(where, v) for v in wanted])
    elif pd.api.types.is_datetime64_any_dtype(series.dtype):
        precision = frame.get("time_precision") if column in (kind.starts, kind.ends) else None
        days = calendar_days(series, precision, zone)
        keep = pd.Series(np.isin(days, np.array([_day(where, v) for v in wanted], dtype="datetime64[D]")))
    else:
        keep = series.isin([_code(where, v, kind.field_by_name.get(column), series) for v in wanted])
    result = keep.fillna(False).to_numpy(dtype=bool)
    return result | series.isna().to_numpy() if NOT_STATED in values else result


def _refuse(where: str, value: str, expected: str) -> WrongParameter:
    return WrongParameter(where, f'"{value}"', expected, "Correct the filter.")


def _truth(where: str, value: str) -> bool:
    text = value.strip().casefold()
    if text not in TRUE | FALSE:
        raise _refuse(where, value, "true or false")
    return text in TRUE


def _number(where: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _refuse(where, value, "a number")
    return number


def _day(where: str, value: str) -> date:
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise _refuse(where, value, "a day such as 2026-11-12") from None


def _code(where: str, value: str, declared: Field | None, series: pd.Series) -> str:
    if declared is None or not declared.choices:
        return value
    code = declared.choice_by_spelling.get(normalise(value), value)
    if code not in {c.value for c in declared.choices} and not (series == code).any():
        raise _refuse(where, value, f"one of {', '.join(c.value for c in declared.choices)}")
    return code


def mask_areas(dataset: Dataset, chosen: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Rows in any of the chosen areas.

    A record with a place counts by its place (lines and polygons when they touch);
    one without counts by its admin codes.

    Parameters
    ----------
    chosen : GeoDataFrame
        Rows of admin-area layers, canonical columns, EPSG:4326.
    """
    frame = dataset.frame
    geometry = frame.geometry.to_numpy()
    placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    keep = np.zeros(len(frame), bool)
    keep[placed] = _meets(shapely.union_all(_cut(chosen.geometry.dropna().to_numpy())), geometry[placed])
    codes = set(chosen["id"].dropna())
    for column in ("admin1_code", "admin2_code", "admin3_code"):
        if column in frame:
            keep |= ~placed & frame[column].isin(codes).to_numpy()
    return keep


def mask_drawn(dataset: Dataset, area: DrawnArea) -> npt.NDArray[np.bool_]:
    """Rows whose place meets a drawn area, those known within some distance by their nominal place.

    One known by its admin area only is in none, wherever the point lies that stands for the area.
    """
    return _meets(area.geometry, dataset.frame.geometry.to_numpy()) & ~known_by_area(dataset.frame)


def _meets(shape: BaseGeometry, places: Geometries) -> npt.NDArray[np.bool_]:
    shapely.prepare(shape)
    return np.asarray(shapely.intersects(shape, _cut(places)), dtype=bool)


def _cut(places: Geometries) -> Geometries:
    """The same, those that run over the antimeridian as they are measured: not around the world."""
    west, _, east, _ = shapely.bounds(places).T
    wide = np.flatnonzero(east - west > 180)
    cut = places.copy() if len(wide) else places
    cut[wide] = [cut_at_antimeridian(place) for place in places[wide]]
    return cut


def rows_kept(
    dataset: Dataset, where: Where, *, areas: gpd.GeoDataFrame | None = None, zone: str = "UTC"
) -> npt.NDArray[np.int32]:
    """Positions of the rows that meet all conditions; where rounds are chosen, in their order.

    Parameters
    ----------
    areas : GeoDataFrame, optional
        All admin areas known; needed when `where.areas` names any.

    Raises
    ------
    WrongParameter
        A column, a value or an area that cannot be meant.
    """
    rows = np.arange(len(dataset), dtype=np.int32)
    states = _states(dataset, where)
    if where.round_at is not None and has_rounds(dataset.kind):
        latest = latest_rounds(dataset.frame, dataset.kind, where.round_at)
        rows = dataset.frame.index.get_indexer(latest.index).astype(np.int32)
        dataset = dataset.with_frame(latest)
    elif states is not None:
        rows = states.index.to_numpy(dtype=np.int32)
        dataset = dataset.with_frame(dataset.frame.iloc[rows].assign(road_state=states.to_numpy()))
    keep = in_period(dataset, where.period, zone)
    for name, values in where.fields.items():
        if values and not (name == VEHICLES and states is not None):
            keep = keep & mask_values(dataset.frame, dataset.kind, name, tuple(values), zone)
    if where.areas:
        keep = keep & mask_areas(dataset, _chosen(where, areas))
    if where.drawn:
        keep = keep & mask_drawn(dataset, parse_area(where.drawn))
    return rows[keep]


def _states(dataset: Dataset, where: Where) -> pd.Series | None:
    """By position of its row, the state of each road on the day looked at; None for all else."""
    if where.round_at is None or not has_states(dataset.kind):
        return None
    return states_at(dataset.frame, where.round_at, tuple(where.fields.get(VEHICLES, ())))[1]


def _chosen(where: Where, areas: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if areas is None:
        raise WrongParameter("area filter", ", ".join(where.areas), "a layer of admin areas", "Load one first.")
    chosen = areas[areas["id"].isin(where.areas)]
    unknown = set(where.areas) - set(chosen["id"])
    if unknown:
        raise WrongParameter(
            "area filter", ", ".join(sorted(unknown)), "the id of a loaded admin area", "Choose an area from the list."
        )
    return chosen


def with_rows(dataset: Dataset, where: Where, rows: npt.NDArray[np.int32]) -> Dataset:
    """A layer holding these of its rows, the conditions that chose them said in its `filtered`."""
    said = "; ".join(filter(None, [dataset.filtered, where.words]))
    named = replace(dataset, filtered=said) if said else dataset
    states = _states(dataset, where)
    if states is not None:
        return named.with_frame(dataset.frame.iloc[rows].assign(road_state=states.reindex(rows).to_numpy()))
    whole = len(rows) == len(dataset) and bool((rows == np.arange(len(rows))).all())
    return named if whole else named.with_frame(dataset.frame.iloc[rows])


def filter_dataset(
    dataset: Dataset, where: Where, *, areas: gpd.GeoDataFrame | None = None, zone: str = "UTC"
) -> Dataset:
    """The rows of a layer that meet all conditions, as `rows_kept` finds them."""
    return with_rows(dataset, where, rows_kept(dataset, where, areas=areas, zone=zone))

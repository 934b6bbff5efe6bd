"""Replaying history: what the risk formula would have said, against what happened.

The protocol is docs/backtest-protocol.md. Pure: the same layer and seed, the same figures.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import shapely

from analysis.expected import FEWEST_INCIDENTS, FORMULA, History, history, terms
from analysis.places import Places
from analysis.proximity import Floats, Ints
from analysis.replay import AHEAD_DAYS, YEAR_DAYS, around, count_in
from analysis.scores import Law, Scores, bootstrap_interval, scores
from analysis.theatre import Theatre, hull, theatre, theatre_shapes
from layers.dataset import Dataset
from layers.errors import NotEnoughData, WrongParameter
from layers.geodesy import GEOD
from layers.settings import Settings

SEED, SITES, MONTHS = 2017, 300, 72
MOVED_M = 2000.0
FEW_MONTHS = 24
LIKELY_RANGE, TOO_NARROW, TOO_WIDE = 80, 75, 88  # percent; the protocol's aim for the 80 % range
MOST_DRAWS = 1000  # a theatre that fills so little of its box is left with fewer sites


@dataclass(frozen=True)
class RingCalibration:
    """One ring: the formula and the comparator over all sites and cut-offs.

    Attributes
    ----------
    happened : float
        Share of forecasts with at least one incident.
    crps_difference, crps_difference_low, crps_difference_high : float
        Formula less comparator, with its 95 % bootstrap interval; below 0 the formula is better.
    """

    radius_km: float
    forecasts: int
    happened: float
    formula: Scores
    last_year: Scores
    crps_difference: float
    crps_difference_low: float
    crps_difference_high: float

    @property
    def beats(self) -> bool:
        """Whether the formula is surely better than counting the last year."""
        return self.crps_difference_high < 0

    @property
    def verdict(self) -> str:
        """Better, worse or not to be told apart: what the whole interval of the difference says."""
        if self.beats:
            return "better than counting the last year"
        if self.crps_difference_low > 0:
            return "worse than counting the last year"
        figure = "worse" if self.crps_difference > 0 else "better" if self.crps_difference < 0 else "the same"
        return f"not to be told apart from counting the last year; by the figures alone {figure}"

    @property
    def range_words(self) -> str:
        """How the 80 % range did, and why it is too wide."""
        held, nothing = 100 * self.formula.coverage, 100 * (1 - self.happened)
        said = f"the 80 % range held {held:.0f} % (last year {100 * self.last_year.coverage:.0f} %)"
        if held < TOO_NARROW:
            return f"{said}: too narrow"
        if held <= TOO_WIDE:
            return said
        if nothing <= LIKELY_RANGE:
            return f"{said}: too wide"
        return (
            f"{said}: too wide for its name, since counts are whole numbers and {nothing:.0f} of 100 are 0, so that "
            "even 0 to 0 holds more than 80 % (the formula itself expects "
            f"{100 * self.formula.coverage_expected:.0f} %)"
        )

    @property
    def words(self) -> str:
        """The result as people read it."""
        error, naive = self.formula.calibration_error, self.last_year.calibration_error
        change = f"{100 * self.crps_difference / self.last_year.crps:+.0f} %, " if self.last_year.crps else ""
        return (
            f"{self.radius_km:g} km: {self.verdict}: CRPS (less is better) {self.formula.crps:.4f} against "
            f"{self.last_year.crps:.4f}, {change}difference {self.crps_difference:+.4f} "
            f"({self.crps_difference_low:+.4f} to {self.crps_difference_high:+.4f}); calibration error "
            f"{error:.3f}, {'worse' if error > naive else 'better' if error < naive else 'the same'} "
            f"(last year {naive:.3f}); {self.range_words}."
        )


@dataclass(frozen=True)
class Calibration:
    """The backtest of one layer.

    Attributes
    ----------
    first, last : date
        First and last cut-off.
    named_places, anywhere : tuple of RingCalibration
        By how sites were drawn; the first is the main result.
    """

    layer: str
    version: int
    seed: int
    first: date
    last: date
    cut_offs: int
    sites: int
    incidents: int
    region_only: int
    theatre_km2: float | None
    theatre_from_areas: bool
    named_places: tuple[RingCalibration, ...]
    anywhere: tuple[RingCalibration, ...]
    limits: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The command line's JSON."""
        said = asdict(self) | {"first": self.first.isoformat(), "last": self.last.isoformat()}
        for draw in ("named_places", "anywhere"):
            rings: tuple[RingCalibration, ...] = getattr(self, draw)
            said[draw] = [
                asdict(ring) | {"beats": ring.beats, "verdict": ring.verdict, "words": ring.words} for ring in rings
            ]
        return said | {"limits": list(self.limits)}


def backtest(
    incidents: Dataset,
    settings: Settings,
    *,
    areas: Dataset | None = None,
    until: date | None = None,
    seed: int = SEED,
    rings_km: tuple[float, ...] | None = None,
) -> Calibration:
    """Replay up to 72 months and score what would have been said.

    Parameters
    ----------
    until : date, optional
        The last day of which the layer tells all; its as-of where not given.

    Raises
    ------
    WrongParameter
        When `until` lies more than the days asked about after what the layer tells of.
    NotEnoughData
        Without a year of history and a month after it, or without incidents that have a place.
    """
    until = until or incidents.as_of_day
    known = history(incidents, until, settings)
    if len(known) < FEWEST_INCIDENTS:
        raise NotEnoughData(
            f"backtest, {incidents.layer}",
            f"{len(known)} violent incidents with a place and a date by {until}",
            f"at least {FEWEST_INCIDENTS}",
            "Choose another layer.",
        )
    _check_told(until, known.silent_days, incidents.layer)
    day = until.toordinal() - known.age.astype(np.int64)
    cut_offs = _cut_offs(day, until, incidents.layer)
    before = Places(known.places.geometries[day < cut_offs[0]])
    area = theatre(before, areas)
    shape = shapely.union_all(theatre_shapes(areas)) if area.from_areas else hull(before.geometries)
    rng = np.random.default_rng(seed)
    drawn = [named_places(before, rng)] + ([] if area.area_km2 is None else [anywhere(shape, rng)])
    rings = rings_km or settings.risk_rings_km
    results = [_replay(Places(sites), known, day, cut_offs, area, rings, seed) for sites in drawn]
    return Calibration(
        layer=incidents.layer,
        version=incidents.version,
        seed=seed,
        first=date.fromordinal(int(cut_offs[0])),
        last=date.fromordinal(int(cut_offs[-1])),
        cut_offs=len(cut_offs),
        sites=len(drawn[0]),
        incidents=len(known),
        region_only=known.region_only,
        theatre_km2=area.area_km2,
        theatre_from_areas=area.from_areas,
        named_places=results[0],
        anywhere=results[1] if len(results) > 1 else (),
        limits=_limits(len(cut_offs), len(drawn[0]), results[0], known.silent_days),
    )


def _check_told(until: date, silent_days: int, layer: str) -> None:
    """Refuse days that the layer does not tell of: they would be replayed as days without incidents."""
    if silent_days > AHEAD_DAYS:
        told = until - timedelta(days=silent_days)
        raise WrongParameter(f"backtest, {layer}, as-of", f"{until}, of which the layer does not tell",
                             f"at most {AHEAD_DAYS} days after {told}", "Choose an earlier day.")  # fmt: skip


def _cut_offs(day: Ints, until: date, layer: str) -> Ints:
    """First days of months, as ordinals: a year of history before, the days asked about after."""
    month = pd.Timestamp(until).to_period("M")
    firsts = [(month - back).start_time.date().toordinal() for back in range(MONTHS + 1)]
    fits = [d for d in firsts if d + AHEAD_DAYS <= until.toordinal() and d - day.min() >= YEAR_DAYS][:MONTHS]
    if not fits:
        raise NotEnoughData(
            f"backtest, {layer}",
            f"{until.toordinal() - day.min() + 1} days of incidents",
            f"a year of history and {AHEAD_DAYS} days after it",
            "Choose a layer with more history.",
        )
    return np.array(fits[::-1], dtype=np.int64)


def named_places(before: Places, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Sites at distinct places of earlier incidents, each moved by up to 2 km."""
    distinct = np.unique(np.column_stack([before.index.lon, before.index.lat]), axis=0)
    lon, lat = rng.permutation(distinct)[:SITES].T
    away, turn = MOVED_M * np.sqrt(rng.random(len(lon))), 360 * rng.random(len(lon))
    lon, lat, _ = GEOD.fwd(lon, lat, turn, away)
    return np.asarray(shapely.points(lon, lat))


def anywhere(shape: shapely.Geometry, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Sites spread evenly over the theatre."""
    west, south, east, north = shape.bounds
    lowest, highest = math.sin(math.radians(south)), math.sin(math.radians(north))
    found: list[np.ndarray[Any, Any]] = []
    for _ in range(MOST_DRAWS):
        lon = rng.uniform(west, east, 10 * SITES)
        lat = np.degrees(np.arcsin(rng.uniform(lowest, highest, 10 * SITES)))
        inside = shapely.contains_xy(shape, lon, lat)
        found.append(shapely.points(lon[inside], lat[inside]))
        if sum(map(len, found)) >= SITES:
            break
    return np.concatenate(found)[:SITES]


def _replay(
    sites: Places, known: History, day: Ints, cut_offs: Ints, area: Theatre, rings_km: tuple[float, ...], seed: int
) -> tuple[RingCalibration, ...]:
    if not len(sites):
        return ()
    history_days = cut_offs - day.min() + 1
    nowhere = np.zeros(len(day), np.int64)
    this_year = count_in(nowhere, day, 1, cut_offs, -FORMULA.theatre_days, 0)[0]
    found = []
    for radius_km in rings_km:
        sums, happened, last_year = around(sites, known, day, cut_offs, radius_km)
        mean = terms(sums, AHEAD_DAYS, math.pi * radius_km**2, this_year, history_days, area).sum(axis=0)
        found.append(_ring(radius_km, mean, last_year * AHEAD_DAYS / YEAR_DAYS, happened, seed))
    return tuple(found)


def _ring(radius_km: float, mean: Floats, last_year: Floats, counts: Ints, seed: int) -> RingCalibration:
    formula, naive = Law.negative_binomial(mean.ravel()), Law.of_poisson(last_year.ravel())
    happened = counts.ravel()
    difference = (formula.crps(happened) - naive.crps(happened)).reshape(counts.shape)
    low, high = bootstrap_interval(difference.mean(axis=0), seed)
    return RingCalibration(
        radius_km=radius_km,
        forecasts=len(happened),
        happened=float((happened > 0).mean()),
        formula=scores(formula, happened),
        last_year=scores(naive, happened),
        crps_difference=float(difference.mean()),
        crps_difference_low=low,
        crps_difference_high=high,
    )


def _limits(cut_offs: int, sites: int, rings: tuple[RingCalibration, ...], silent_days: int) -> tuple[str, ...]:
    limits = ["It tells how the formula did in the past of this layer, not how it will do."]
    if cut_offs < FEW_MONTHS:
        limits.append(f"Only {cut_offs} months could be replayed: a weak test.")
    if silent_days:
        limits.append(f"The layer tells nothing of the last {silent_days} days: they count as days without incidents.")
    if sites < SITES:
        limits.append(f"Only {sites} places have earlier incidents, of {SITES} wanted.")
    by_verdict: dict[str, list[str]] = {}
    for ring in rings:
        if not ring.beats:
            by_verdict.setdefault(ring.verdict, []).append(f"{ring.radius_km:g}")
    limits += [f"At {', '.join(km)} km the formula is {verdict}." for verdict, km in by_verdict.items()]
    return tuple(limits)

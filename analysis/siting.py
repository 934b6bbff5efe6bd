"""Where k new services would reach most people who have none: maximal covering location.

People already reached do not count again. An input for the cluster, not a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from analysis import candidates as possible
from analysis import coverage_words as words
from analysis import siting_words
from analysis.demand import known_sum
from analysis.hazards import stands
from analysis.max_cover import Chosen, Floats, Ints, greedy, max_cover
from analysis.method import Context, Method, Outcome, Role
from analysis.parameters import parameter
from analysis.places import Places
from analysis.reach import Supply
from analysis.services import Mask, services_at
from analysis.world import SECTOR_CHOICES, STATUS_CHOICES, World, areas_as_points, defaults
from layers.dataset import Dataset
from layers.errors import NotEnoughData
from layers.schema import CRS


@dataclass(frozen=True)
class SitingParameters:
    """What is asked."""

    k: int = parameter(3, label="New places", minimum=1, maximum=50)
    radius_km: float = parameter(5.0, label="Radius", unit="km", minimum=0.05, maximum=500)
    sector: str = parameter("any", label="Sector", choices=SECTOR_CHOICES)
    status: Literal["active", "any"] = parameter("active", label="Status of services", choices=STATUS_CHOICES)
    include_qips: bool = parameter(False, label="Count quick-impact projects")
    exclude_risks: bool = parameter(
        False, label="Leave out risk areas", help="No new place in or near a standing hazard of the layer of risks."
    )
    keep_away_km: float = parameter(
        0.5, label="Distance from hazards", unit="km", minimum=0, maximum=100, help="Counts as the risk area."
    )
    grid_km: float = parameter(
        0.0, label="Grid of candidates", unit="km", minimum=0, maximum=200, help="Spacing; 0 for none."
    )
    areas_as_points: bool = areas_as_points()
    try_at: str = parameter("", label="Try a place", help="lon,lat or MGRS: what one place of your own would gain.")
    time_limit_s: float = parameter(10.0, label="Time for the exact answer", unit="s", minimum=0.1, maximum=300)


@dataclass(frozen=True)
class Asked:
    """Who is open to be reached, and what each candidate would reach.

    Attributes
    ----------
    open : array of bool
        Places that are known and not reached yet.
    cover : sparse array, shape (candidates, places)
        1 where an open place lies within the radius.
    people : array of float
        Of each place; 0 where not known.
    """

    world: World
    before: Mask
    open: Mask
    table: gpd.GeoDataFrame
    in_risk: Mask
    cover: sparse.csr_array
    people: Floats

    @property
    def unknown(self) -> Mask:
        """Places whose people are not known."""
        return self.world.demand.frame["people"].isna().to_numpy(dtype=bool)

    @property
    def not_judged(self) -> Mask:
        """Places of which coverage cannot say whether they are reached: neither covered nor uncovered."""
        return ~self.before & ~self.open

    @property
    def weights(self) -> Floats:
        """People; where no figure at all is known, one for each place."""
        return np.ones(len(self.people)) if self.by_places else self.people

    @property
    def by_places(self) -> bool:
        """Whether places are counted, for want of any known figure."""
        return bool(self.open.any() and self.unknown[self.open].all())

    def reached(self, rows: Ints) -> Mask:
        """Open places that any of these candidates reaches."""
        return np.asarray(self.cover[rows].sum(axis=0)).ravel() > 0


def run(inputs: Mapping[str, Dataset], parameters: SitingParameters, context: Context) -> Outcome:
    """The k candidates that reach most of the people not reached yet; one row each, the best first."""
    own = possible.one_of_own(parameters.try_at)
    world = World.of(inputs, context.as_of, areas_as_points=parameters.areas_as_points)
    if not world.places.known.any():
        raise NotEnoughData("siting", "no demand with a place", "at least one", words.way_out(world.demand))
    supply, counted = _existing(inputs, parameters, context, world)
    radius_m = 1000 * parameters.radius_km
    table = pd.concat([_candidates(inputs, parameters, world, radius_m), own], ignore_index=True)
    hazards = _hazards(inputs, context)
    asked = _question(world, supply, counted, table, hazards, parameters)
    eligible = (table["candidate_from"] != "own").to_numpy(dtype=bool)
    if parameters.exclude_risks:
        eligible = eligible & ~asked.in_risk
    pool = np.flatnonzero(eligible)
    chosen = max_cover(sparse.csr_array(asked.cover[pool]), asked.weights, parameters.k, parameters.time_limit_s)
    sites = _with_unknown(asked, pool, pool[chosen.sites], parameters.k)
    rows = _rows(asked, sites)
    summary = _summary(asked, rows, sites, chosen, eligible)
    risk_places = _near(world.places, hazards, parameters.keep_away_km)
    if "risks" in inputs:
        summary |= _people_at_risk(asked, sites, risk_places)
    kind = inputs["services"].kind.id if "services" in inputs else "projects"
    assumed = words.all_assumed(supply.services) if supply is not None else ""
    service = words.service_words(parameters.sector, "any" if assumed else parameters.status, kind)
    summary["sentence"] = siting_words.sentence(summary, parameters, world, service)
    served = ["No layer of services was given: everybody counts as not reached."]
    if supply is not None:
        served = words.service_limits(inputs, world.demand, supply.services, counted, parameters.sector)
    limits = (
        *siting_words.limits_of(summary, parameters, asked.by_places, world),
        *served,
        *words.theatre_limit(parameters.radius_km, world.places),
        *words.age_limits(inputs, context.as_of),
    )
    return Outcome(
        words.sentence_first(summary), rows, _shapes(asked, sites, eligible, radius_m, hazards, parameters), limits
    )


def _existing(
    inputs: Mapping[str, Dataset], parameters: SitingParameters, context: Context, world: World
) -> tuple[Supply | None, Mask]:
    """What serves already; None where no layer of services was given."""
    if "services" not in inputs:
        return None, np.zeros(0, bool)
    services = services_at(inputs["services"], parameters.sector, parameters.status, context.as_of, context.settings)
    supply = Supply.of(services, services.radii_m(parameters.radius_km, False, context.settings), world.areas)
    return supply, services.counted(parameters.include_qips)


def _candidates(
    inputs: Mapping[str, Dataset], parameters: SitingParameters, world: World, radius_m: float
) -> gpd.GeoDataFrame:
    """Of the layer given, else the places of the demand; and the grid where one is asked for."""
    if "candidates" in inputs:
        frame = inputs["candidates"].frame
        found = [possible.of_frame(frame, Places(frame.geometry.to_numpy()).known, "candidates")]
    else:
        found = [possible.of_frame(world.demand.frame, world.places.known, "demand")]
    if parameters.grid_km:
        found.append(possible.grid(world.places, parameters.grid_km, radius_m, inputs.get("areas")))
    table = pd.concat(found, ignore_index=True)
    if table.empty:
        raise NotEnoughData("siting, candidates", "no candidate with a place", "at least one", "Choose another layer.")
    return table


def _hazards(inputs: Mapping[str, Dataset], context: Context) -> Places:
    """The hazards that stand."""
    if "risks" not in inputs:
        return Places(np.zeros(0, dtype=object))
    frame = inputs["risks"].frame
    return Places(frame.geometry.to_numpy()[stands(frame, context.as_of)])


def _near(places: Places, hazards: Places, keep_away_km: float) -> Mask:
    """Which places lie in a hazard or within the distance of one."""
    near = np.zeros(len(places), bool)
    near[places.pairs(hazards, 1000 * keep_away_km).left] = True
    return near


def _question(
    world: World,
    supply: Supply | None,
    counted: Mask,
    table: gpd.GeoDataFrame,
    hazards: Places,
    parameters: SitingParameters,
) -> Asked:
    n = len(world.demand.frame)
    before = np.zeros(n, bool)
    if supply is not None:
        before = np.array([c is True for c in world.reach(supply, counted).covered], dtype=bool)
    left_open = world.places.known & ~before
    spots = Places(table.geometry.to_numpy())
    pairs = spots.pairs(world.places, 1000 * parameters.radius_km)
    use = left_open[pairs.right]
    cover = sparse.csr_array((np.ones(int(use.sum())), (pairs.left[use], pairs.right[use])), shape=(len(table), n))
    people = world.demand.frame["people"].fillna(0).to_numpy(dtype=float)
    return Asked(world, before, left_open, table, _near(spots, hazards, parameters.keep_away_km), cover, people)


def _with_unknown(asked: Asked, pool: Ints, sites: Ints, k: int) -> Ints:
    """The sites; where known people need fewer than k, further ones for the places of unknown population."""
    left = asked.open & asked.unknown & ~asked.reached(sites)
    further = greedy(sparse.csr_array(asked.cover[pool]), left.astype(float), k - len(sites))
    return np.concatenate([sites, pool[further.sites]]).astype(np.int64)


def _rows(asked: Asked, sites: Ints) -> gpd.GeoDataFrame:
    """The chosen in their order, each with what it adds to those before it; then the place of one's own."""
    own = np.flatnonzero((asked.table["candidate_from"] == "own").to_numpy(dtype=bool))
    at = np.concatenate([sites, own]).astype(np.int64)
    described = possible.described(asked.table.iloc[at], asked.world.demand.frame, asked.world.places)
    gains = [_gain(asked, at[: i + 1], at[i : i + 1]) for i in range(len(at))]
    rank = pd.array([*range(1, len(sites) + 1), *([pd.NA] * len(own))], dtype="Int64")
    columns = ["id", "place", "mgrs", "candidate_from"]
    rows = described[[*columns, "geometry"]].reset_index(drop=True)
    rows.insert(1, "rank", rank)
    for name in ("people_gained", "people_alone", "places_gained", "places_alone", "people_unknown_places_gained"):
        rows[name] = pd.array([gain[name] for gain in gains], dtype="Int64")
    rows["in_risk_area"] = asked.in_risk[at]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def _gain(asked: Asked, so_far: Ints, this: Ints) -> dict[str, int | None]:
    """What the last of the candidates adds, and what it would reach alone."""
    alone = asked.reached(this)
    added = alone & ~asked.reached(so_far[:-1])
    return {
        "people_gained": _people(asked, added),
        "people_alone": _people(asked, alone),
        "places_gained": int(added.sum()),
        "places_alone": int(alone.sum()),
        "people_unknown_places_gained": int((added & asked.unknown).sum()),
    }


def _people(asked: Asked, which: Mask) -> int | None:
    return known_sum(asked.world.demand.frame["people"][which])


def _summary(asked: Asked, rows: gpd.GeoDataFrame, sites: Ints, chosen: Chosen, eligible: Mask) -> dict[str, Any]:
    gained = asked.reached(sites)
    after = asked.before | gained
    own = rows[rows["candidate_from"] == "own"]
    summary = {
        "demand_points": len(asked.before),
        "people": _people(asked, np.ones(len(asked.before), bool)),
        "people_unknown_points": int(asked.unknown.sum()),
        "demand_without_place": int((~asked.world.places.known).sum()),
        "not_assessed": asked.world.demand.not_assessed,
        "candidates": int((asked.table["candidate_from"] != "own").sum()),
        "candidates_excluded": int((~eligible & (asked.table["candidate_from"] != "own")).sum()),
        "sites": len(sites),
        "places_covered_before": int(asked.before.sum()),
        "places_covered_after": int(after.sum()),
        "people_covered_before": _people(asked, asked.before),
        "people_covered_after": _people(asked, after),
        "people_gained": _people(asked, gained),
        "places_gained": int(gained.sum()),
        "people_unknown_places_gained": int((gained & asked.unknown).sum()),
        "people_still_uncovered": _people(asked, asked.open & ~gained),
        "places_still_uncovered": int((asked.open & ~gained).sum()),
        "cover_unknown_points": int(asked.not_judged.sum()),
        "cover_unknown_people": _people(asked, asked.not_judged),
        "solver": chosen.solver,
        "optimality_gap": round(chosen.gap, 6),
    }
    if len(own):
        summary["tried_people_gained"] = own["people_gained"].iloc[0]
        summary["tried_people_alone"] = own["people_alone"].iloc[0]
        summary["tried_in_risk_area"] = bool(own["in_risk_area"].iloc[0])
    return summary


def _people_at_risk(asked: Asked, sites: Ints, at_risk: Mask) -> dict[str, Any]:
    """Those who live in the risk areas: stated whether or not the areas are left out."""
    left = at_risk & ~(asked.before | asked.reached(sites))
    return {
        "places_in_risk_areas": int(at_risk.sum()),
        "people_in_risk_areas": _people(asked, at_risk),
        "people_in_risk_areas_unknown": int((at_risk & asked.unknown).sum()),
        "places_in_risk_areas_uncovered": int(left.sum()),
        "people_in_risk_areas_uncovered": _people(asked, left),
    }


def _shapes(
    asked: Asked, sites: Ints, eligible: Mask, radius_m: float, hazards: Places, parameters: SitingParameters
) -> dict[str, gpd.GeoDataFrame]:
    """`reach` of the chosen, `candidates` with what each would gain alone, `gained` places, `risk_areas`."""
    rings = Places(asked.table.geometry.to_numpy()[sites]).widened(radius_m)
    ranks = range(1, len(sites) + 1)
    each = asked.table[["id", "name", "candidate_from", "geometry"]].copy()
    each["people_alone"] = np.rint(asked.cover @ asked.people).astype(np.int64)
    each["places_alone"] = np.diff(asked.cover.indptr)
    each["in_risk_area"], each["excluded"] = asked.in_risk, ~eligible & (each["candidate_from"] != "own").to_numpy()
    demand = asked.world.demand.frame
    gained = asked.reached(sites)
    shapes = {
        "reach": gpd.GeoDataFrame({"rank": list(ranks), "id": asked.table["id"].iloc[sites]}, geometry=rings, crs=CRS),
        "candidates": gpd.GeoDataFrame(each, geometry="geometry", crs=CRS),
        "gained": demand.loc[gained, ["id", "name", "people", "geometry"]].reset_index(drop=True),
    }
    if len(hazards):
        area = shapely.union_all([g for g in hazards.widened(1000 * parameters.keep_away_km) if g is not None])
        shapes["risk_areas"] = gpd.GeoDataFrame({"hazards": [len(hazards)]}, geometry=[area], crs=CRS)
    return shapes


SITING = Method(
    id="siting",
    label="New places",
    question="Where would new services reach most people who have none?",
    roles=(
        Role("demand", "Who needs", ("idp_sites", "settlements", "population_groups")),
        Role("services", "What serves already", ("projects", "facilities"), optional=True),
        Role("candidates", "Possible places", ("settlements", "facilities", "idp_sites", "other"), optional=True),
        Role("risks", "Security risks", ("security_risks",), optional=True),
        Role("areas", "Admin areas", ("admin_areas",), optional=True),
    ),
    parameters=SitingParameters,
    run=run,
    limits=(
        "An input for the cluster, not a decision: land, water, access and consent are not looked at.",
        "Distance is a straight line on the ellipsoid, not a way by road.",
        "Speaks of reported activities: what is not reported is not seen.",
    ),
    references=(
        "Church and ReVelle (1974), The maximal covering location problem, https://doi.org/10.1007/BF01942293",
        "Nemhauser, Wolsey and Fisher (1978), https://doi.org/10.1007/BF01588971",
    ),
    defaults=defaults,
)

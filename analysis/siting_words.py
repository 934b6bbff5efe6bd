"""Siting in words: the sentence, and what must be said of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.coverage_words import demand_limits, from_points, place_limits

if TYPE_CHECKING:
    from analysis.siting import SitingParameters
    from analysis.world import World


def sentence(summary: Mapping[str, Any], parameters: SitingParameters, world: World, service: str) -> str:
    """The answer in words; people rounded to 100."""
    sites, demand = summary["sites"], world.demand
    within = f"within {parameters.radius_km:g} km{from_points(world.by_point)}"
    if not sites and not summary["places_still_uncovered"]:
        return f"Nothing to gain: every {demand.noun[0]} whose place is known has a {service} {within}."
    if not sites:
        return f"None of the {summary['candidates']:,} candidates lies {within} of anybody who is not reached."
    who = "1 new place" if sites == 1 else f"{sites} new places"
    places, unknown = summary["places_gained"], summary["people_unknown_places_gained"]
    reached = f"{places} more {demand.noun[places != 1]} {within}"
    people = summary["people_gained"]
    if people is None:
        return f"{who} would reach {reached}; the number of people is not known."
    least = "at least " if unknown else ""
    before, after = (_rounded(summary[f"people_covered_{when}"]) for when in ("before", "after"))
    total = _rounded(summary["people"]) + (" known" if summary["people_unknown_points"] else "")
    return f"{who} would reach {reached} ({least}{_rounded(people)} people): from {before} to {after} of {total}."


def _rounded(people: int | None) -> str:
    if people is None:
        return "an unknown number"
    return f"{round(people, -2):,}" if people >= 100 or people == 0 else "fewer than 100"


def limits_of(
    summary: Mapping[str, Any], parameters: SitingParameters, by_places: bool, world: World
) -> tuple[str, ...]:
    """What must be said of this run."""
    said = [_how_sure(summary), *demand_limits(world.demand), *place_limits(world.demand, world.by_point)]
    if by_places and summary["places_still_uncovered"]:
        said.append("No number of people is known: places were counted in their stead.")
    elif summary["people_unknown_points"]:
        said.append(
            f"{summary['people_unknown_points']} places of unknown population do not weigh in the choice; those that"
            " would be reached are counted."
        )
    if summary["demand_without_place"]:
        said.append(
            f"{summary['demand_without_place']} places have no place to measure from: no new place reaches them."
        )
    if summary["sites"] < parameters.k:
        reach = (
            f"more than {summary['sites']} would reach nobody else" if summary["sites"] else "none would reach anybody"
        )
        said.append(f"{parameters.k} places were asked for; {reach}.")
    if "people_in_risk_areas" in summary:
        said.append(_at_risk(summary, parameters))
    elif parameters.exclude_risks:
        said.append("No layer of security risks was given: no candidate was left out. No record is not clearance.")
    return tuple(said)


def _how_sure(summary: Mapping[str, Any]) -> str:
    gap = summary["optimality_gap"]
    if gap == 0:
        return "No other choice of these candidates reaches more people."
    why = "The exact answer was not found in time" if summary["solver"] == "milp" else "Chosen step by step with swaps"
    return f"{why}: another choice could reach up to {100 * gap:.1f} % of what is possible more."


def _at_risk(summary: Mapping[str, Any], parameters: SitingParameters) -> str:
    people, unknown = summary["people_in_risk_areas"], summary["people_in_risk_areas_unknown"]
    number = "an unknown number of" if people is None else f"{'at least ' if unknown else ''}{people:,}"
    left = summary["people_in_risk_areas_uncovered"]
    remaining = "an unknown number" if left is None else f"{left:,}"
    how = (
        f"{summary['candidates_excluded']} candidates in risk areas were left out"
        if parameters.exclude_risks
        else "Risk areas were not left out"
    )
    return (
        f"{how}. {summary['places_in_risk_areas']} places with {number} people lie in risk areas (a standing hazard or"
        f" within {parameters.keep_away_km:g} km of one); {remaining} of them stay without a service. No record of a"
        " hazard is not clearance."
    )

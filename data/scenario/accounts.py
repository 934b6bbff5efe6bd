"""What is said to have happened: sub-types, victims and accounts by incident type."""

from __future__ import annotations

from dataclasses import dataclass

NORTH, COAST, SPLINTER = "Armed Group North", "Armed Group Coast", "Armed Group Coast, splinter"
FORCES, POLICE, COMMUNITY = "National Armed Forces", "Police", "Community defence group"
UNIDENTIFIED, RESIDENTS = "Unidentified armed men", "Residents"
ACTOR_CLASS = {
    FORCES: "state",
    POLICE: "state",
    NORTH: "armed group",
    COAST: "armed group",
    SPLINTER: "armed group",
    COMMUNITY: "community defence",
    UNIDENTIFIED: "unidentified",
    RESIDENTS: "civilian",
}
LOCAL_GROUP = {"XO01": (NORTH,), "XO02": (SPLINTER, COAST), "XO03": (NORTH,), "XO04": (COAST,),
               "XO05": (COAST, SPLINTER)}  # fmt: skip
# As the actor reads within a sentence.
IN_TEXT = {
    SPLINTER: "a splinter of Armed Group Coast",
    COMMUNITY: "a community defence group",
    POLICE: "the Police",
    FORCES: "the National Armed Forces",
    UNIDENTIFIED: "unidentified armed men",
}
SOURCES = ("EXMIS Joint Operations Centre", "EXMIS patrol report", "Orvane Safety Forum", "Community alert network",
           "Police daily log")  # fmt: skip


@dataclass(frozen=True)
class Story:
    """One sub-type: who suffers, how it is told; `{who}` is the actor, `{at}` the place."""

    sub_type: str
    victims: str | None
    texts: tuple[str, ...]


AMBUSH = Story(
    "Ambush on a road",
    "civilian",
    (
        "{who} stopped traders' trucks {at}.",
        "{who} fired on a minibus and took money and phones {at}.",
        "{who} ambushed a convoy of motorcycles {at}.",
        "{who} blocked the way with logs and robbed passengers {at}.",
    ),
)
STORIES: dict[str, tuple[Story, ...]] = {
    "crime": (
        Story("Armed robbery", "civilian", ("{who} robbed a shop {at}.", "{who} broke into three houses {at} at night.",
                                            "A trader was robbed of the day's takings {at} by {who}.")),
        Story("Cattle theft", "civilian", ("{who} drove off cattle {at}.", "{who} took about 40 goats {at}.")),
        Story("Hold-up on a road", "civilian", ("{who} held up a motorcycle taxi {at}.",
                                                "{who} took fuel from a truck {at}.")),
        Story("Boat theft", "civilian", ("{who} took two fishing boats {at}.",)),
    ),
    "clash": (
        Story("Armed clash", "armed", ("{who} and {other} exchanged fire {at}.",
                                       "Fighting of about an hour between {who} and {other} {at}.",
                                       "{who} attacked a post of {other} {at}.")),
        Story("Attack on a post", "armed", ("{who} fired on a checkpoint of {other} {at} before dawn.",)),
    ),
    "attack_civilians": (
        Story("Attack on a village", "civilian", ("{who} entered a hamlet {at} and burned huts.",
                                                  "{who} fired on people in the fields {at}.")),
        Story("Killing or beating", "civilian", ("{who} beat travellers {at}.",
                                                 "A farmer was attacked {at} by {who}.")),
    ),
    "protest": (
        Story("Peaceful march", None, ("About {n} people marched {at} over fuel prices.",
                                       "A peaceful sit-in {at} asked for water points.",
                                       "Women marched {at} for safer market roads.")),
        Story("Peaceful gathering", None, ("About {n} displaced people gathered {at} over food lists.",
                                           "Teachers gathered {at} over unpaid wages.")),
    ),
    "riot": (
        Story("Violent demonstration", None, ("Stones were thrown and tyres burned {at}; Police used tear gas.",
                                              "A crowd broke into a store {at}.")),
    ),
    "abduction": (
        Story("Abduction", "civilian", ("{who} took {n} people from a road {at}; ransom asked.",
                                        "{who} took a trader {at}; released later.",
                                        "{who} took {n} young men {at}; their fate is not known.")),
    ),
    "looting": (
        Story("Looting", "civilian", ("{who} looted stalls {at}.", "{who} looted a grain store {at}.",
                                      "{who} took roofing sheets from a school {at}.")),
        Story("Property destruction", "civilian", ("{who} burned a market shed {at}.",)),
    ),
    "explosive": (
        Story("IED", "armed", ("An IED went off under a vehicle of {other} {at}.",
                               "An IED was set off by remote control {at}.")),
        Story("Mine or ERW accident", "civilian", ("A cart struck a mine {at}.", "Herders hit a mine {at}.",
                                                   "Children found a shell {at}; it went off.")),
        Story("Shelling", "civilian", ("{who} reported to have fired mortar rounds {at}.",)),
    ),
    "attack_un_aid": (
        Story("Fire at a patrol", "un", ("{who} fired at an EXMIS patrol {at}.",
                                         "{who} threw stones at EXMIS vehicles {at}.")),
        Story("Aid workers stopped", "aid", ("{who} stopped an aid truck {at} and took part of the load.",
                                             "{who} held two aid workers for some hours {at}.")),
        Story("Break-in", "aid", ("{who} broke into an aid compound {at}.",)),
    ),
    "sexual_violence": (
        Story("Report received", "civilian", ("Report received; details are held by the protection lead only.",)),
    ),
    "agreement": (
        Story("Local agreement", None, ("Elders and {who} agreed on passage for market traffic {at}.",)),
    ),
    "other": (
        Story("Threat", "civilian", ("A threat letter signed by {who} was found {at}.",)),
        Story("Shots in the air", "civilian", ("Shots in the air {at}; {who} seen leaving.",)),
        Story("Forced tax", "civilian", ("{who} asked a tax of families {at}.",)),
    ),
}  # fmt: skip
# Share of incidents laid to unidentified armed men, then to the local armed group; the rest see `_actor`.
BLAME: dict[str, tuple[float, float]] = {
    "crime": (0.57, 0.22),
    "clash": (0.1, 0.62),
    "attack_civilians": (0.37, 0.45),
    "abduction": (0.46, 0.46),
    "looting": (0.4, 0.38),
    "explosive": (0.44, 0.5),
    "attack_un_aid": (0.48, 0.4),
    "sexual_violence": (0.5, 0.3),
    "agreement": (0.0, 1.0),
    "other": (0.4, 0.5),
}
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def deaths_text(deaths: int, low: int, high: int, victims: str | None) -> str:
    """`` Two civilians reported killed (1-4).``, or nothing."""
    if deaths == 0:
        return ""
    one, many = {"civilian": ("civilian", "civilians"), "un": ("peacekeeper", "peacekeepers"),
                 "aid": ("aid worker", "aid workers"), "armed": ("fighter", "fighters")}.get(
        victims or "", ("person", "people"))  # fmt: skip
    number = NUMBER_WORDS[deaths] if deaths < len(NUMBER_WORDS) else str(deaths)
    spread = "" if low == high else f" ({low}–{high})"
    return f" {number.capitalize()} {one if deaths == 1 else many} reported killed{spread}."

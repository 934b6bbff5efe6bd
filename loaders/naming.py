"""By what a file is known again: its name without its date, its headers without their figures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from layers.kind import normalise

ENDINGS = re.compile(r"(\.[A-Za-z]\w{0,7}){1,2}$")
COPIES = re.compile(r" ?\(\d+\)")
# What changes from one delivery to the next: its date, round, month, version, the copy's number.
MONTHS = (
    "jan(?:uary|vier)?|feb(?:ruary)?|fev(?:rier)?|mar(?:ch|s)?|apr(?:il)?|avr(?:il)?|may|mai|june?|juin|july?|juillet"
    "|aug(?:ust)?|aout|sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|dec(?:ember|embre)?"
)
DELIVERY = re.compile(
    rf"(?<![a-z0-9])(?:\d{{1,2}} )?(?:{MONTHS}) ?(?:\d{{1,2}} )?(?:(?:19|20)\d{{2}})?(?![a-z0-9])"
    r"|(?<!\d)(?:19|20)\d{2}(?: ?\d{2}(?: ?\d{2})?)?(?!\d)"
    r"|(?<!\d)\d{1,2} \d{1,2} (?:19|20)\d{2}(?!\d)"
    r"|(?<![a-z])(?:r|rnd|round|v|ver|version|week|wk) ?\d+(?![a-z0-9])"
    r"|(?<![a-z])(?:final|copy)(?![a-z])"
)


def stem_of(file: str) -> str:
    """The words of a file's name that stay from one delivery to the next.

    >>> stem_of("DTM_Sudan_Round 5_2024-03-25 (1).xlsx"), stem_of("2024-03.csv"), stem_of("camp2.csv")
    ('dtm sudan', '', 'camp2')
    """
    words = normalise(COPIES.sub("", ENDINGS.sub("", file)))
    return " ".join(DELIVERY.sub(" ", words).split())


def layer_name(file: str, *parts: str) -> str:
    """A layer's name from its file's, without the date, and what part of the file it is.

    >>> layer_name("Incidents 2024-01.shp.zip"), layer_name("2024-01.csv"), layer_name("DTM.xlsx", "", "flows")
    ('incidents', '2024_01', 'dtm_flows')
    """
    stem = stem_of(file) or normalise(ENDINGS.sub("", file))
    words = re.findall(r"\w+", " ".join([stem, *map(normalise, parts)]))
    return "_".join(dict.fromkeys(words))[:80] or "layer"


def shape_of(columns: Iterable[str]) -> str:
    """What a file's headers have in common with those of its next delivery.

    Figures and dates in headers are folded, so that one more round is no other shape.
    """
    folded = {re.sub(r"\d+", "#", DELIVERY.sub("~", normalise(column))) for column in columns}
    return hashlib.sha256("\n".join(sorted(folded)).encode()).hexdigest()

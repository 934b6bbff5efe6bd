"""Symbols: what each record is drawn as, and that everyone can tell them apart."""

import itertools
import re
import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely

from dashboard.assets import GLYPHS, bundle
from dashboard.features import tooltip_lines
from dashboard.looks import looks_of, symbol_numbers
from dashboard.maps import THEMES
from dashboard.result_features import STEPS
from layers.kinds import FACILITIES, INCIDENTS, KINDS, PROJECTS, SECURITY_RISKS
from layers.schema import conform

WITH_SYMBOLS = [kind for kind in KINDS if kind.style.symbols]
FRIEND, HOSTILE = "3", {"5", "6"}
MISSION_ONLY = {"base", "mission_military", "uncimic"}
CROSSES = {"hospital", "pharmacy", "blood-bank", "emergency-phone", "cross-JP"}


def rows(kind, **columns):
    number = len(next(iter(columns.values())))
    frame = gpd.GeoDataFrame({"id": [str(n) for n in range(number)], **columns},
                             geometry=shapely.points(np.arange(number, dtype=float), 0.0), crs="EPSG:4326")  # fmt: skip
    return conform(frame, kind)


def look(kind, **columns):
    found = looks_of(rows(kind, **columns), kind)
    return [found.table[n] for n in found.index]


@pytest.mark.parametrize("kind", WITH_SYMBOLS, ids=lambda kind: kind.id)
def test_each_symbol_speaks_of_values_that_there_are_and_can_be_drawn(kind):
    for symbol in kind.style.symbols:
        for name, value in symbol.when.items():
            assert value in {choice.value for choice in kind.field_by_name[name].choices}
        assert not symbol.glyph or (GLYPHS / f"{symbol.glyph}.svg").is_file()
        assert not symbol.sidc or re.fullmatch(r"10\d{18}", symbol.sidc)
        assert not symbol.named_by or symbol.named_by in kind.names
        assert not symbol.token or all(symbol.token in theme for theme in THEMES.values())
    labels = [symbol.label for symbol in kind.style.symbols]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("kind", WITH_SYMBOLS, ids=lambda kind: kind.id)
def test_nobody_is_drawn_hostile_and_the_friend_frame_is_the_mission_s(kind):
    for symbol in kind.style.symbols:
        affiliation = symbol.sidc[3:4]
        assert affiliation not in HOSTILE
        assert affiliation != FRIEND or set(symbol.when.values()) & MISSION_ONLY


@pytest.mark.parametrize("kind", WITH_SYMBOLS, ids=lambda kind: kind.id)
def test_no_pictogram_shows_a_cross_and_sexual_violence_has_none(kind):
    for symbol in kind.style.symbols:
        assert symbol.glyph not in CROSSES
        assert "sexual_violence" not in symbol.when.values() or not symbol.glyph


def test_the_first_symbol_that_is_met_is_taken():
    frame = rows(
        PROJECTS,
        activity_class=["mission_military", "mission_military", "humanitarian", "uncimic", None],
        sector_code=["ROA", "WSH", "WSH", "WSH", None],
    )
    labels = [PROJECTS.style.symbols[n].label if n >= 0 else "" for n in symbol_numbers(frame, PROJECTS)]
    assert labels == ["Mission engineers", "Mission forces", "WASH", "UN-CIMIC", ""]


def test_a_base_is_framed_and_named_a_clinic_has_a_pictogram():
    base, clinic, post = look(FACILITIES, facility_type=["base", "clinic", "medical_post"], name=["Camp A", "B", "C"])
    assert base["q"].startswith("100320")
    assert base["n"] == "Camp A"
    assert clinic["g"] == "heart"
    assert "q" not in clinic
    assert "n" not in clinic
    assert (post["g"], post["c"]) == ("doctor", "mission")


def test_who_holds_a_place_is_named_in_an_unknown_frame_and_a_long_name_is_cut():
    (held,) = look(SECURITY_RISKS, hazard_type=["armed_presence"], controlled_by=["x" * 300])
    assert held["q"][3] == "1"
    assert held["n"] == "x" * 28


def test_what_is_not_known_to_the_point_says_how_far_it_may_lie():
    said = look(
        INCIDENTS,
        place_precision=["point", "near", "region", "near", None, "point"],
        place_radius_m=[None, 25_000.0, None, 0.0, None, 1_234.0],
    )
    assert [one.get("u") for one in said] == [None, 25_000.0, -1.0, None, None, 1_200.0]


def test_the_high_estimate_is_drawn_where_it_is_higher():
    said = look(INCIDENTS, fatalities=[2, 2, None], fatalities_high=[9, 2, 9], fatalities_low=[1, 2, 0])
    assert [("h" in one) for one in said] == [True, False, True]
    assert said[0]["h"] > said[0]["r"]


def test_a_tooltip_gives_an_estimate_with_its_range():
    frame = rows(INCIDENTS, fatalities=[2, 2, None], fatalities_low=[1, 2, 0], fatalities_high=[9, 2, 9])
    assert [("(1 to 9)" in line, "to" in line) for line in tooltip_lines(frame, INCIDENTS)] == [
        (True, True), (False, False), (False, False)]  # fmt: skip


def test_the_scripts_of_a_map_bring_every_pictogram():
    text = bundle("map.js").decode()
    for kind in WITH_SYMBOLS:
        for symbol in kind.style.symbols:
            assert not symbol.glyph or f'"{symbol.glyph}": ["' in text


# ---- colour-blind eyes -------------------------------------------------------------------
EYES = ("Protanomaly", "Deuteranomaly", "Tritanomaly")


def difference(one: str, other: str, eyes: str) -> float:
    """CIEDE2000 between two colours as those eyes see them (Machado et al. 2009, severity 1)."""
    import colour

    with warnings.catch_warnings():  # it says that tritanomaly is an approximation
        warnings.simplefilter("ignore", colour.utilities.ColourUsageWarning)
        machado = colour.blindness.matrix_cvd_Machado2009(eyes, 1.0)
    linear = [colour.cctf_decoding(colour.notation.HEX_to_RGB(each)) @ machado.T for each in (one, other)]
    labs = [
        colour.XYZ_to_Lab(colour.RGB_to_XYZ(np.clip(each, 0, 1), "sRGB", apply_cctf_decoding=False)) for each in linear
    ]
    return float(colour.delta_E(*labs, method="CIE 2000"))


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", sorted(THEMES))
def test_colours_that_stand_for_a_figure_can_be_told_apart_by_all_eyes(theme, eyes):
    """These have no shape to help them: the steps of risk, and more or fewer people."""
    tokens = THEMES[theme]
    pairs = [*itertools.pairwise(STEPS), ("grew", "fell"), ("grew", "idp"), ("fell", "idp")]
    close = {pair: round(difference(tokens[pair[0]], tokens[pair[1]], eyes), 1) for pair in pairs}
    assert min(close.values()) >= 10, close


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", sorted(THEMES))
def test_kinds_of_one_shape_differ_in_colour(theme, eyes):
    for one, other in itertools.combinations([k for k in KINDS if set(k.places) & {"point"}], 2):
        if one.style.shape == other.style.shape and one.style.token != other.style.token:
            assert difference(THEMES[theme][one.style.token], THEMES[theme][other.style.token], eyes) >= 10

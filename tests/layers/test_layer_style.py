"""Styles of layers: one text form, and nothing that a layer cannot be drawn as."""

import pytest

from layers.errors import WrongParameter
from layers.kinds import INCIDENTS, OTHER, PROJECTS
from layers.layer_style import LayerStyle, parse_style
from layers.schema import ATTRIBUTE_PREFIX


def test_the_style_of_the_kind_has_no_text():
    assert LayerStyle().text() == ""
    assert parse_style("", INCIDENTS) == LayerStyle()


@pytest.mark.parametrize(
    "style",
    [
        LayerStyle(draw="hexagons", classes=7, scheme="natural_breaks"),
        LayerStyle(field="fatalities", palette="Greys"),
        LayerStyle(colour="idp", size_by="same", scale=2.0),
    ],
)
def test_what_is_written_is_read_back(style):
    assert parse_style(style.text(), INCIDENTS) == style


def test_a_column_of_the_sender_s_own_is_a_field():
    style = LayerStyle(field=f"{ATTRIBUTE_PREFIX}score")
    assert parse_style(style.text(), OTHER) == style


@pytest.mark.parametrize(
    "text",
    [
        "junk",
        '{"draw":"heat"}',
        '{"colour":"#ff0000"}',
        '{"field":"actor1"}',
        '{"palette":"Rainbow"}',
        '{"scheme":"guess"}',
        '{"classes":2}',
        '{"classes":99}',
        '{"scale":100}',
        '{"size_by":"<script>"}',
    ],
)
def test_what_cannot_be_drawn_is_refused(text):
    with pytest.raises(WrongParameter) as refused:
        parse_style(text, INCIDENTS)
    assert refused.value.remedy


def test_a_figure_of_another_kind_is_refused():
    with pytest.raises(WrongParameter):
        parse_style(LayerStyle(field="fatalities").text(), PROJECTS)

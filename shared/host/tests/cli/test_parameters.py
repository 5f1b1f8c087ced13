"""What a person types becomes a typed value."""

from enum import Enum

import pytest

from scope.cli.parameters import typed
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.runtime.values import Fields, RefusedValueError


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Config(BasePipelineConfig):
    bloom: float = 0.0
    count: int = 1
    on: bool = False
    caption: str = ""
    colour: Colour = Colour.RED
    depth: int | None = None


FIELDS = Fields("p", Config.model_json_schema())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bloom", "0.5", 0.5),
        ("bloom", "1", 1.0),
        ("count", "3", 3),
        ("on", "true", True),
        ("on", "True", True),
        ("on", "off", False),
        ("on", "1", True),
        ("caption", "12", "12"),
        ("caption", "null", "null"),
        ("colour", "blue", "blue"),
        ("depth", "null", None),
        ("denoising_steps", "[1000, 500]", [1000, 500]),
        ("prompts", '[{"text": "a", "weight": 1}]', [{"text": "a", "weight": 1}]),
        ("prompt", "a fox", "a fox"),
    ],
)
def test_a_text_becomes_a_value_of_the_field(name, text, value):
    assert typed(FIELDS, name, text) == value


@pytest.mark.parametrize(("name", "text"), [("bloom", "bad"), ("on", "maybe"), ("bloom", "NaN"), ("blom", "1")])
def test_a_text_that_fits_no_way_is_refused_as_it_was_typed(name, text):
    with pytest.raises(RefusedValueError, match=f"'{text}'|'bloom'"):
        typed(FIELDS, name, text)

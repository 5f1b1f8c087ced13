"""What a person types is held against the schema before anything runs."""

import re
from enum import Enum
from typing import Literal

import pytest
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ui_field_config
from scope.runtime.settings import SettingError, checked_setting


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Config(BasePipelineConfig):
    pipeline_id = "p"
    pipeline_name = "P"
    pipeline_description = "P."

    bloom: float = Field(default=0.0, ge=0.0, le=1.0)
    count: int = Field(default=1, ge=1)
    on: bool = False
    caption: str = ""
    colour: Colour = Colour.RED
    map: Literal["canny", "blur"] = "canny"
    depth: int | None = None
    model: str = Field(default="small", json_schema_extra=ui_field_config(is_load_param=True))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bloom", "0.5", 0.5),
        ("bloom", "1", 1.0),
        ("count", "3", 3),
        ("on", "true", True),
        ("caption", "12", "12"),
        ("caption", "null", "null"),
        ("colour", "blue", Colour.BLUE),
        ("map", "blur", "blur"),
        ("depth", "null", None),
        ("denoising_steps", "[1000, 500]", [1000, 500]),
        ("prompts", '[{"text": "a", "weight": 1}]', [{"text": "a", "weight": 1}]),
    ],
)
def test_a_text_becomes_a_value_of_the_field(name, text, value):
    assert checked_setting(Config, name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("bloom", "bad", "p: parameter 'bloom' expected a number from 0 to 1, got 'bad'"),
        ("bloom", "2", "p: parameter 'bloom' expected a number from 0 to 1, got '2'"),
        ("bloom", "nan", "p: parameter 'bloom' expected a number from 0 to 1, got 'nan'"),
        ("count", "0", "p: parameter 'count' expected a whole number of at least 1, got '0'"),
        ("on", "maybe", "p: parameter 'on' expected true or false, got 'maybe'"),
        ("colour", "green", "p: parameter 'colour' expected one of 'red', 'blue', got 'green'"),
        ("map", "edge", "p: parameter 'map' expected one of 'canny', 'blur', got 'edge'"),
        ("depth", "x", "p: parameter 'depth' expected a whole number or a JSON null, got 'x'"),
        ("blom", "1", "p: no parameter 'blom'; did you mean 'bloom'? (see `scope schema p`)"),
        ("model", "big", "p: 'model' is read once at load; use --load model=big"),
    ],
)
def test_what_does_not_fit_is_one_sentence(name, text, message):
    with pytest.raises(SettingError, match=re.escape(message)):
        checked_setting(Config, name, text)


def test_a_load_parameter_is_taken_at_load():
    assert checked_setting(Config, "model", "big", load=True) == "big"

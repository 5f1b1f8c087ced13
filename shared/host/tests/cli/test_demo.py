"""The titles of a contact sheet."""

from typing import Literal

import pytest
from pydantic import Field

from scope.cli.demo import title
from scope.core.pipelines.base_schema import BasePipelineConfig, ui_field_config


class Config(BasePipelineConfig):
    look: Literal["none", "old_film"] = "none"
    trails: float = Field(0.0, ge=0.0, le=1.0, json_schema_extra=ui_field_config(label="Trails"))
    trails_zoom: float = Field(0.0, json_schema_extra=ui_field_config(label="Zoom"))
    plain: int = 3
    words: str = ""


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ({"look": "old_film", "trails": 0.3, "words": "not told"}, "old film"),
        ({"trails": 0.3, "trails_zoom": 2.0, "plain": 4}, "Trails, plain"),
        ({}, ""),
    ],
)
def test_a_scene_is_called_by_what_menus_choose_else_by_the_labels_of_what_was_moved(example, words):
    assert title(Config, example) == words

"""The mock panel draws what the original host would, its faults included."""

from enum import StrEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, create_model

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType, ui_field_config
from scope_testkit.fields import fields_of
from scope_testkit.panel import panel, roles, widget


class Kind(StrEnum):
    SOFT = "soft"
    HARD = "hard"


def config(annotation: Any, default: Any, **field: Any) -> type[BasePipelineConfig]:
    """A config class with one field `it`, labelled "It" unless `ui` says otherwise."""
    extra = ui_field_config(**{"label": "It"} | field.pop("ui", {}))
    made = create_model(
        "Made", __base__=BasePipelineConfig, it=(annotation, Field(default, json_schema_extra=extra, **field))
    )
    made.pipeline_id, made.pipeline_name = "made", "Made"
    made.modes = {"video": ModeDefaults(default=True)}
    return made


WIDGETS = [
    (config(float, 0.5, ge=0, le=1), "|----o-----| 0.5 (0..1 by 0.01)"),
    (config(int, 9, ge=0, le=9), "|---------o| 9 (0..9 by 1)"),
    (config(float, 0.5, gt=0, lt=1), "[ 0.5 ] whole numbers"),
    (config(int, 3), "[ 3 ] whole numbers"),
    (config(bool, True), "(*) on"),
    (config(str, "hey"), '["hey"]'),
    (config(Kind, Kind.SOFT), "[soft v] soft / hard"),
    (config(Literal["a", "b"], "b"), "[b v] a / b"),
    (config(Literal["a"], "a"), '["a"]'),
    (config(Literal["a", "b"] | None, None), "[ (empty menu) v]"),
    (config(Kind | None, None), None),
    (config(float | None, None, ge=0, le=1), "|----o----| 0..100 in whole steps"),
    (config(list[int], [1]), None),
    (config(list[int], [1], ui={"component": "denoising_steps"}), "(component)"),
]


@pytest.mark.parametrize(("made", "expected"), WIDGETS, ids=[str(expected) for _, expected in WIDGETS])
def test_a_type_gets_the_control_of_the_original_host(made, expected):
    (field,) = (f for f in fields_of(made) if f.name == "it")
    assert widget(field) == expected


def test_cards_hide_input_fields_and_components_that_the_main_panel_shows():
    made = config(bool, True, ui={"category": "input"})
    made.usage = [UsageType.POSTPROCESSOR]
    assert roles(made) == ["main", "post"]
    assert "It  (*) on" in panel(made, "main", "video")
    assert "(no controls)" in panel(made, "post", "video")


def test_a_preprocessor_has_no_main_panel():
    made = config(bool, True)
    made.usage = [UsageType.PREPROCESSOR]
    assert roles(made) == ["pre"]


def test_a_field_of_another_mode_does_not_show():
    made = config(bool, True, ui={"modes": ["text"]})
    assert "(no controls)" in panel(made, "main", "video")
    assert "It" in panel(made, "main", "text")


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 1))
def test_a_slider_is_always_as_wide(low, span, part):
    made = config(float, low + part * span, ge=low, le=low + span)
    (field,) = (f for f in fields_of(made) if f.name == "it")
    drawn = widget(field)
    assert drawn is not None
    assert drawn.index("|", 1) == 11

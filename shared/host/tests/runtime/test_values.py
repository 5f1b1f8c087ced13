"""Typed values are held against a JSON schema, and what a field accepts is said in one way."""

import re
from enum import Enum, IntEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ui_field_config
from scope.runtime.values import Fields, RefusedValueError


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Config(BasePipelineConfig):
    pipeline_id = "p"
    pipeline_name = "P"
    pipeline_description = "P."

    bloom: float = Field(default=0.0, ge=0.0, le=1.0)
    above: float = Field(default=0.5, gt=0.0, lt=2.5)
    count: int = Field(default=1, ge=1)
    on: bool = False
    caption: str = ""
    colour: Colour = Colour.RED
    size: Size = Size.SMALL
    map: Literal["canny", "blur"] = "canny"
    only: Literal["this"] = "this"
    depth: int | None = None
    share: float | None = Field(default=None, ge=0.0, le=1.0)
    tags: list[str] = Field(default_factory=list, max_length=2)
    pairs: list[tuple[int, int]] | None = None
    extra: dict[str, Any] = Field(default_factory=dict)
    model: str = Field(default="small", json_schema_extra=ui_field_config(is_load_param=True))


FIELDS = Fields("p", Config.model_json_schema())


@pytest.mark.parametrize(
    ("name", "value", "fitted"),
    [
        ("bloom", 0.5, 0.5),
        ("bloom", 1, 1.0),
        ("above", 2.4, 2.4),
        ("count", 3.0, 3),
        ("on", True, True),
        ("on", 1, True),
        ("on", 0.0, False),
        ("caption", "12", "12"),
        ("colour", "blue", "blue"),
        ("colour", Colour.BLUE, "blue"),
        ("size", 2.0, 2),
        ("map", "blur", "blur"),
        ("depth", None, None),
        ("depth", 3, 3),
        ("share", 1, 1.0),
        ("tags", ("a", "b"), ["a", "b"]),
        ("pairs", [[1, 2]], [[1, 2]]),
        ("extra", {"a": 1}, {"a": 1}),
        ("denoising_steps", [1000, 500], [1000, 500]),
        ("prompts", [{"text": "a", "weight": 1}], [{"text": "a", "weight": 1}]),
        ("bpm", 120.0, 120.0),
    ],
)
def test_a_value_comes_in_the_type_of_its_field(name, value, fitted):
    result = FIELDS.checked(name, value)
    assert (result, type(result)) == (fitted, type(fitted))


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("bloom", "0.5", "expected a number from 0 to 1, got '0.5'"),
        ("bloom", 2, "expected a number from 0 to 1, got 2"),
        ("bloom", True, "expected a number from 0 to 1, got True"),
        ("bloom", float("nan"), "expected a number from 0 to 1, got nan"),
        ("bloom", 10**400, "expected a number from 0 to 1, got 1000"),
        ("above", 0.0, "expected a number above 0 and below 2.5, got 0.0"),
        ("count", 0, "expected a whole number of at least 1, got 0"),
        ("count", 1.5, "expected a whole number of at least 1, got 1.5"),
        ("on", "true", "expected true or false, got 'true'"),
        ("caption", 12, "expected a text, got 12"),
        ("colour", "green", "expected one of 'red', 'blue', got 'green'"),
        ("size", True, "expected one of 1, 2, got True"),
        ("map", "edge", "expected one of 'canny', 'blur', got 'edge'"),
        ("only", "that", "expected 'this', got 'that'"),
        ("depth", "x", "expected a whole number or null, got 'x'"),
        ("share", 1.5, "expected a number from 0 to 1 or null, got 1.5"),
        ("tags", ["a", 1], "expected a list, got ['a', 1]"),
        ("tags", ["a", "b", "c"], "expected a list, got ['a', 'b', 'c']"),
        ("extra", [], "expected an object, got []"),
        ("blom", 1, "does not exist; did you mean 'bloom'?"),
        ("model", "big", "is read once, at load"),
    ],
)
def test_what_does_not_fit_is_one_sentence(name, value, reason):
    with pytest.raises(RefusedValueError, match=re.escape(f"p: parameter {name!r} {reason}")) as refused:
        FIELDS.checked(name, value)
    assert refused.value.reason.startswith(reason)


def test_a_load_parameter_is_taken_at_load():
    assert FIELDS.checked("model", "big", load=True) == "big"
    assert FIELDS.checked("vace_enabled", True, load=True) is True


def test_values_are_sifted_singly():
    taken, refused = FIELDS.sifted({"bloom": 1, "count": 0, "on": False})
    assert taken == {"bloom": 1.0, "on": False}
    assert refused == {"count": "expected a whole number of at least 1, got 0"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x, max_size=3)
)


@given(name=st.sampled_from(sorted(FIELDS)), value=JSON)
def test_what_is_taken_is_taken_again_and_what_is_refused_is_refused_in_words(name, value):
    fitted, reason = _outcome(name, value)
    if reason is not None:
        assert FIELDS[name].words in reason
        return
    again, refused = _outcome(name, fitted)
    assert (again, type(again), refused) == (fitted, type(fitted), None)


def _outcome(name: str, value: Any) -> tuple[Any, str | None]:
    try:
        return FIELDS.checked(name, value, load=True), None
    except RefusedValueError as error:
        return None, error.reason

"""Whatever a client sends becomes a value of the schema: default < load < call, coerced, clamped, reported once."""

import logging
import math
from enum import Enum
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from pydantic_core import PydanticUndefined

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_gpu.plugin import params
from scope_gpu.plugin.params import ParameterResolver, Presets, describe
from scope_gpu.plugin.renamed import Renamed, old_name


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Config(BasePipelineConfig):
    pipeline_id = "probe"
    pipeline_name = "Probe"
    pipeline_description = "Probe."

    gain: float = Field(default=0.5, ge=0.0, le=1.0)
    steps: int = Field(default=3, gt=0, lt=10)
    on: bool = True
    caption: str = "hello"
    colour: Colour = Colour.RED
    map: Literal["canny", "blur"] = "canny"
    size: Literal[256, 512] = 256
    limit: float | None = Field(default=None, ge=0.0)
    tags: list[str] = Field(default_factory=lambda: ["a"])


def resolve(**call):
    return ParameterResolver(Config).resolve(call)


def test_the_schema_default_holds_where_nothing_came():
    got = resolve()
    assert (got.gain, got.steps, got.tags, got.height) == (0.5, 3, ["a"], 512)


def test_load_wins_over_default_and_call_over_load():
    resolver = ParameterResolver(Config, {"gain": 0.2, "steps": 7})
    assert resolver.resolve({"gain": 0.9}).gain == 0.9
    assert resolver.resolve({}).gain == 0.2
    assert resolver.resolve({"gain": 0.9}).steps == 7


def test_unknown_names_are_ignored():
    assert not hasattr(resolve(denoising_step_list=[1], vace_enabled=True), "vace_enabled")


@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("gain", "0.25", 0.25),
        ("gain", 1, 1.0),
        ("gain", 99, 1.0),
        ("gain", -0.1, 0.0),
        ("gain", True, 1.0),
        ("steps", 3.6, 4),
        ("steps", "5", 5),
        ("steps", 0, 1),
        ("steps", 10, 9),
        ("on", "false", False),
        ("on", 0, False),
        ("on", 1.0, True),
        ("caption", 12, "12"),
        ("colour", "blue", Colour.BLUE),
        ("colour", "BLUE", Colour.BLUE),
        ("colour", Colour.BLUE, Colour.BLUE),
        ("map", "blur", "blur"),
        ("size", "512", 512),
        ("size", 512.0, 512),
        ("limit", None, None),
        ("limit", -3, 0.0),
        ("tags", ["x", "y"], ["x", "y"]),
    ],
)
def test_values_are_coerced_to_the_type_and_clamped_into_the_bounds(name, sent, value):
    got = getattr(resolve(**{name: sent}), name)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("gain", "bad", "a number from 0.0 to 1.0, got 'bad'"),
        ("gain", math.nan, "a number from 0.0 to 1.0, got nan"),
        ("gain", None, "a number from 0.0 to 1.0, got None"),
        ("gain", [1], "a number from 0.0 to 1.0, got [1]"),
        ("steps", math.inf, "a whole number from 1 to 9, got inf"),
        ("on", "maybe", "true or false, got 'maybe'"),
        ("caption", {"a": 1}, "a text, got {'a': 1}"),
        ("colour", "green", "one of 'red', 'blue', got 'green'"),
        ("map", "edges", "one of 'canny', 'blur', got 'edges'"),
        ("limit", "x", "a number of at least 0.0 or null, got 'x'"),
    ],
)
def test_an_unusable_value_is_reported_once_and_the_last_good_one_stays(caplog, name, sent, expected):
    resolver = ParameterResolver(Config)
    with caplog.at_level(logging.WARNING):
        values = [getattr(resolver.resolve({name: sent}), name) for _ in range(5)]
    assert values == [getattr(Config(), name)] * 5
    assert [record.getMessage() for record in caplog.records] == [
        f"probe: parameter {name!r} expected {expected}; {getattr(Config(), name)!r} stays"
    ]


def test_a_fault_is_reported_anew_after_a_good_value_and_keeps_that_value(caplog):
    resolver = ParameterResolver(Config)
    assert resolver.resolve({"gain": "bad"}).gain == 0.5
    assert resolver.resolve({"gain": 0.8}).gain == 0.8
    assert resolver.resolve({"gain": "bad"}).gain == 0.8
    assert len(caplog.records) == 2


def test_nothing_is_resolved_again_while_nothing_changes(monkeypatch):
    coerced = []
    monkeypatch.setattr(params, "coerce", lambda field, value: coerced.append(value) or value)
    resolver, call = ParameterResolver(Config), {"gain": 0.25, "caption": "a"}
    first = resolver.resolve(call)
    assert resolver.resolve(dict(call)) is first
    assert resolver.resolve(call | {"gain": 0.5}).gain == 0.5
    assert coerced == [0.25, "a", 0.5]


def test_a_value_of_another_type_is_another_value():
    resolver = ParameterResolver(Config)
    assert [resolver.resolve({"on": sent}).on for sent in (True, 0.0, False)] == [True, False, False]
    assert [resolver.resolve({"caption": sent}).caption for sent in ("1", 1, 1.0, True)] == ["1", "1", "1.0", "1.0"]


def test_a_value_changed_in_place_is_seen():
    resolver, tags = ParameterResolver(Config), ["a"]
    assert resolver.resolve({"tags": tags}).tags == ["a"]
    tags.append("b")
    assert resolver.resolve({"tags": tags}).tags == ["a", "b"]


def test_a_value_that_is_no_longer_sent_gives_way_to_the_loaded_one():
    resolver = ParameterResolver(Config, {"gain": 0.2})
    assert [resolver.resolve(call).gain for call in ({"gain": 0.9}, {}, {"gain": 0.9})] == [0.9, 0.2, 0.9]


def test_after_a_reset_the_loaded_value_is_the_last_good_one(caplog):
    resolver = ParameterResolver(Config, {"gain": 0.2})
    resolver.resolve({"gain": 0.8})
    resolver.forget()
    assert resolver.resolve({"gain": "bad"}).gain == 0.2
    resolver.forget()
    resolver.resolve({"gain": "bad"})
    assert len(caplog.records) == 2


def test_load_parameters_are_coerced_too_and_undefined_ones_skipped():
    resolver = ParameterResolver(Config, {"steps": 99, "gain": "0.1", "tags": PydanticUndefined})
    got = resolver.resolve({})
    assert (got.steps, got.gain, got.tags) == (9, 0.1, ["a"])


@given(sent=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_no_value_raises_and_every_result_is_valid(sent):
    names = ("gain", "steps", "on", "caption", "colour", "map", "size", "limit", "tags")
    Config.model_validate(resolve(**dict.fromkeys(names, sent)).model_dump())


def test_a_field_is_described_in_words():
    words = {name: describe(field) for name, field in Config.model_fields.items()}
    assert words["gain"] == "a number from 0.0 to 1.0"
    assert words["colour"] == "one of 'red', 'blue'"
    assert words["limit"] == "a number of at least 0.0 or null"


def test_a_preset_lies_between_default_and_load():
    presets = Presets("map", {"blur": {"gain": 0.9, "steps": 9}})
    resolver = ParameterResolver(Config, {"steps": 5, "gain": 0.5}, presets)
    assert (resolver.resolve({}).gain, resolver.resolve({}).steps) == (0.5, 5)
    assert (resolver.resolve({"map": "blur"}).gain, resolver.resolve({"map": "blur"}).steps) == (0.9, 5)
    assert resolver.resolve({"map": "blur", "gain": 0.5}).gain == 0.5
    resolver.forget()
    assert resolver.resolve({}).gain == 0.5


class Renewed(Config):
    turn: float = Field(default=0.25, ge=-0.5, le=0.5)
    degrees: Annotated[float, Renamed("turn", lambda degrees: degrees / 360)] = old_name("turn", 90.0, -180.0, 180.0)


def test_a_value_under_an_old_name_is_one_of_the_new_and_yields_to_it():
    resolver = ParameterResolver(Renewed)
    assert resolver.resolve({"degrees": "36"}).turn == pytest.approx(0.1)
    assert resolver.resolve({"degrees": 90.0}).turn == 0.25
    assert resolver.resolve({"degrees": 36.0, "turn": 0.5}).turn == 0.5
    assert resolver.resolve({}).turn == 0.25


def test_an_old_name_at_load_counts_where_it_is_not_the_default_as_hosts_give_all_of_them():
    assert ParameterResolver(Renewed, {"degrees": 36.0, "turn": 0.25}).resolve({}).turn == pytest.approx(0.1)
    assert ParameterResolver(Renewed, {"degrees": 90.0, "turn": 0.5}).resolve({}).turn == 0.5


def test_a_preset_gives_way_to_a_control_that_was_moved_under_its_old_name():
    resolver = ParameterResolver(Renewed, presets=Presets("map", {"blur": {"turn": 0.4}}))
    assert resolver.resolve({"map": "blur"}).turn == 0.4
    assert resolver.resolve({"map": "blur", "degrees": 36.0}).turn == pytest.approx(0.1)

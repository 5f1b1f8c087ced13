"""Waves move fields around their base, inside their bounds, the same way every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope.control.modulation import WAVES, Field, Modulator, number_field
from scope.control.tempo import Tempo

FIELDS = {"fx": {"bloom": Field(0.2, 0.0, 1.0), "segments": Field(6, 2, 16, whole=True)}}


def wave(field="bloom", **changes):
    return {"stage": "fx", "field": field, "wave": "sine", "depth": 0.5, "rate": 1.0, "phase": 0.0} | changes


@pytest.mark.parametrize("name", WAVES)
@given(x=st.floats(-1e4, 1e4))
def test_waves_stay_between_minus_one_and_one(name, x):
    assert -1.0 <= WAVES[name](x) <= 1.0


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sine", (0, 1, 0, -1)),
        ("triangle", (0, 1, 0, -1)),
        ("saw", (-1, -0.5, 0, 0.5)),
        ("square", (1, 1, -1, -1)),
    ],
)
def test_the_shape_of_a_turn(name, values):
    assert [WAVES[name](x) for x in (0.0, 0.25, 0.5, 0.75)] == pytest.approx(values, abs=1e-9)


def test_a_modulated_field_swings_around_its_base_and_the_base_stays():
    base = {"bloom": 0.4}
    modulator = Modulator([wave(depth=0.3)], FIELDS)
    values = [modulator.values("fx", base, Tempo(bpm=60.0), t)["bloom"] for t in (0.0, 0.25, 0.75)]
    assert values == pytest.approx([0.4, 0.7, 0.1])
    assert base == {"bloom": 0.4}


def test_without_a_base_the_default_is_used_and_bounds_hold():
    modulator = Modulator([wave(depth=5.0)], FIELDS)
    assert modulator.values("fx", {}, Tempo(bpm=60.0), 0.0)["bloom"] == 0.2
    assert modulator.values("fx", {}, Tempo(bpm=60.0), 0.25)["bloom"] == 1.0


def test_several_waves_on_one_field_add_up_before_the_bounds():
    modulator = Modulator([wave(depth=2.0), wave(depth=-2.0)], FIELDS)
    assert modulator.values("fx", {"bloom": 0.5}, Tempo(), 0.1)["bloom"] == pytest.approx(0.5)


def test_whole_numbers_stay_whole():
    modulator = Modulator([wave("segments", depth=3.3)], FIELDS)
    value = modulator.values("fx", {}, Tempo(bpm=60.0), 0.25)["segments"]
    assert value == 9
    assert isinstance(value, int)


def test_fields_that_are_gone_are_passed_over():
    assert Modulator([wave("gone"), wave(stage="other")], FIELDS).values("fx", {}, Tempo(), 0.0) == {}


def test_audio_follows_a_band():
    modulator = Modulator([wave(wave="audio", band="bass", depth=0.5)], FIELDS)
    assert modulator.values("fx", {}, Tempo(), 0.0, {"bass": 0.6}.__getitem__)["bloom"] == pytest.approx(0.5)
    assert modulator.values("fx", {}, Tempo(), 0.0)["bloom"] == 0.2


def test_only_numbers_with_a_default_can_be_modulated():
    assert number_field({"type": "boolean", "default": True}) is None
    assert number_field({"type": "number"}) is None
    assert number_field({"anyOf": [{"type": "number", "maximum": 2}, {"type": "null"}], "default": 1}) == Field(
        1, None, 2
    )

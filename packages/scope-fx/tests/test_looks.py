"""Looks, the master amount, and the beat of the whole plugin."""

import math
from typing import Any

import pytest
import torch

from scope_fx.effects.vignette import VignetteFields
from scope_fx.looks import LOOKS
from scope_fx.pipeline import FxPipeline
from scope_fx.schema import FxConfig
from scope_fx.tempo import at_rate, calm, pulsed
from scope_gpu.plugin.clock import Beat
from scope_gpu.plugin.params import coerce

BEAT = {"bpm": 120.0, "beat_phase": 0.0, "bar_position": 0.0, "beat_count": 0, "is_playing": True}


def picture_of(video, **call: Any) -> torch.Tensor:
    return FxPipeline(device="cpu")(**{"video": video[:1], "frame_time": 0.0} | call)["video"]


def test_looks_are_first_in_the_panel():
    properties = FxConfig.model_json_schema()["properties"]
    assert properties["fx_look"]["enum"] == ["none", *LOOKS]
    assert len(LOOKS) == 12
    assert min(properties, key=lambda name: properties[name].get("ui", {}).get("order", 999)) == "fx_look"


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_is_the_values_it_names_and_each_is_one_that_its_field_takes(look, video):
    for name, value in LOOKS[look].items():
        assert coerce(FxConfig.model_fields[name], value) == value
    assert torch.equal(picture_of(video, fx_look=look), picture_of(video, **LOOKS[look]))


def test_a_moved_slider_wins_over_the_look_also_at_its_default(video):
    look = LOOKS["neon"]
    for moved in ({"vignette": 1.0}, {"vignette": 0.0}):
        assert torch.equal(picture_of(video, fx_look="neon", **moved), picture_of(video, **look | moved))


def test_a_host_that_loads_with_all_defaults_gets_the_look(video):
    defaults = {name: field.get_default() for name, field in FxConfig.model_fields.items()}
    loaded = FxPipeline(device="cpu", **defaults | {"vignette": 1.0})
    shown = loaded(video=video[:1], frame_time=0.0, fx_look="neon")["video"]
    assert torch.equal(shown, picture_of(video, **LOOKS["neon"] | {"vignette": 1.0}))


def test_the_amount_mixes_the_untouched_picture_with_the_effects(video):
    none, half, whole = (picture_of(video, fx_look="neon", fx_amount=amount) for amount in (0.0, 0.5, 1.0))
    assert torch.equal(none, video[0] / 255.0)
    torch.testing.assert_close(half, (none + whole) / 2.0, atol=1e-6, rtol=0)


def test_effects_come_on_the_beat_and_fade_until_the_next(video):
    call = {"vignette": 1.0, "fx_beat": 1.0} | BEAT
    assert torch.equal(picture_of(video, **call), picture_of(video, vignette=1.0))
    later = picture_of(video, **call | {"beat_phase": 0.5, "bar_position": 0.5})
    torch.testing.assert_close(later, picture_of(video, vignette=math.exp(-2.0)), atol=1e-5, rtol=0)


def test_without_a_hosts_tempo_its_own_counts_and_none_while_the_host_stands_still(video):
    on_the_beat = picture_of(video, vignette=1.0, fx_beat=1.0)
    between = picture_of(video, vignette=1.0, fx_beat=1.0, frame_time=0.25)
    assert torch.equal(on_the_beat, picture_of(video, vignette=1.0))
    torch.testing.assert_close(between, picture_of(video, vignette=math.exp(-2.0)), atol=1e-5, rtol=0)
    stopped = {"vignette": 1.0, "fx_beat": 1.0, "frame_time": 0.25, "is_playing": False}
    assert torch.equal(picture_of(video, **stopped), picture_of(video, vignette=1.0))


def test_a_bar_takes_the_place_of_a_beat_at_another_rate(video):
    shown = picture_of(
        video, **{"vignette": 1.0, "fx_beat": 1.0, "fx_rate": "bar"} | BEAT | {"beat_count": 2, "bar_position": 2.0}
    )
    torch.testing.assert_close(shown, picture_of(video, vignette=math.exp(-2.0)), atol=1e-5, rtol=0)


def test_there_are_at_most_three_pulses_a_second():
    assert calm(Beat(4.0, 5.0)) == Beat(2.0, 2.5)
    p = VignetteFields(vignette=1.0)
    assert pulsed(p, ["vignette"], Beat(1.0, 5.0), 1.0).vignette == pytest.approx(math.exp(-2.0))


@pytest.mark.parametrize("rate", [0.25, 0.5, 1.0, 2.0])
def test_cycles_begin_with_the_bar_wherever_the_host_began_to_count(rate):
    for bars in range(4):
        start = at_rate(Beat(4.0 * bars + 2.0, 2.0, 0.0), rate)
        assert start.position % 1.0 == 0.0
        assert start.per_second == 2.0 * rate
        assert at_rate(Beat(4.0 * bars + 2.5, 2.0, 0.5), rate).position == start.position + 0.5 * rate


def test_the_tempo_of_the_host_goes_before_the_plugins_own(video):
    call = {"vignette": 1.0, "fx_beat": 1.0, "fx_bpm": 60.0, "frame_time": 0.25}
    between = picture_of(video, **call | BEAT | {"beat_phase": 0.5, "bar_position": 0.5})
    torch.testing.assert_close(between, picture_of(video, vignette=math.exp(-2.0)), atol=1e-5, rtol=0)

"""Where the music is: as a host tells it, typed, or tapped."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope_gpu.plugin.clock import Beat, Moment, beat_of
from scope_gpu.plugin.pipeline import GeneratorPipeline
from scope_gpu.plugin.prompts import Prompt
from scope_gpu.plugin.tempo import RATES, OwnTempo, own_bpm, tap

HOST = {"bpm": 90.0, "beat_count": 7, "beat_phase": 0.25, "bar_position": 1.25, "is_playing": True}


def test_a_bar_begins_where_the_host_says():
    beat = beat_of(HOST)
    assert beat == Beat(7.25, 1.5, 1.25)
    assert {name: beat.cycle(rate) for name, rate in RATES.items()} == {
        "bar": 0.3125,
        "half bar": 0.625,
        "beat": 0.25,
        "half beat": 0.5,
        "quarter beat": 0.0,
    }


def test_a_host_without_bars_has_one_every_four_beats():
    assert beat_of({**HOST, "bar_position": None}) == Beat(7.25, 1.5, 3.25)


@given(st.lists(st.tuples(st.floats(0.0, 2.0), st.floats(20.0, 300.0)), min_size=1, max_size=20))
def test_a_change_of_the_typed_tempo_moves_no_beat(changes):
    tempo, seconds = OwnTempo(), 0.0
    for pause, bpm in changes:
        before = tempo.beat(seconds, bpm, False).position
        after = tempo.beat(seconds + pause, bpm, False)
        assert after.position - before == pytest.approx(pause * bpm / 60.0)
        seconds += pause


def test_taps_set_the_tempo_and_put_the_beat_where_they_fall():
    tempo, switch = OwnTempo(), False
    tempo.beat(0.0, 120.0, switch)
    for time in (10.1, 10.7, 11.3, 11.9):
        switch = not switch
        beat = tempo.beat(time, 120.0, switch)
    assert (beat.position % 1.0, beat.per_second) == (0.0, pytest.approx(1.0 / 0.6))
    assert tempo.beat(12.5, 120.0, switch).position == pytest.approx(beat.position + 1.0)
    assert tempo.beat(13.0, 60.0, switch).per_second == 1.0


def test_after_a_pause_taps_begin_anew_and_one_alone_keeps_the_tempo():
    tempo = OwnTempo()
    for time, switch in ((0.0, False), (1.0, True), (1.5, False), (9.0, True)):
        beat = tempo.beat(time, 100.0, switch)
    assert (beat.per_second, beat.position % 1.0) == (2.0, 0.0)


class Config(BasePipelineConfig):
    pipeline_id = "counter"
    modes = {"text": ModeDefaults(default=True)}
    bpm_here: float = own_bpm()
    tap_here: bool = tap()


class Counter(GeneratorPipeline[Config]):
    """Draws nothing; tells the beat of each call."""

    config = Config

    def own_tempo(self, params: Config) -> tuple[float, bool]:
        return params.bpm_here, params.tap_here

    def generate(self, params: Config, moment: Moment, prompt: Prompt) -> torch.Tensor:
        self.beat: Any = moment.beat
        return torch.zeros(1, 3, 1, 1)


@pytest.mark.parametrize(
    ("sent", "beat"),
    [({}, Beat(6.0, 2.0, 2.0)), (HOST, Beat(7.25, 1.5, 1.25)), ({**HOST, "is_playing": False}, None)],
)
def test_a_pipeline_follows_the_host_else_its_own_tempo_and_stands_still_with_the_host(sent, beat):
    counter = Counter(device="cpu")
    counter(frame_time=3.0, init_cache=True, **sent)
    assert counter.beat == beat

"""The show's clock follows the set-up and hands, and tells the engine only what is new."""

import pytest

from scope.server.beats import Beats

OFF = {"source": "off", "bpm": 120.0, "beats_per_bar": 4, "quantize": "off"}


class Clock:
    """Time that passes when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def told():
    return []


@pytest.fixture
def beats(engine, told, clock):
    return Beats(engine, told.append, clock)


def tempos(engine):
    return [words[1] for words in engine.said if words[0] == "tempo"]


def test_without_a_source_nobody_is_told_anything(beats, engine, told):
    beats.follow(OFF)
    assert tempos(engine) == told == []
    assert beats.wait() == 0.0


def test_the_clock_of_the_set_up_starts_at_once_and_is_told_once(beats, engine, told, clock):
    beats.follow(OFF | {"source": "internal"})
    beats.follow(OFF | {"source": "internal"})
    assert [tempo.bpm for tempo in tempos(engine)] == [120.0]
    clock.now += 1.25
    assert beats.message() == {"tempo": {"bpm": 120.0, "beats_per_bar": 4, "beats": 2.5, "playing": True}}


def test_another_speed_moves_no_beat(beats, engine, clock):
    beats.follow(OFF | {"source": "internal"})
    clock.now += 1.25
    beats.follow(OFF | {"source": "internal", "bpm": 60.0})
    assert tempos(engine)[-1].beats_at(clock.now) == 2.5


def test_taps_become_the_tempo(beats, clock):
    beats.follow(OFF | {"source": "internal"})
    for _ in range(4):
        clock.now += 0.4
        bpm = beats.tap()
    assert bpm == 150.0
    assert beats.tempo.values_at(clock.now)["beat_phase"] == pytest.approx(0.0, abs=1e-6)


def test_a_quantized_change_waits_for_the_bar(beats, clock):
    beats.follow(OFF | {"source": "internal", "quantize": "bar"})
    clock.now += 0.5
    assert beats.wait() == pytest.approx(1.5)
    beats.play(False)
    assert beats.wait() == 0.0


def test_a_steady_outside_clock_is_passed_on_only_while_it_drifts(beats, engine, clock):
    beats.follow(OFF | {"source": "midi"})
    beats.midi([0xFA])
    for _ in range(24 * 16):
        clock.now += 60.0 / 128.0 / 24.0
        beats.midi([0xF8])
    assert beats.tempo.bpm == pytest.approx(128.0, abs=0.1)
    before = len(tempos(engine))
    for _ in range(24 * 16):
        clock.now += 60.0 / 128.0 / 24.0
        beats.midi([0xF8])
    assert len(tempos(engine)) == before


def test_when_the_source_goes_the_engine_is_told(beats, engine, told):
    beats.follow(OFF | {"source": "internal"})
    beats.follow(OFF)
    assert tempos(engine)[-1] is None
    assert told[-1] == {"tempo": None}

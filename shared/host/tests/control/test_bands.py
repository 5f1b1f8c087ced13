"""Bands follow what is heard, and nothing depends on how the samples are cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope.control.bands import BANDS, NAMES, RATE, Analyser, Track

SAMPLES = 48_000


def tone(frequency: float, seconds: float = 0.5, level: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * frequency * np.arange(int(seconds * SAMPLES)) / SAMPLES)).astype(np.float32)


def last(samples: np.ndarray) -> dict[str, float]:
    return list(Analyser(SAMPLES).feed(samples))[-1]


@pytest.mark.parametrize(("band", "frequency"), [("bass", 80.0), ("low", 300.0), ("mid", 1200.0), ("high", 6000.0)])
def test_a_tone_fills_its_band_and_no_other(band, frequency):
    values = last(tone(frequency))
    assert values[band] > 0.95
    assert all(values[other] < 0.5 for other in BANDS if other != band)


def test_loudness_is_a_share_of_sixty_decibels():
    assert last(tone(300.0, level=1.0))["level"] == pytest.approx(1.0, abs=0.01)
    assert last(tone(300.0, level=0.0316))["level"] == pytest.approx(0.5, abs=0.02)
    assert last(np.zeros(SAMPLES, np.float32))["level"] == 0.0


def test_thirty_values_a_second_all_between_0_and_1():
    noise = np.random.default_rng(1).uniform(-1, 1, 2 * SAMPLES).astype(np.float32)
    values = list(Analyser(SAMPLES).feed(noise))
    assert len(values) == 2 * RATE
    assert all(v.keys() == set(NAMES) and all(0.0 <= x <= 1.0 for x in v.values()) for v in values)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=10))
def test_blocks_of_any_length_give_the_same_values(lengths):
    sound = tone(200.0, 0.3)
    whole = list(Analyser(SAMPLES).feed(sound))
    analyser, cut, start = Analyser(SAMPLES), [], 0
    for length in [*lengths, len(sound)]:
        cut += list(analyser.feed(sound[start : start + length]))
        start += length
    assert cut == whole


def test_a_click_after_silence_is_one_onset():
    sound = np.concatenate([np.zeros(SAMPLES, np.float32), tone(100.0, 0.1), np.zeros(SAMPLES, np.float32)])
    onsets = [values["onset"] for values in Analyser(SAMPLES).feed(sound)]
    assert onsets.count(1.0) == 1
    assert 30 <= onsets.index(1.0) <= 33
    assert onsets[-1] < 0.01


def test_a_track_is_read_by_time_and_is_silent_outside():
    track = Track([np.zeros(SAMPLES, np.float32), tone(80.0, 1.0)], SAMPLES)
    assert track.at("bass", 0.5) == 0.0
    assert track.at("bass", 1.5) > 0.95
    assert track.at("bass", -1.0) == track.at("bass", 99.0) == track.at("treble", 1.5) == 0.0

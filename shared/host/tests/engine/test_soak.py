"""A show that plays on and on loses nothing."""

import pytest

from scope.engine.soak import MB_A_MINUTE, Sample, memory_slope, soaked


def sample(second: float, memory: float) -> Sample:
    return Sample(second, memory, 0, 0)


def test_the_slope_is_that_of_what_is_always_used():
    growing = [sample(second, 500.0 + second / 20 + 13 * (second % 3)) for second in range(120)]
    assert memory_slope(growing) == pytest.approx(3.0, abs=0.1)
    steady = [sample(second, 500.0 + 13 * (second % 3)) for second in range(120)]
    assert memory_slope(steady) == pytest.approx(0.0, abs=0.01)
    assert memory_slope(growing[:10]) == 0.0


@pytest.mark.gate
def test_a_minute_of_a_three_stage_chain_leaks_no_memory_handle_or_thread():
    samples = soaked(60.0)
    assert memory_slope(samples) < MB_A_MINUTE
    assert samples[-1].handles <= samples[0].handles
    assert samples[-1].threads <= samples[0].threads

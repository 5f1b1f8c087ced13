"""A show that plays on and on loses nothing."""

import pytest

from scope.bench.soak import MB_A_MINUTE, Sample, memory_slope, soaked


def sample(second: float, memory: float) -> Sample:
    return Sample(second, memory, 0, 0)


def test_the_slope_is_that_of_the_memory_over_minutes():
    growing = [sample(second, 500.0 + second / 20) for second in range(120)]
    assert memory_slope(growing) == pytest.approx(3.0)
    assert memory_slope(growing[:1]) == 0.0


def test_a_single_step_is_no_slope():
    assert memory_slope([sample(second, 500.0 + 5.0 * (second > 100)) for second in range(120)]) == 0.0


@pytest.mark.gate
def test_a_show_of_a_three_stage_chain_leaks_no_picture_handle_or_thread():
    samples = soaked(60.0, settling=10.0, patience=120.0)
    assert memory_slope(samples) < MB_A_MINUTE
    assert samples[-1].handles <= samples[0].handles
    assert samples[-1].threads <= samples[0].threads

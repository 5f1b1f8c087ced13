"""A show that plays on and on loses nothing."""

import json
import subprocess
import sys

import pytest

from scope.bench.soak import Sample, memory_slope


def sample(second: float, memory: float) -> Sample:
    return Sample(second, memory, 0, 0)


def test_the_slope_is_that_of_the_memory_over_minutes():
    growing = [sample(second, 500.0 + second / 20) for second in range(120)]
    assert memory_slope(growing) == pytest.approx(3.0)
    assert memory_slope(growing[:1]) == 0.0


# What a minute can tell: a leaked picture a second is 40 MB a minute. `scope bench host --soak 30` is exact.
MB_A_MINUTE_SEEN = 10.0


# In a process of its own: other tests' libraries start and end threads in this one.
SOAK = """
import dataclasses, json
from scope.bench.soak import soaked
print(json.dumps([dataclasses.asdict(sample) for sample in soaked(60.0)]))
"""


@pytest.mark.gate
def test_a_minute_of_a_three_stage_chain_leaks_no_picture_handle_or_thread():
    done = subprocess.run([sys.executable, "-c", SOAK], capture_output=True, text=True, check=True)
    samples = [Sample(**fields) for fields in json.loads(done.stdout.splitlines()[-1])]
    assert memory_slope(samples) < MB_A_MINUTE_SEEN
    assert samples[-1].handles <= samples[0].handles
    assert samples[-1].threads <= samples[0].threads

"""A whole show at once: it stays on its beat, everything of it plays, and nothing of it is lost."""

import json
import statistics
import subprocess
import sys

import pytest

SHOW = """
import dataclasses, json
from scope.bench.everything import measured
print(json.dumps(dataclasses.asdict(measured(6.0, settling=4.0))))
"""


# The whole of it is `scope bench host --everything 10`.
@pytest.mark.gate
def test_a_show_with_everything_on_keeps_its_beat_and_its_threads():
    done = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    # A busy machine delays single looks at the clock; a beat that drifts or jumps stays away.
    assert abs(statistics.median(result["drift_ms"][-3:])) < 5.0
    counts = result["counts"]
    # Two beats of 126 a minute are 0.95 seconds; a cue waits for a beat and never for the one after.
    assert 5 <= len(counts["late_ms"]) <= 60
    assert min(counts["pictures"], counts["streamed_kb"], result["osc_taken"], result["frames_out"]) > 0
    assert (result["osc_refused"], result["problem"]) == (0, None)
    for what in ("handles", "threads"):
        used = [sample[what] for sample in result["samples"]]
        assert min(used[-3:]) <= max(used[:3]), what

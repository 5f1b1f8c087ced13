"""The table of speed counts what the pipeline does, and not what the host around it does."""

import time

import pytest
import torch
from mutants.clean import Gain, Wave

from scope_testkit.speed import measure
from scope_testkit.subject import Subject


class Idle(Gain):
    """Allocates one picture of so many pixels and nothing else, and takes its time."""

    def __call__(self, **kwargs):
        height, width = kwargs["video"][0].shape[1:3]
        time.sleep(0.004)
        return {"video": torch.full((1, height, width, 3), 0.5)}


def test_a_row_counts_time_and_memory_of_the_pipeline_alone():
    row = next(measure(Subject(Idle)))
    assert (row.pipeline, row.mode, row.size) == ("mutant-gain", "video", "512x512")
    assert row.allocations == 1
    assert row.mebibytes == pytest.approx(512 * 512 * 3 * 4 / 2**20)
    assert min(row.ms, row.first_ms) >= 4.0
    assert row.syncs is None or row.syncs == 0


def test_a_generator_is_measured_at_its_own_size():
    (row,) = measure(Subject(Wave))
    assert (row.mode, row.size) == ("text", "96x64")
    assert row.allocations > 1

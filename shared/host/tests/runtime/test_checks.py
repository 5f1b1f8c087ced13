"""A wrong tensor is one sentence that names the pipeline, what was expected and what came."""

import re

import numpy as np
import pytest
import torch

from scope.runtime.checks import Checks, showable
from scope.runtime.faults import PipelineError


def checked_video(result):
    """The picture as it is shown, after every check."""
    checks = Checks("halo")
    video = checks.video(result)
    if video is None:
        return None
    for fault in checks.values(video):
        raise fault
    return showable(video)


def test_a_picture_passes_and_overshoot_is_clamped():
    video = checked_video({"video": torch.tensor([-0.2, 0.5, 1.2]).view(1, 1, 1, 3)})
    assert video is not None
    assert video.flatten().tolist() == [0.0, 0.5, 1.0]


def test_half_precision_becomes_float32():
    video = checked_video({"video": torch.zeros(2, 4, 4, 3, dtype=torch.bfloat16)})
    assert video is not None
    assert video.dtype == torch.float32


def test_an_empty_dict_means_nothing_yet():
    assert checked_video({}) is None


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "expected a dict with the key 'video', got NoneType"),
        (torch.zeros(1, 4, 4, 3), "expected a dict with the key 'video', got a float32 tensor of shape (1, 4, 4, 3)"),
        ({"frames": 1}, "expected the key 'video' in its result, got the keys ['frames']"),
        (
            {"video": torch.zeros(4, 5, 3)},
            "got a float32 tensor of shape (4, 5, 3), which looks like HWC; add the time",
        ),
        ({"video": torch.zeros(1, 4, 5, 4)}, "got a float32 tensor of shape (1, 4, 5, 4), which looks like RGBA; keep"),
        (
            {"video": torch.zeros(1, 3, 4, 5)},
            "got a float32 tensor of shape (1, 3, 4, 5), which looks like TCHW; permute",
        ),
        (
            {"video": torch.zeros(1, 4, 5, 1)},
            "expected a tensor THWC (T, H, W, 3), float in [0, 1], got a float32 tensor",
        ),
        ({"video": torch.zeros(0, 4, 5, 3)}, "without a pixel"),
        ({"video": np.zeros((1, 4, 5, 3))}, "got ndarray of shape (1, 4, 5, 3)"),
        ({"video": [torch.zeros(4, 5, 3)]}, "got list"),
        (
            {"video": torch.zeros(1, 4, 5, 3, dtype=torch.uint8)},
            "got a uint8 tensor of shape (1, 4, 5, 3); divide by 255",
        ),
        ({"video": torch.full((1, 4, 5, 3), 255.0)}, "expected values in [0, 1], got values from 255 to 255"),
        ({"video": torch.full((1, 4, 5, 3), -1.0)}, "expected values in [0, 1], got values from -1 to -1"),
        ({"video": torch.full((1, 4, 5, 3), float("nan"))}, "expected finite values in [0, 1], got NaN"),
        ({"video": torch.full((1, 4, 5, 3), float("inf"))}, "expected values in [0, 1], got values from inf to inf"),
    ],
)
def test_everything_else_is_refused_in_words(result, message):
    with pytest.raises(PipelineError, match=r"pipeline 'halo' returned something unusable: .*" + re.escape(message)):
        checked_video(result)

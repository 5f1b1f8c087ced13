"""Sound is played when it is due, whatever comes when."""

import numpy as np
import pytest

from scope.media.live_sound import LIVE_RATE
from scope.media.playout import Playout


def ones(seconds: float) -> np.ndarray:
    return np.ones((2, round(seconds * LIVE_RATE)), np.float32)


def played(playout: Playout, start: float, seconds: float) -> list[float]:
    """From when to when it is loud, in pieces of 20 ms."""
    pieces = [playout.take(start + i / 50, LIVE_RATE // 50)[0] for i in range(round(seconds * 50))]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], *pieces, [0]]))) / LIVE_RATE
    return [float(edge) for edge in edges]


def test_blocks_are_heard_at_their_times_and_silence_lies_between():
    playout = Playout()
    playout.put(ones(0.1), 100.2)
    playout.put(ones(0.05), 100.5)
    assert played(playout, 100.0, 1.0) == pytest.approx([0.2, 0.3, 0.5, 0.55])


def test_blocks_that_nearly_touch_have_no_seam_and_what_is_late_is_cut():
    playout = Playout()
    playout.put(ones(0.05), 99.98)
    playout.put(ones(0.05), 100.04)
    assert played(playout, 100.0, 0.2) == pytest.approx([0.0, 0.08])
    playout.put(ones(0.1), 100.15)
    assert played(playout, 100.2, 0.1) == pytest.approx([0.0, 0.05])

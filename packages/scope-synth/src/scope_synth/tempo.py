"""Motion and light on the beat: pure functions of where the music is."""

import math

from scope_gpu.plugin.clock import Beat


def surge(beat: Beat | None, amount: float) -> float:
    """Seconds that motion runs ahead of its steady pace: it leaps on a beat and rests before the next. 0 on every beat,
    and without a tempo; no motion is gained or lost.
    """
    if beat is None:
        return 0.0
    place = beat.position % 1.0
    return amount * (1.0 - (1.0 - place) ** 3 - place) / beat.per_second


def pulse(beat: Beat | None, amount: float) -> float:
    """The factor of light: 1 + amount / 2 on a beat, then falling towards 1."""
    return 1.0 if beat is None else 1.0 + 0.5 * amount * math.exp(-5.0 * (beat.position % 1.0))

"""Motion and light on the beat: pure functions of where the music is."""

import math

from scope_gpu.plugin.clock import Beat

# Flashes a second that are taken to be safe (WCAG 2.2, 2.3.1).
_MOST_PULSES = 3.0


def surge(beat: Beat | None, amount: float, per_beat: float) -> float:
    """Seconds that motion runs ahead of its steady pace: it leaps as a cycle begins and rests before the next. 0 where a
    cycle begins, and without a tempo; no motion is gained or lost.

    Args:
        per_beat: cycles per beat.
    """
    if beat is None:
        return 0.0
    place = beat.cycle(per_beat)
    return amount * (1.0 - (1.0 - place) ** 3 - place) / (beat.per_second * per_beat)


def pulse(beat: Beat | None, amount: float, per_beat: float) -> float:
    """The factor of light: 1 + amount / 2 as a cycle begins, then falling towards 1; with half as many cycles, and half
    again, until at most three begin in a second.
    """
    if beat is None:
        return 1.0
    while per_beat * beat.per_second > _MOST_PULSES:
        per_beat /= 2.0
    return 1.0 + 0.5 * amount * math.exp(-5.0 * beat.cycle(per_beat))

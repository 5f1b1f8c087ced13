"""What the beat does: to amounts, and to effects that count it."""

import math
from typing import Any

from scope_gpu.plugin.clock import Beat
from scope_gpu.plugin.effect import Context

SAFE_RATE = 3.0
"""More flashes a second may trigger seizures (WCAG 2.3.1)."""

_BEATS_PER_BAR = 4.0
_DECAY = 4.0


def at_rate(beat: Beat, rate: float) -> Beat:
    """The beat of something that happens `rate` times a beat, counted so that every fourth of the music's own beats, and
    with it a cycle of a bar, falls on the first of a bar.
    """
    bars = round((beat.position - beat.bar_position) / _BEATS_PER_BAR)
    return Beat((bars * _BEATS_PER_BAR + beat.bar_position) * rate, beat.per_second * rate, beat.bar_position)


def calm(beat: Beat) -> Beat:
    """The beat, every second left out until it comes at most three times a second."""
    while beat.per_second > SAFE_RATE:
        beat = Beat(0.5 * beat.position, 0.5 * beat.per_second, beat.bar_position)
    return beat


def count(context: Context, beats: float, seconds: float, ago: float = 0.0) -> int:
    """How many cycles have begun by `ago` seconds before the frame: of so many beats, or of so many seconds without a
    tempo.
    """
    return math.floor(place(context, beats, seconds, ago))


def place(context: Context, beats: float, seconds: float, ago: float = 0.0) -> float:
    """As `count`, with the place in the present cycle behind the point."""
    beat = context.beat
    cycles = (context.seconds - ago) / seconds if beat is None else (beat.position - ago * beat.per_second) / beats
    # A time just short of a cycle by rounding belongs to the cycle.
    return cycles + 1e-6


def pulsed[P](p: P, names: list[str], beat: Beat | None, depth: float) -> P:
    """Controls with the named amounts whole on a beat, then down by up to `depth`, by exp(-4 phase); as they are without
    a beat.

    At most three pulses a second: amounts of light are among them.
    """
    if beat is None or depth == 0.0:
        return p
    share = 1.0 - depth * (1.0 - math.exp(-_DECAY * (calm(beat).position % 1.0)))
    values: Any = p
    return values.model_copy(update={name: getattr(p, name) * share for name in names})

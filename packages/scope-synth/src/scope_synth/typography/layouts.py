"""Four ways for a text to move. Each takes a view, a phase in seconds, a seed, a drawable text that is not empty, its
lettering, and detail and warp in [0, 1], and returns a field of letters on black.
"""

import math
import random

import torch
from torch import Tensor

from scope_synth.typography.lettering import Lettering, wrap
from scope_synth.typography.sampler import sample
from scope_synth.view import Field, View, shares, turns

_TAU = 2.0 * math.pi
_WORDS_A_SECOND = 1.3
# Blank between two repeats of a line, in line heights.
_GAP = 0.5


def words(view: View, phase: float, seed: int, text: str, lettering: Lettering, detail: float, warp: float) -> Field:
    """One word after another: each springs in, and leaves through the viewer.

    `detail` is the number of echoes behind a word, `warp` how far words tilt and ripple; the seed draws the tilts.
    """
    number = math.floor(phase * _WORDS_A_SECOND)
    since = phase * _WORDS_A_SECOND - number
    spring = 1.0 + 0.07 * since + 0.5 * math.exp(-9.0 * since) * math.cos(14.0 * since)
    shown = min(1.0, 0.2 + since * 8.0)
    sizes = [
        (spring * (1.0 + 0.18 * echo), shown * share * 0.5**echo)
        for echo, share in enumerate(shares(1.0 + 4.0 * detail))
    ]
    light = _word(view, phase, seed, text, number, lettering, warp, sizes)
    if since < 0.3:
        leaving = [(1.07 + 5.0 * since, 0.6 - 2.0 * since)]
        light = torch.maximum(light, _word(view, phase, seed, text, number - 1, lettering, warp, leaving))
    x = view.spans(view.scale)[0].positions(view.device)
    return Field(0.5 + 0.12 * x + 0.15 * math.sin(number * 2.4) - 0.12 * light, light * 1.15)


def wave(view: View, phase: float, seed: int, text: str, lettering: Lettering, detail: float, warp: float) -> Field:
    """The whole text, broken into lines, on rippling cloth.

    `detail` is the number of echoes that trail behind it, ever smaller, `warp` the height of the waves; the seed shifts them.
    """
    width, height = (reach * view.scale * 0.84 for reach in view.reach)
    ink = lettering.texture(wrap(text, width / height))
    shape = ink.shape[1] / ink.shape[0]
    half = min(height, width / shape)
    x, y = view.axes(1.0 / half)
    light = torch.zeros(view.height, view.width, device=view.device)
    for echo, share in enumerate(shares(1.0 + 4.0 * detail)):
        far = 1.0 + 0.085 * echo
        across, down = _ripple(x * far, y * far, phase - 0.14 * echo, seed, warp / half)
        faint = sample(ink, across.div_(shape), down, 2.0 * half / view.pixel).mul_(share * 0.72**echo)
        torch.maximum(light, faint, out=light)
    return Field(light * 0.25 + (0.33 + 0.1 * torch.sin(x * (1.3 * half) - turns(phase, 0.12))), light * 1.1)


def ticker(view: View, phase: float, seed: int, text: str, lettering: Lettering, detail: float, warp: float) -> Field:
    """Rows of the text that run across the frame in turn to the left and to the right.

    `detail` is the number of rows, `warp` how much they bend; the seed draws their paces.
    """
    ink = lettering.texture(text)
    count = 3 + 2 * round(3 * detail)
    em = 2.0 * view.reach[1] * view.scale / count
    x, y = view.grid(1.0 / em)
    y.add_(torch.sin(x * (1.7 * em) + turns(phase, 0.17)), alpha=0.22 * warp / em)
    row = torch.floor(y + 0.5)
    length = ink.shape[1] / ink.shape[0] + _GAP
    along = torch.remainder((x + _run(row, phase * 0.8 / em, length, seed)) / length, 1.0)
    light = sample(ink, _across(along, length), (y - row).mul_(2.0), em / view.pixel)
    beat = 0.75 + 0.45 * torch.sin(row * 1.9 + x * 0.25 - turns(phase, 0.35))
    return Field(0.5 + 0.17 * torch.sin(row * 1.3 + turns(phase, 0.07)), light * beat)


def vortex(view: View, phase: float, seed: int, text: str, lettering: Lettering, detail: float, warp: float) -> Field:
    """Rings of the text that turn against one another and fall towards the viewer.

    `detail` is the number of rings, `warp` twists them into spirals; the seed draws their turns.
    """
    ink = lettering.texture(text)
    length = ink.shape[1] / ink.shape[0] + _GAP
    # Logarithmic polar coordinates keep angles: letters keep their shape where a row is as high as it is wide.
    repeats = max(1, round(_TAU / (length * (0.6 - 0.35 * detail))))
    em = _TAU / (length * repeats)
    x, y = view.grid()
    radius = (x * x).addcmul_(y, y).add_(1e-6).log_().mul_(0.5)
    depth = radius / em - phase * 0.35 % 1024.0
    place = torch.floor(depth)
    row = torch.remainder(place, 1024.0)
    spin = _run(row, phase * 0.06, 1.0, seed).add_(torch.sin(radius * 2.0 + turns(phase, 0.11)), alpha=0.2 * warp)
    along = torch.remainder((torch.atan2(y, x) / _TAU + spin) * repeats, 1.0)
    light = sample(ink, _across(along, length), 1.0 - 2.0 * (depth - place), 0.35 * em / view.pixel)
    glow = (radius * 0.6 + 1.2).clamp_(0.0, 1.25)
    return Field(0.5 + 0.2 * torch.sin(row * 0.7 + turns(phase, 0.05)), light * glow)


def _word(
    view: View,
    phase: float,
    seed: int,
    text: str,
    number: int,
    lettering: Lettering,
    warp: float,
    sizes: list[tuple[float, float]],
) -> Tensor:
    """The light of word `number`, once for each (size, light); at size 1 it fits the frame."""
    spoken = text.split()
    ink = lettering.texture(spoken[number % len(spoken)])
    shape = ink.shape[1] / ink.shape[0]
    half = min(reach * view.scale * part for reach, part in zip(view.reach, (0.86 / shape, 0.65), strict=True))
    tilt = random.Random(seed * 7919 + number).uniform(-0.25, 0.25) * warp
    x, y = view.grid(1.0 / half)
    across, down = x * math.cos(tilt) + y * math.sin(tilt), y * math.cos(tilt) - x * math.sin(tilt)
    down.add_(torch.sin(across * 1.5 - turns(phase, 0.6)), alpha=0.16 * warp)
    across.div_(shape)
    shown = torch.zeros_like(across)
    for size, light in sizes:
        echo = sample(ink, across, down, 2.0 * half * size / view.pixel, size).mul_(light)
        torch.maximum(shown, echo, out=shown)
    return shown


def _across(along: Tensor, length: float) -> Tensor:
    """From place in a repeat of line and gap, [0, 1), to the sampler's place across the line."""
    return along * (2.0 * length / (length - _GAP)) - 1.0


def _ripple(x: Tensor, y: Tensor, phase: float, seed: int, height: float) -> tuple[Tensor, Tensor]:
    """Places (1, W) and (H, 1) after a wave has moved them, each HW."""
    start = seed % 1000 * 0.618
    straight = torch.sin(x * 0.9 - turns(phase, 0.3) + start) * (0.14 * height)
    # sin(a + b) as sin a cos b + cos a sin b, with a along x and b along y.
    a, b = x * 1.6 + turns(phase, 0.21), y * 0.7
    slanted = (a.sin() * b.cos()).addcmul_(a.cos(), b.sin()).mul_(0.06 * height)
    along = torch.sin(y * 1.2 + turns(phase, 0.17) + start) * (0.12 * height)
    return x + along, slanted.add_(straight).add_(y)


def _run(row: Tensor, distance: float, cycle: float, seed: int) -> Tensor:
    """How far each row has run, within `cycle`: every other one backwards, no neighbours at the same pace.

    Paces are whole eighths, so that the distance may start again after eight cycles however long the film is.
    """
    pace = torch.floor(torch.sin(row * 12.9898 + seed % 1000 * 0.7) * 3.0 + 6.0) * 0.125
    return (1.0 - 2.0 * torch.remainder(row, 2.0)) * pace * math.fmod(distance, 8.0 * cycle) + row * 0.37


LAYOUTS = {"words": words, "wave": wave, "ticker": ticker, "vortex": vortex}

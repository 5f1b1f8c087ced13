"""Test card: what a projector, a stream and a tempo are set up with."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_gpu.plugin.clock import Beat
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.typography.lettering import Lettering
from scope_synth.typography.sampler import sample
from scope_synth.view import Field, Fixed, View, turns

# 75 % bars in the order of their luma.
_BARS = ((1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0))
_GRAYS = 11
# Periods in pixels of the gratings.
_GRATINGS = (2, 3, 4, 6, 8)
_CIRCLE = 0.94
# Where the metronome's hand leaves its trace.
_HAND = 0.89
# Half the width of the middle, and where its rows lie: top and bottom.
_HALF = 0.6
_COLORS, _PALETTE, _DIAL, _STEPS, _FINE = (-0.6, -0.38), (-0.38, -0.27), (-0.27, 0.2), (0.2, 0.31), (0.31, 0.6)


class Testcard(Generator):
    """Circle, bars, grays, gratings, and a metronome."""

    name = "testcard"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        key = (scene.view, scene.seed, p.synth_detail)
        if memory.get("key") != key:
            memory |= {"key": key, "card": _card(scene, p.synth_detail)}
        return _moved(scene, memory["card"], p.synth_warp)


class _Card(NamedTuple):
    """What rests: the field of palette and hatch, the reference colors over it, x and y of the frame at scale 1, where the
    hand has been at what turn (2 off its rim), the squared distance from the middle of the zone plate, and where that is.
    """

    hue: Tensor
    light: Tensor
    fixed: Fixed
    x: Tensor
    y: Tensor
    turn: Tensor
    square: Tensor
    plate: Tensor


def _card(scene: Scene, detail: float) -> _Card:
    view = View(scene.view.height, scene.view.width, 1.0, scene.view.device)
    x, y = view.grid()
    middle, plate = _within(x, y, _PALETTE), _within(x, y, _FINE)
    hue = torch.where(middle, (x + _HALF) / (2.0 * _HALF), 0.4 + 0.16 * x / view.reach[0])
    light = torch.where(middle, 1.0, _hatch(view, x, y, (3.0 + 5.0 * round(3.0 * detail)) / scene.view.scale))
    light = torch.where(_within(x, y, _DIAL), 0.04, light)
    size = _written(view, scene.lettering, f"{view.width}x{view.height}", x, y, 0.74, 0.07)
    rim = (torch.hypot(x, y) - _HAND).abs_() < 0.022
    turn = torch.where(rim, torch.atan2(x, -y) / (2.0 * math.pi) % 1.0, 2.0)
    square = (x - 0.12).square() + (y - 0.455).square()
    return _Card(hue, light.maximum(size * 1.6), _references(view, x, y, scene.seed), x, y, turn, square, plate)


def _within(x: Tensor, y: Tensor, rows: tuple[float, float]) -> Tensor:
    return (x.abs() < _HALF) & (y >= rows[0]) & (y < rows[1])


def _hatch(view: View, x: Tensor, y: Tensor, lines: float) -> Tensor:
    """Squares and the circle, in lines that are a pixel soft."""
    wide = 1.2 * view.pixel
    off = [((side * lines + 0.5) % 1.0 - 0.5).abs_() / lines for side in (x, y)]
    squares = (1.5 - torch.minimum(*off) / wide).clamp_(0.0, 1.0)
    circle = (2.0 - (torch.hypot(x, y) - _CIRCLE).abs_() / wide).clamp_(0.0, 1.0)
    return (0.16 + 0.5 * squares).maximum(1.6 * circle)


def _references(view: View, x: Tensor, y: Tensor, seed: int) -> Fixed:
    """Colors that no control touches: bars, grays, gratings, and noise for codecs."""
    place = ((x + _HALF) / (2.0 * _HALF)).clamp_(0.0, 0.999)
    bars = torch.tensor(_BARS, dtype=torch.float32, device=x.device).mul_(0.75)[(place * len(_BARS)).long()]
    grays = (place * _GRAYS).floor() / (_GRAYS - 1)
    fine = torch.where(place < 0.4, _gratings(view, place / 0.4), _noise(view, seed))
    color, steps, cut = (
        _within(x, y, _COLORS),
        _within(x, y, _STEPS),
        _within(x, y, _FINE) & ((place < 0.4) | (place >= 0.8)),
    )
    rgb = bars.permute(2, 0, 1) * color + grays * steps + fine * cut
    return Fixed(rgb, (color | steps | cut).to(torch.float32))


def _gratings(view: View, place: Tensor) -> Tensor:
    column = torch.arange(view.width, device=view.device)
    stripes = [(column % period < period / 2).to(torch.float32) for period in _GRATINGS]
    which = (place * len(_GRATINGS)).clamp_(0, len(_GRATINGS) - 1).long()
    return torch.stack(stripes)[which, column]


def _noise(view: View, seed: int) -> Tensor:
    row, column = torch.arange(view.height, device=view.device), torch.arange(view.width, device=view.device)
    return hash_unit(column[None, :], row[:, None], 0, seed)


def _moved(scene: Scene, card: _Card, warp: float) -> Field:
    """The card with what moves: a zone plate, a line that runs over the frame, and the metronome."""
    view, light = View(scene.view.height, scene.view.width, 1.0, scene.view.device), card.light.clone()
    rows, columns = _part(view, _FINE, _HALF)
    rings = torch.cos(card.square[rows, columns] * (60.0 + 340.0 * warp) - turns(scene.phase, 0.5)).mul_(0.5).add_(0.5)
    light[rows, columns] = torch.where(card.plate[rows, columns], rings, light[rows, columns])
    sweep = (turns(scene.phase, 0.2) / math.pi - 1.0) * view.reach[0]
    line = (1.5 - (card.x[0] - sweep).abs() / view.pixel).clamp_(0.0, 1.0) * 1.4
    return Field(card.hue, _metronome(view, torch.maximum(light, line, out=light), card, scene), card.fixed)


def _part(view: View, rows: tuple[float, float], half: float) -> tuple[slice, slice]:
    """The pixels from one row to another, and so far from the middle, and a few more."""
    (wide, high), pixel = view.reach, view.pixel
    top, bottom = (max(0, round((row + high) / pixel) + more) for row, more in zip(rows, (-2, 2), strict=True))
    return slice(top, bottom), slice(max(0, round((wide - half) / pixel) - 2), round((wide + half) / pixel) + 2)


def _metronome(view: View, light: Tensor, card: _Card, scene: Scene) -> Tensor:
    """A hand that goes round once a beat, a lamp for each beat of the bar, and its number, which flashes; on `light`."""
    beat = scene.beat or Beat(0.0, 1.0)
    phase, number = beat.cycle(1.0), math.floor(beat.bar_position + 1e-6)
    flash = math.exp(-5.0 * phase)
    torch.maximum(light, (card.turn <= phase) * (1.1 + 0.6 * flash), out=light)
    lamps = max(4, number + 1)
    part = _part(view, _DIAL, max(_HALF, 0.13 * lamps))
    dial, x, y = light[part], card.x[part], card.y[part]
    for lamp in range(lamps):
        away = torch.hypot(x - (lamp - 1.5) * 0.13, y - 0.13)
        shown = ((0.04 - away) / view.pixel + 0.5).clamp_(0.0, 1.0)
        torch.maximum(dial, shown * (0.3 + (1.3 * flash + 0.4 if lamp == number else 0.0)), out=dial)
    digits = _written(view, scene.lettering, str(number + 1), x, y, -0.08, 0.15) * (0.5 + 1.3 * flash)
    torch.maximum(dial, digits, out=dial)
    return light


def _written(view: View, lettering: Lettering, text: str, x: Tensor, y: Tensor, middle: float, half: float) -> Tensor:
    ink = lettering.texture(text)
    shape = ink.shape[1] / ink.shape[0]
    return sample(ink, x / (half * shape), (y - middle) / half, 2.0 * half / view.pixel)

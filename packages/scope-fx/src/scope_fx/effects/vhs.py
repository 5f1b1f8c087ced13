"""VHS: a picture from a worn video tape."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import convolve
from scope_gpu.image.color import REC709_LUMA, luma
from scope_gpu.image.hashing import hash_number, hash_unit
from scope_gpu.image.warp import pick
from scope_gpu.image.windows import window
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# What a tape resolves along a line: about so many dots of brightness, and so many of color.
_DOTS, _COLOR_DOTS = 360, 90
_LINES = 480
# Amplifiers overshoot behind an edge; color comes late and trails off.
_RINGING = [0.06, -0.34, 1.28, 0.0, 0.0]
_SMEAR = [0.05, 0.08, 0.13, 0.19, 0.25, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0]
# The share of the lines at the bottom in which the heads are switched, and of a band of bad tracking.
_SWITCH, _BAND = 0.022, 0.07
# How much larger than the picture the tape is, of which every frame shows another part.
_SPARE = 256


class VhsFields(BaseModel):
    group: ClassVar[str] = "Signal"

    vhs: float = unit_slider("VHS", "Play the picture from a worn video tape")
    vhs_smear: float = unit_slider("VHS smear", "How far color runs to the right", 0.6)
    vhs_tracking: float = unit_slider("VHS tracking", "Lines that tremble, tear and switch heads", 0.4)
    vhs_noise: float = unit_slider("VHS noise", "Snow, and streaks where the tape has lost its coating", 0.4)


class Numbers(NamedTuple):
    """`wave`: the angle of a slow tremble. `band`: where bad tracking lies, beyond 1 while there is none. `top`, `left`:
    the part of the tape.
    """

    amount: float
    smear: float
    shake: float
    noise: float
    wave: float
    band: float
    top: float
    left: float


class Maps(NamedTuple):
    """`snow` and `lines`: noise for more rows than the picture has. `place` (H, 1): of a row, from 0 to 1."""

    snow: Tensor
    lines: Tensor
    place: Tensor
    size: tuple[int, int]


class Vhs(Effect):
    """Brightness and color are cut down to what a tape resolves, color more than brightness, late, and trailing; then
    lines tremble, and the last ones tear where the heads are switched.
    """

    fields = VhsFields

    def variant(self, p: VhsFields, context: Context) -> int:
        return context.seed

    def maps(self, size: tuple[int, int], device: torch.device, variant: int) -> Maps:
        height, width = size
        rows = torch.arange(height + _SPARE, device=device)[:, None]
        lines = hash_unit(rows, torch.zeros_like(rows), 2, variant) - 0.5
        place = (torch.arange(height, device=device) + 0.5)[:, None] / height
        dot = max(1, round(height / _LINES))
        return Maps(snow(height + _SPARE, width + _SPARE, dot, device, variant), lines, place, size)

    def numbers(self, p: VhsFields, context: Context) -> Numbers:
        top, left = (hash_number(context.index, axis, context.seed) % _SPARE for axis in (0, 1))
        return Numbers(
            p.vhs,
            p.vhs_smear,
            p.vhs * p.vhs_tracking,
            p.vhs * p.vhs_noise,
            math.tau * (context.seconds * 0.7 % 1.0),
            1.6 - context.seconds * 0.23 % 1.8,
            float(top),
            float(left),
        )

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        tone = luma(frame)
        color = frame[:, ::2] - tone
        soft = _wide(convolve(_narrow(tone, _DOTS), _RINGING, dim=-1), plan.size)
        dots = _narrow(color, _COLOR_DOTS)
        run = _wide(torch.lerp(dots, convolve(dots, _SMEAR, dim=-1), n.smear), plan.size)
        tone.lerp_(soft, n.amount)
        color = torch.lerp(color, run, n.amount)
        torn = 1.0 + 5.0 * switching(plan.place) + 4.0 * band(plan.place, n.band)
        tone.add_(window(plan.snow, n.top, n.left, *plan.size) * (torn * n.noise))
        places = shifted(n, plan)
        return _from_planes(pick(tone, places), pick(color, places), 1.0 - 0.12 * n.amount)


def shifted(n: Numbers, plan: Maps) -> Tensor:
    """Flat positions (H, W) that pixels come from."""
    height, width = plan.size
    dice = window(plan.lines, n.top, 0.0, height, 1)
    calm = 0.0016 * dice + 0.0012 * torch.sin(plan.place * 9.0 + n.wave)
    torn = switching(plan.place)
    bent = torn * (0.10 * torn + 0.03 * dice) + band(plan.place, n.band) * (0.015 + 0.03 * dice)
    shift = ((calm + bent) * (n.shake * width)).round().to(torch.int32)
    columns = torch.arange(width, device=dice.device, dtype=torch.int32)
    rows = torch.arange(height, device=dice.device, dtype=torch.int32)[:, None] * width
    return rows + (columns - shift).clamp_(0, width - 1)


def switching(place: Tensor) -> Tensor:
    """How far into the lines in which the heads are switched, 0 to 1."""
    return ((place - (1.0 - _SWITCH)) / _SWITCH).clamp(0.0, 1.0)


def band(place: Tensor, at: float | Tensor) -> Tensor:
    """A band of bad tracking around a place, 1 in its middle."""
    return (1.0 - (place - at).abs() / (0.5 * _BAND)).clamp(min=0.0)


def snow(height: int, width: int, dot: int, device: torch.device, seed: int) -> Tensor:
    """Noise (H, W) drawn out along the lines, of about 0.06, with a few white streaks, in dots of so many pixels."""
    rows, columns = (torch.arange(length, device=device) // dot for length in (height, width))
    rows, columns = rows[:, None], columns[None, :]
    white = hash_unit(columns, rows, 0, seed)
    gray = convolve((white - 0.5)[None, None], [0.2] * 5, dim=-1) * 0.5
    lost = ((hash_unit(columns, rows, 1, seed) > 0.99996).to(torch.float32))[None, None]
    # A streak begins at once and dies away.
    tail = [0.94**step for step in range(40)]
    streaks = _trail(lost, tail)
    return (gray + streaks)[0, 0]


def _trail(planes: Tensor, tail: list[float]) -> Tensor:
    """Each value followed to the right by a tail."""
    padded = F.pad(planes, (len(tail) - 1, 0))
    width = planes.shape[-1]
    total = torch.zeros_like(planes)
    for step, weight in enumerate(tail):
        start = len(tail) - 1 - step
        total.add_(padded[..., start : start + width], alpha=weight)
    return total.clamp_(max=1.0)


def _narrow(planes: Tensor, dots: int) -> Tensor:
    """Half as wide until there are about so many columns."""
    for _ in range(max(0, round(math.log2(max(planes.shape[-1], 1) / dots)))):
        if planes.shape[-1] % 2:
            planes = F.pad(planes, (0, 1, 0, 0), mode="replicate")
        planes = (planes[..., ::2] + planes[..., 1::2]).mul_(0.5)
    return planes


def _wide(planes: Tensor, size: tuple[int, int]) -> Tensor:
    """As wide as the picture again."""
    times = max(1, round(size[1] / planes.shape[-1]))
    grown = F.interpolate(
        planes.reshape(-1, 1, *planes.shape[-2:]), (size[0], planes.shape[-1] * times), mode="bilinear"
    )
    return grown.view(planes.shape[0], -1, *grown.shape[-2:])[..., : size[1]]


def _from_planes(tone: Tensor, color: Tensor, saturation: float | Tensor) -> Tensor:
    """Brightness and the differences of red and blue from it to a picture, 1CHW [0, 1]."""
    red, blue = (color * saturation).split(1, dim=1)
    r, g, b = REC709_LUMA
    green = (red * (-r / g)).sub_(blue, alpha=b / g)
    return torch.cat((tone + red, tone + green, tone + blue), dim=1).clamp_(0.0, 1.0)

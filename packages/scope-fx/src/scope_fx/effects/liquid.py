"""Liquid: the picture carried along by a fluid that flows without sources, with the light that its waves gather."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.bands import Rows, in_bands
from scope_gpu.image.blur import enlarge, growing
from scope_gpu.image.noise import Span, noise_grid
from scope_gpu.image.warp import coordinates, grid, read
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# The flow is computed on so many rows, whatever the picture's size, and followed in so many steps.
_ROWS, _STEPS = 72, 4
# How far amount 1 carries a pixel, as a share of the height, where the flow is of mean strength and straight.
_REACH = 0.055
# Pairs of noise turn into each other so many times in a cycle: never all at once.
_PACES = (1.0, 1.618, 0.73)
# Seconds of a cycle without a tempo; with one, four beats.
_PERIOD = 2.0
# Sizes are told apart so many to a doubling.
_SIZES = 4
_BRIGHTEST, _DARKEST = 0.5, -0.35


class LiquidFields(BaseModel):
    group: ClassVar[str] = "Geometry"

    liquid: float = unit_slider("Liquid", "How far a fluid carries the picture along")
    liquid_size: float = slider("Liquid size", "Size of the eddies, in doublings", 0.0, -2.0, 2.0)
    liquid_pace: float = unit_slider("Liquid pace", "How much of its cycle the flow goes through in four beats", 0.25)
    liquid_light: float = unit_slider("Liquid light", "Light that is gathered where the fluid draws together", 0.4)


class Numbers(NamedTuple):
    """`reach`: what a step carries, in half heights. `step`: how far the cycle goes on with this frame."""

    reach: float
    light: float
    step: float


class Maps(NamedTuple):
    """`potentials` (6, H', W'): stream functions on the coarse grid, in pairs. `x`, `y`: its points."""

    potentials: Tensor
    x: Tensor
    y: Tensor
    size: tuple[int, int]


class Liquid(Effect):
    """Curl noise (Bridson, Hourihan and Nordenstam, "Curl-noise for procedural fluid flow", SIGGRAPH 2007): the flow along
    the lines of a stream function, followed in four steps, so that it curls.

    The stream function is a sum of pairs of noise, cos(a) of one and sin(a) of the other, each pair at its own pace: its
    strength stays the same while it changes for ever. Light is gathered as the Jacobian of the way says. About 30 clones
    of a frame, half of it for a picture that is read at a new place for each pixel of each frame.
    """

    fields = LiquidFields

    def variant(self, p: LiquidFields, context: Context) -> tuple[int, int]:
        return context.seed, round(p.liquid_size * _SIZES)

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, int]) -> Maps:
        seed, scale = variant
        height, width = size
        columns = max(2, round(_ROWS * width / height))
        cells = 2.0 ** (1.0 - scale / _SIZES)
        aspect = width / height
        across, down = Span(0.0, 2.0 * aspect * cells, columns), Span(0.0, 2.0 * cells, _ROWS)
        noises = [noise_grid(across, down, 0.37, seed + number, device) for number in range(2 * len(_PACES))]
        x, y = coordinates(_ROWS, columns, device)
        # The same coordinates as those of the picture, whose width is not always a whole number of cells.
        x, y = torch.broadcast_tensors(x * (aspect * _ROWS / columns), y)
        # A flow as fast in large eddies as in small ones.
        return Maps(torch.stack(noises) / cells, x, y, size)

    def numbers(self, p: LiquidFields, context: Context) -> Numbers:
        rate = context.beat.per_second / 4.0 if context.beat else 1.0 / _PERIOD
        return Numbers(2.0 * _REACH * p.liquid / _STEPS, p.liquid_light, p.liquid_pace * rate * context.elapsed)

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        cycle = memory.get("cycle", frame.new_zeros(())) + n.step
        memory["cycle"] = cycle
        turns = [math.tau * pace * cycle for pace in _PACES]
        shares = torch.stack([wave for turn in turns for wave in (torch.cos(turn), torch.sin(turn))])
        flow = curl((plan.potentials * shares.view(-1, 1, 1)).sum(0), plan)
        x, y = followed(flow, plan, n.reach)
        height, width = plan.size
        large = enlarged(torch.stack((x - plan.x, y - plan.y, gathered(x, y))), height, width)
        own_x, own_y = coordinates(height, width, frame.device)

        def carried(band: Tensor, beside: tuple[Tensor, Tensor]) -> Tensor:
            (right, down, light), own_y = beside[0][0], beside[1]
            return lit(read(frame, grid(own_x + right, own_y + down, height, width)), light, n.light)

        return in_bands(carried, torch.empty_like(frame), (large, own_y))


def lit(band: Tensor, gathered: Tensor, amount: float | Tensor) -> Tensor:
    """Light brightens what is there, up to white, and leaves a shade where it is missing; black stays black."""
    light = (gathered * amount).clamp_(_DARKEST, _BRIGHTEST)
    bright = light.clamp(min=0.0)
    return band * ((1.0 - light.abs()).addcmul(bright, 2.0 - band))


def enlarged(coarse: Tensor, height: int, width: int) -> Tensor | Rows:
    """(C, H', W') as 1CHW at the picture's size: smoothly up to a quarter of it, and straight from there, which costs
    less.
    """
    quarter = F.interpolate(coarse[None], (-(-height // 4), -(-width // 4)), mode="bicubic")
    return enlarge(quarter, height, width) if height % 4 or width % 4 else growing(quarter, 2, height, width)


def curl(potential: Tensor, plan: Maps) -> Tensor:
    """The flow along the lines of a potential (H', W'), as (1, 2, H', W') in units of the coordinates."""
    padded = F.pad(potential[None, None], (1, 1, 1, 1), mode="replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) * (0.25 * plan.x.shape[0])
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) * (0.25 * plan.x.shape[0])
    return torch.cat((down, -across), dim=1)


def followed(flow: Tensor, plan: Maps, reach: float | Tensor) -> tuple[Tensor, Tensor]:
    """Where the points of the grid are carried, in steps of `reach` times the flow where each has come to."""
    x, y = plan.x, plan.y
    height, width = plan.size
    for step in range(_STEPS):
        here = flow if step == 0 else read(flow, grid(x, y, height, width), "border")
        x, y = x + here[0, 0] * reach, y + here[0, 1] * reach
    return x, y


def gathered(x: Tensor, y: Tensor) -> Tensor:
    """How the light of a plane wave is gathered or thinned on the way back, from where points come: J - 1 of the map."""

    def slope(values: Tensor, dim: int) -> Tensor:
        return torch.gradient(values, dim=dim)[0]

    even = slope(x, 1).mean() * slope(y, 0).mean()
    return (slope(x, 1) * slope(y, 0) - slope(x, 0) * slope(y, 1)) / even - 1.0

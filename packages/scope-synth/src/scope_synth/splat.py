"""Points of light drawn straight into a picture."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scope_synth.view import Field, View


@dataclass(frozen=True)
class Points:
    """`count` points, each value a float tensor (count,): place in the plane of the view, place in the palette, peak
    light, and radius in pixels.
    """

    x: Tensor
    y: Tensor
    hue: Tensor
    light: Tensor
    radius: Tensor


def splat(points: Points, view: View, ground: Field, reach: int = 3) -> Field:
    """Add Gaussian points to a ground; the hue of a pixel is that of its lights, weighed by their strength.

    Args:
        reach: pixels that a point is drawn to on each side; its radius is at most half of it.
    """
    weight, index = _footprints(points, view, reach)
    light = weight * points.light
    planes = torch.stack((ground.light, ground.light * ground.hue)).flatten(1)
    lit = torch.stack((light, light * points.hue)).flatten(1)
    planes.index_add_(1, index.flatten(), lit)
    total, hues = planes.unflatten(1, (view.height, view.width))
    return Field(hues / total.clamp(min=1e-4), total)


def _footprints(points: Points, view: View, reach: int) -> tuple[Tensor, Tensor]:
    """Weight and flat index of each pixel under each point: (pixels, count); the weight outside the frame is 0."""
    wide, high = view.reach
    column, row = (points.x + wide) / view.pixel - 0.5, (points.y + high) / view.pixel - 0.5
    steps = torch.arange(-reach, reach + 1, device=column.device)
    across = column.round().clamp(-1e6, 1e6).to(torch.int64) + steps.repeat(len(steps))[:, None]
    down = row.round().clamp(-1e6, 1e6).to(torch.int64) + steps.repeat_interleave(len(steps))[:, None]
    away = (across - column).square_().add_((down - row).square_())
    shown = (across >= 0) & (across < view.width) & (down >= 0) & (down < view.height)
    weight = torch.exp(away / (-2.0 * points.radius.square())) * shown
    return weight, (down * view.width + across).mul_(shown)

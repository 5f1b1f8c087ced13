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
    (across, column), (down, row) = (
        _footprint(place, side, points.radius, reach)
        for place, side in (
            ((points.x + view.reach[0]) / view.pixel - 0.5, view.width),
            ((points.y + view.reach[1]) / view.pixel - 0.5, view.height),
        )
    )
    light = down[:, None] * (across * points.light)
    index = (row * view.width)[:, None] + column
    planes = torch.stack((ground.light, ground.light * ground.hue)).flatten(1)
    planes.index_add_(1, index.flatten(), torch.stack((light, light * points.hue)).flatten(1))
    total, hues = planes.unflatten(1, (view.height, view.width))
    return Field(hues / total.clamp(min=1e-4), total)


def _footprint(place: Tensor, side: int, radius: Tensor, reach: int) -> tuple[Tensor, Tensor]:
    """Along one axis, weight and number of each pixel under each point: (pixels, count); outside the frame the weight is 0."""
    pixel = place.round() + torch.arange(-reach, reach + 1, device=place.device)[:, None]
    shown = (pixel >= 0.0) & (pixel < side)
    weight = torch.exp((pixel - place).square_() / (-2.0 * radius.square())) * shown
    return weight, pixel.clamp_(0.0, side - 1.0).to(torch.int64)

"""Relief."""

import torch
from torch import Tensor

from scope_control.levels import gain
from scope_control.maps.base import ControlMap, SharedFields, Shot, Source
from scope_control.maps.blur import low_pass
from scope_gpu.image.color import REC709_LUMA
from scope_gpu.image.gradients import scharr

SCALES = (1.0, 4.0, 12.0)


class Relief(ControlMap):
    """A normal map of the picture, with brightness taken for height."""

    name = "relief"
    aliases = ("normals",)

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(weights=REC709_LUMA)

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        return relief(shot.frames, height=4.0 * gain(p.control_detail))


def relief(gray: Tensor, *, height: float) -> Tensor:
    """A relief as a normal map, luma T1HW [0, 1] to T3HW [0, 1]: red right, green up, blue towards the viewer.

    Brightness is taken for height: no depth is measured. (n + 1) / 2 for the unit normal n of that surface, summed over
    three scales so that forms bulge and not only edges; flat is (0.5, 0.5, 1).

    Args:
        height: how high the surface rises; 0 is flat.
    """
    x, y = torch.zeros_like(gray), torch.zeros_like(gray)
    for sigma in SCALES:
        dx, dy = scharr(low_pass(gray, sigma=sigma))
        # The surface falls away to the right where it rises to the left, and green counts upwards.
        x, y = x - height * sigma * dx, y + height * sigma * dy
    scale = 0.5 / torch.sqrt(x * x + y * y + 1.0)
    return torch.cat([x * scale, y * scale, scale], dim=1).add_(0.5)

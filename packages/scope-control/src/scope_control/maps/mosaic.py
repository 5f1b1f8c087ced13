"""Mosaic."""

from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_control.maps.base import ControlMap, Shot, pixels
from scope_gpu.plugin.controls import slider


class MosaicFields(BaseModel):
    control_mosaic_size: int = slider(
        "Mosaic size", "Side of the mosaic's squares, in 512ths of the picture's height", 24, 2, 128, order=13
    )


class Mosaic(ControlMap):
    """Squares of mean color."""

    name = "mosaic"
    fields = MosaicFields

    def draw(self, shot: Shot, p: MosaicFields) -> Tensor:
        return mosaic(shot.frames, size=max(1, round(pixels(p.control_mosaic_size, shot.frames))))


def mosaic(frames: Tensor, *, size: int) -> Tensor:
    """Squares of `size` pixels in their mean color, TCHW to TCHW in the range of the input.

    A palette laid out over the picture, as T2I-Adapter's "color grid" is given. The last row and column may be cut.
    """
    height, width = frames.shape[-2:]
    padded = F.pad(frames, (0, -width % size, 0, -height % size), mode="replicate")
    means = F.avg_pool2d(padded, size)
    return means.repeat_interleave(size, dim=-2).repeat_interleave(size, dim=-1)[..., :height, :width]

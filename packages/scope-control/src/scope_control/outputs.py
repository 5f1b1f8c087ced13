"""Maps on their way to a host."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from scope_gpu.image.blur import grow
from scope_gpu.plugin.frames import enlarged_thwc, passthrough, to_thwc


def shown(maps: Tensor, height: int, width: int) -> Tensor:
    """T1HW or T3HW, at the size of a picture or halved some times, as THWC of that picture's size."""
    doublings = 0
    while maps.shape[-2] << doublings < height or maps.shape[-1] << doublings < width:
        doublings += 1
    if maps.shape[1] == 3:
        return enlarged_thwc(maps, doublings, height, width)
    return to_thwc(grow(maps, doublings, height, width).expand(-1, 3, -1, -1))


def beside(
    outputs: dict[str, Any], call: Mapping[str, Any], device: torch.device, *, control: bool = False, mask: bool = False
) -> dict[str, Any]:
    """The picture itself with its map beside it, where it shall be sent as VACE's control or mask."""
    extra = {}
    if control:
        extra["vace_input_frames"] = outputs["video"]
    if mask:
        extra["vace_input_masks"] = outputs["video"][..., :1].contiguous()
    return {"video": passthrough(call["video"], device), **extra} if extra else outputs

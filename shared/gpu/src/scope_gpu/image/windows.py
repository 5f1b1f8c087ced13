"""Parts of a larger picture at places that change from frame to frame."""

import torch
from torch import Tensor


def window(picture: Tensor, top: float | Tensor, left: float | Tensor, height: int, width: int) -> Tensor:
    """(..., H, W) cut to `height` x `width` at whole pixels.

    Places that are numbers give a view. Places that are 0-dim tensors give a copy, without waiting for their device.
    """
    if isinstance(top, Tensor) or isinstance(left, Tensor):
        rows = (torch.arange(height, device=picture.device) + top).to(torch.int64)
        columns = (torch.arange(width, device=picture.device) + left).to(torch.int64)
        return picture[..., rows[:, None], columns]
    return picture[..., int(top) : int(top) + height, int(left) : int(left) + width]

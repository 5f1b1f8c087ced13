"""Faint unevenness taken out of flat areas, so that the border between two tones is a line and no cloud."""

import torch
from torch import Tensor

from scope_gpu.image.blur import gaussian_blur, grow, shrink

# Halvings of the picture in which areas are judged, and how far around each place, in its pixels.
_HALVINGS, _REACH = 2, 2.0


def evened(plane: Tensor, contrast: float) -> Tensor:
    """11HW without what differs from its surroundings by less than about `contrast`; edges stay where they are.

    The guided filter of He & Sun, "Fast guided filter", 2015, with the picture as its own guide: what it takes for flat
    becomes its mean, what varies by more stays.
    """
    size = plane.shape[-2:]
    low, squares = shrink(plane, _HALVINGS), shrink(plane * plane, _HALVINGS)
    mean, square = gaussian_blur(torch.cat((low, squares), dim=1), _REACH).split(1, dim=1)
    variance = (square - mean * mean).clamp_(min=0.0)
    kept = variance / (variance + contrast * contrast)
    both = gaussian_blur(torch.cat((kept, mean - mean * kept), dim=1), _REACH)
    slope, offset = grow(both, _HALVINGS, *size).split(1, dim=1)
    return plane * slope + offset

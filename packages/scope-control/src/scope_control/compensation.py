"""The last picture brought to where its parts are now: block motion compensation in whole pixels, as video codecs do it."""

import math

import torch
from torch import Tensor

from scope_control.flow import flow
from scope_gpu.image.blur import shrink

SIDE = 16
"""Pixels of a block at full size."""
STILL = 0.01
"""Mean change of luma in a block, [0, 1], up to which it is taken to rest: above what noise makes of so many pixels."""
GAUGE = 2
"""Movement is measured in luma that has been halved this many times, and once more."""


def vectors(now: Tensor, past: Tensor) -> Tensor:
    """How each block has moved since the frame before, T2HW in blocks, in pixels at full size to the right and downwards.

    Where nothing changes nothing moves, whatever goes on beside it.

    Args:
        now, past: luma T1HW [0, 1], `GAUGE` times halved.
    """
    field = flow(shrink(now), shrink(past))
    finest = 2 << GAUGE
    times = (SIDE // finest).bit_length() - 1
    changes = shrink((now - past).abs(), times + 1) > STILL
    return shrink(field, times) * changes.to(field.dtype) * finest


def places(vectors: Tensor, height: int, width: int, halvings: int = 0) -> Tensor:
    """From where a picture is taken, run by run: places in the flat picture before it, int32.

    A run is as many pixels of a row as divide both a block and the width, for what lies together is copied together.
    Whole blocks are taken; one that would lie beyond the edge is moved back into the picture.

    Args:
        vectors: 12HW, of one frame.
        height, width: of the picture, `halvings` times halved.
    """
    side, (down, across) = max(1, SIDE >> halvings), vectors.shape[-2:]
    run = math.gcd(side, width)
    steps = (-vectors[0] / 2**halvings).round().to(torch.int32)
    columns = _kept_inside(steps[0], side, width, dim=1)
    rows = _kept_inside(steps[1], side, height, dim=0)
    runs = side // run
    own = _counted(down * side, vectors)[:, None] * width + _counted(across * runs, vectors) * run
    taken = own.view(down, side, across, runs) + (rows * width + columns).view(down, 1, across, 1)
    return taken.view(down * side, across * runs)[:height, : width // run].reshape(-1)


def taken_from(picture: Tensor, places: Tensor, into: Tensor | None = None) -> Tensor:
    """A picture 1CHW with the runs of pixels that were at `places`.

    Args:
        into: another picture of that shape, written over and returned: fresh memory costs more than the work.
    """
    into = torch.empty_like(picture) if into is None else into
    run = picture[0, 0].numel() // len(places)
    for plane, taken in zip(picture[0], into[0], strict=True):
        flat = plane.reshape(-1)
        starts = flat.as_strided((len(flat) - run + 1, run), (1, 1), flat.storage_offset())
        torch.index_select(starts, 0, places, out=taken.view(-1, run))
    return into


def _kept_inside(steps: Tensor, side: int, size: int, dim: int) -> Tensor:
    """Steps of blocks along one dimension, limited so that no block leaves a picture of `size` pixels."""
    starts = _counted(steps.shape[dim], steps) * side
    ends = (starts + side).clamp(max=size)
    shape = (-1, 1) if dim == 0 else (1, -1)
    return torch.minimum(torch.maximum(steps, -starts.view(shape)), (size - ends).view(shape))


def _counted(count: int, like: Tensor) -> Tensor:
    return torch.arange(count, dtype=torch.int32, device=like.device)

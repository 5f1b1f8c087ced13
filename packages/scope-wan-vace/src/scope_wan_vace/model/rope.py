"""Rotary positions of Wan: three axes (frame, row, column) in interleaved pairs (RoFormer, arXiv 2104.09864).

Angles are taken in float64: at frame 100000 a float32 angle is already wrong in the third digit.
"""

import torch
from torch import Tensor

THETA = 10000.0

Rope = tuple[Tensor, Tensor]  # cos, sin: [tokens, 1, head_dim / 2], float32


def axis_pairs(head_dim: int) -> tuple[int, int, int]:
    """Number of channel pairs turned by frame, row and column: 22, 21, 21 for a head of 128."""
    side = head_dim // 6
    return head_dim // 2 - 2 * side, side, side


def _angles(positions: Tensor, pairs: int) -> Tensor:
    exponent = torch.arange(pairs, device=positions.device, dtype=torch.float64) / pairs
    return torch.outer(positions, THETA**-exponent)


def rotation(start: int, frames: int, rows: int, columns: int, head_dim: int, device: torch.device) -> Rope:
    """Cos and sin of every token of a block whose first latent frame has the absolute position `start`.

    Tokens run frame by frame, row by row. Nothing is read back from the device.
    """
    by_frame, by_row, by_column = axis_pairs(head_dim)

    def axis(first: int, count: int) -> Tensor:
        return torch.arange(first, first + count, device=device, dtype=torch.float64)

    grid = (frames, rows, columns)
    angles = torch.cat(
        [
            _angles(axis(start, frames), by_frame)[:, None, None].expand(*grid, -1),
            _angles(axis(0, rows), by_row)[None, :, None].expand(*grid, -1),
            _angles(axis(0, columns), by_column)[None, None, :].expand(*grid, -1),
        ],
        dim=-1,
    ).reshape(frames * rows * columns, 1, -1)
    return angles.cos().float(), angles.sin().float()


def frame_shift(frames: int, head_dim: int, device: torch.device) -> Rope:
    """Rotation that moves any token on by `frames` latent frames; one for all tokens."""
    by_frame, by_row, by_column = axis_pairs(head_dim)
    angles = _angles(torch.full((1,), frames, device=device, dtype=torch.float64), by_frame)
    angles = torch.nn.functional.pad(angles, (0, by_row + by_column))[:, None]
    return angles.cos().float(), angles.sin().float()


def rotate(x: Tensor, rope: Rope) -> Tensor:
    """Turn `x` [batch, tokens, heads, head_dim] by its positions; same dtype, computed in float32."""
    cos, sin = rope
    even, odd = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).type_as(x)

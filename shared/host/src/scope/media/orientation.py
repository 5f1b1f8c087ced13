"""How a stored picture is turned to be displayed: the display matrix of video files."""

import struct
from typing import NamedTuple

import torch
from av import VideoFrame


class Orientation(NamedTuple):
    """One of the eight ways to lay a picture: first transposed, then mirrored."""

    transposed: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def apply(self, pixels: torch.Tensor) -> torch.Tensor:
        """Stored pixels (H, W, C) as they are displayed."""
        if self.transposed:
            pixels = pixels.transpose(0, 1)
        mirrored = [axis for axis, on in ((0, self.mirror_y), (1, self.mirror_x)) if on]
        return pixels.flip(mirrored) if mirrored else pixels


def orientation_of(frame: VideoFrame) -> Orientation:
    """The orientation in the frame's display matrix, turned to the nearest right angle; upright without one.

    The matrix maps a stored (x, y) to (a x + c y, b x + d y), ISO/IEC 14496-12, 8.3.2.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Orientation()
    a, b, _, c, d = struct.unpack_from("=5i", bytes(matrix))
    if abs(b) > abs(a):
        return Orientation(transposed=True, mirror_x=c < 0, mirror_y=b < 0)
    return Orientation(mirror_x=a < 0, mirror_y=d < 0)

"""One compressed picture."""

from typing import Literal, NamedTuple

from scope.media.fit import Size

Format = Literal["jpeg", "h264", "vp8"]
FORMATS: tuple[Format, ...] = ("jpeg", "h264", "vp8")

KEY, DELTA, JPEG = 1, 2, 3


class PacketError(Exception):
    """A packet cannot be decoded or a picture not encoded, in one sentence."""


class Packet(NamedTuple):
    """`kind` is KEY, DELTA or JPEG; `size` is that of the picture in `data`, (width, height)."""

    kind: int
    data: bytes
    size: Size


def fitted(size: Size, width: int | None) -> Size:
    """The size scaled down, in its own shape, to at most `width`."""
    if width is None or size[0] <= width:
        return size
    return width, max(1, round(size[1] * width / size[0]))

"""The binary frame of the view and ingest sockets: a header of 24 bytes, then the payload. See PROTOCOL.md."""

import struct
from typing import NamedTuple, Self

from scope.engine.link import Picture
from scope.media.packet import Packet

# Beside the kinds of pictures: 16-bit samples, channels taking turns. `width` is their number, `pipeline_us` the rate.
SOUND = 4
_HEADER = struct.Struct("<BBHIQHHI")
assert _HEADER.size == 24


class FrameError(ValueError):
    """Bytes that are no frame, in one sentence."""


class Frame(NamedTuple):
    """`kind`: KEY, DELTA or JPEG of `scope.media.packet`, or SOUND. `capture_us`: the sender's monotonic clock."""

    kind: int
    number: int
    capture_us: int
    width: int
    height: int
    pipeline_us: int
    payload: bytes

    @classmethod
    def of(cls, picture: Picture, packet: Packet) -> Self:
        """A picture of the engine as the encoder packed it."""
        width, height = packet.size
        captured, took = picture.captured_ns // 1000, min(picture.pipeline_us, 2**32 - 1)
        return cls(packet.kind, picture.number, captured, width, height, took, packet.data)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The frame that a client sent.

        Raises:
            FrameError: shorter than a header, or a header of another length.
        """
        if len(data) < _HEADER.size:
            raise FrameError(f"expected a header of {_HEADER.size} bytes, got {len(data)}")
        kind, _flags, length, number, capture_us, width, height, pipeline_us = _HEADER.unpack_from(data)
        if not _HEADER.size <= length <= len(data):
            raise FrameError(f"expected the length of the header, at least {_HEADER.size}, got {length}")
        return cls(kind, number, capture_us, width, height, pipeline_us, data[length:])

    def bytes(self) -> bytes:
        """As it travels."""
        header = (self.kind, 0, _HEADER.size, self.number, self.capture_us, self.width, self.height, self.pipeline_us)
        return _HEADER.pack(*header) + self.payload

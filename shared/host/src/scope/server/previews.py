"""Small moving pictures of a source that the show does not play, for who chooses one: JPEGs one after another."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import numpy as np

from scope.media.color import Converter
from scope.media.decoding import Damage, decoded, open_container, video_stream
from scope.media.errors import MediaError
from scope.media.packets import open_encoder
from scope.media.ports import PortError, open_in

BOUNDARY = "frame"
MEDIA_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
_WIDTH = 480


def pictures_of_file(path: Path, fps: float) -> Iterator[np.ndarray]:
    """A film's pictures as they are stored, so many for each of its seconds, again and again.

    Raises:
        MediaError: it cannot be read, or has none.
    """
    converter = Converter()
    while True:
        due = None
        with open_container(path) as container:
            for frame in decoded(container, video_stream(container, path), Damage()):
                seconds = frame.time or 0.0
                if due is None or seconds >= due:
                    due = seconds + 1 / fps
                    yield np.asarray(converter.to_rgb(frame, (frame.width, frame.height)))
        if due is None:
            raise MediaError(f"no picture of {path} can be decoded")


def pictures_of_port(kind: str, address: str) -> Iterator[np.ndarray]:
    """What comes in from another program.

    Raises:
        PortError: nobody sends there.
    """
    port = open_in(kind, address)
    try:
        yield from port.pictures()
    finally:
        port.close()


async def preview(
    first: np.ndarray, pictures: Iterator[np.ndarray], fps: float, *, flip: bool
) -> AsyncGenerator[bytes]:
    """The parts of a response of `MEDIA_TYPE`, so many a second; `flip` turns them upside down."""
    encoder = open_encoder("jpeg", width=_WIDTH, quality=80)
    picture: np.ndarray | None = first
    while picture is not None:
        data = (await asyncio.to_thread(encoder.encode, picture[::-1] if flip else picture)).data
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        yield head.encode() + data + b"\r\n"
        await asyncio.sleep(1 / fps)
        picture = await asyncio.to_thread(_next, pictures)


def _next(pictures: Iterator[np.ndarray]) -> np.ndarray | None:
    """None at the end, also where a source breaks off: a preview just ends."""
    try:
        return next(pictures, None)
    except (MediaError, PortError):
        return None

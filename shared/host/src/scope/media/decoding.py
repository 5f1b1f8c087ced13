"""Decoding a video stream to the end of a file, past what is damaged in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from scope.media.errors import MediaError
from scope.media.remote import Remote


@dataclass
class Damage:
    """Why a part of a file could not be read; empty while all is well."""

    reason: str = ""


def open_container(path: Path | Remote) -> InputContainer:
    """The file, opened.

    Raises:
        MediaError: it cannot be reached, or FFmpeg cannot read it.
    """
    # torchvision, where something imports it, routes FFmpeg's log through Python. A decoding thread that logs while its
    # decoder is freed then waits for the interpreter, which waits for the thread.
    av.logging.set_level(None)
    try:
        return av.open(path.open() if isinstance(path, Remote) else str(path))
    except FFmpegError as error:
        raise MediaError(f"cannot read {path} as a video: {_reason(error)}") from error


def video_stream(container: InputContainer, path: Path | Remote) -> VideoStream:
    """The best video stream, decoded on several threads; a cover picture is none.

    Raises:
        MediaError: there is none.
    """
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
        raise MediaError(f"{path} has no video stream")
    stream.thread_type = "AUTO"
    return stream


def decoded(container: InputContainer, stream: VideoStream, damage: Damage) -> Iterator[av.VideoFrame]:
    """The stream's frames in display order; what cannot be decoded is left out and told in `damage`."""
    for packet in _packets(container, stream, damage):
        try:
            yield from stream.decode(packet)
        except av.error.EOFError:
            return
        except FFmpegError as error:
            damage.reason = _reason(error)


def _packets(container: InputContainer, stream: VideoStream, damage: Damage) -> Iterator[av.Packet | None]:
    """The stream's packets up to the end or the break, then one that flushes the decoder."""
    try:
        yield from container.demux(stream)
    except FFmpegError as error:
        damage.reason = _reason(error)
        yield None


def _reason(error: FFmpegError) -> str:
    return (error.strerror or str(error)).lower()

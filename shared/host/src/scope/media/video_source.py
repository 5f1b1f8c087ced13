"""Video files as sources: every frame once, in order, at the time the file gives it."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple

import av
import torch
from av.container import InputContainer
from av.video.stream import VideoStream

from scope.media.color import Converter
from scope.media.decoding import Damage, decoded, open_container, video_stream
from scope.media.errors import MediaError
from scope.media.fit import Size, cover_size, crop_center, square_pixel_size
from scope.media.orientation import Orientation, orientation_of
from scope.media.remote import Remote
from scope.media.sound import FileSound
from scope.media.source import Picture, Pictures, Source
from scope.media.spans import WHOLE, Span, within

_UNKNOWN_RATE = Fraction(25)


def open_video(path: Path | Remote, size: Size | None, span: Span = WHOLE) -> Source:
    """The best video stream of a file that FFmpeg reads, or a part of it with the times that it has in the whole.

    Rotation, mirroring and non-square pixels are applied; interlaced frames stay as they are. `rate` is the
    average that the file states; where the rate varies, the times of the pictures are the truth. Damaged parts are
    left out, with a note, as players do.

    Raises:
        MediaError: the file cannot be read, has no video stream, or none of its frames can be decoded.
    """
    with open_container(path) as container:
        stream = video_stream(container, path)
        first = _first_frame(container, stream, path)
        display = _Display(Fraction(stream.sample_aspect_ratio or 1), orientation_of(first))
        size = size or display.size((first.width, first.height))
        rate, count = _rate(stream), _count(container, stream, span)
        sound = FileSound(path, first.time or 0.0) if container.streams.audio else None
    return Source(rate, *size, count, partial(_pictures, path, display, size, rate, span, first.time), sound=sound)


class _Display(NamedTuple):
    """How stored frames are meant to be seen."""

    pixel_aspect: Fraction
    orientation: Orientation

    def size(self, stored: Size) -> Size:
        """The size of a frame of the stored size as it is seen."""
        return self._turned(square_pixel_size(stored, self.pixel_aspect))

    def picture(self, frame: av.VideoFrame, size: Size, converter: Converter) -> torch.Tensor:
        """The frame as it is seen, covering `size`, uint8 (H, W, 3)."""
        covering = cover_size(self.size((frame.width, frame.height)), size)
        pixels = torch.from_numpy(converter.to_rgb(frame, self._turned(covering)))
        return crop_center(self.orientation.apply(pixels), size).contiguous()

    def _turned(self, size: Size) -> Size:
        return (size[1], size[0]) if self.orientation.transposed else size


def _first_frame(container: InputContainer, stream: VideoStream, path: Path | Remote) -> av.VideoFrame:
    damage = Damage()
    for frame in decoded(container, stream, damage):
        return frame
    raise MediaError(f"no frame can be read from {path}: {damage.reason or 'its video stream is empty'}")


def _pictures(
    path: Path | Remote,
    display: _Display,
    size: Size,
    rate: Fraction,
    span: Span,
    start: float | None,
    notes: list[str],
) -> Pictures:
    converter, damage, count = Converter(), Damage(), 0
    with open_container(path) as container:
        stream = video_stream(container, path)
        total = _count(container, stream, span)
        frames = _decoded(container, stream, span, damage, path)
        for frame, time in _timed(frames, rate, start):
            yield Picture(display.picture(frame, size, converter), time)
            count += 1
        if damage.reason:
            notes.append(
                f"{path} is damaged or cut short ({damage.reason}): {count} of {total or '?'} frames were read"
            )


def _decoded(
    container: InputContainer, stream: VideoStream, span: Span, damage: Damage, path: Path | Remote
) -> Iterator[av.VideoFrame]:
    if span == WHOLE:
        return decoded(container, stream, damage)
    if span.start is not None:
        container.seek(span.start, stream=stream)
    return within(decoded(container, stream, damage), span, path)


def _timed(
    frames: Iterator[av.VideoFrame], rate: Fraction, start: float | None
) -> Iterator[tuple[av.VideoFrame, float]]:
    """Each frame with its seconds since `start`, never backwards; by the rate where the file stores no times."""
    last = 0.0
    for index, frame in enumerate(frames):
        time = frame.time if frame.time is not None else float(index / rate)
        start = time if start is None else start
        last = max(last, time - start)
        yield frame, last


def _rate(stream: VideoStream) -> Fraction:
    rate = stream.average_rate or stream.guessed_rate or _UNKNOWN_RATE
    return Fraction(rate).limit_denominator(1001)


def _count(container: InputContainer, stream: VideoStream, span: Span) -> int | None:
    if span != WHOLE:
        return _count_of_part(container, stream, span)
    if stream.frames:
        return stream.frames
    if stream.duration is not None and stream.time_base is not None:
        seconds = stream.duration * stream.time_base
    elif container.duration is not None:
        seconds = Fraction(container.duration, av.time_base)
    else:
        return None
    return max(1, round(seconds * _rate(stream)))


def _count_of_part(container: InputContainer, stream: VideoStream, span: Span) -> int:
    assert stream.time_base is not None
    first, whole = stream.start_time or 0, _count(container, stream, WHOLE) or 0
    before = 0 if span.start is None else (span.start - first) * stream.time_base * _rate(stream)
    until = whole if span.end is None else (span.end - first) * stream.time_base * _rate(stream)
    return max(1, round(until - before))

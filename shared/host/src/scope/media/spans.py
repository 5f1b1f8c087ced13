"""Parts of a video file that can be decoded apart, because each begins at a key frame."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from scope.media.decoding import open_container, video_stream
from scope.media.errors import MediaError
from scope.media.remote import Remote

# Of these an index is stored, by which a seek ends at a key frame.
_INDEXED = {"mp4", "mov", "matroska", "webm"}


class Span(NamedTuple):
    """The frames of a video stream from `start` on and before `end`, in the stream's own units; None: of the file."""

    start: int | None
    end: int | None


WHOLE = Span(None, None)


def key_frame_spans(path: Path | Remote, seconds: float) -> list[Span]:
    """The video in parts of about so many seconds; in one where it has no index or too few key frames.

    Raises:
        MediaError: the file cannot be read.
    """
    with open_container(path) as container:
        stream = video_stream(container, path)
        cuts = list(_cuts(container, stream, seconds)) if _INDEXED & set(container.format.name.split(",")) else []
    return [Span(*ends) for ends in pairwise([None, *cuts, None])]


def _cuts(container: InputContainer, stream: VideoStream, seconds: float) -> Iterator[int]:
    if stream.time_base is None or container.duration is None:
        return
    step = round(seconds / stream.time_base)
    first = at = stream.start_time or 0
    end = first + container.duration / av.time_base / stream.time_base
    # A last part that is shorter than half of the others stays with the one before.
    while (at := at + step) < end - step / 2:
        container.seek(at, stream=stream)
        cut = next((p.pts for p in container.demux(stream) if p.is_keyframe and p.pts is not None), first)
        if cut > first:
            yield cut
            first = at = cut


def within(frames: Iterator[av.VideoFrame], span: Span, path: Path | Remote) -> Iterator[av.VideoFrame]:
    """The frames of a span, from a decoder that began at the key frame before it or earlier.

    Raises:
        MediaError: the frame is not there that the span begins with.
    """
    begun = span.start is None
    for frame in frames:
        if frame.pts is None or (span.start is not None and frame.pts < span.start):
            continue
        if not begun and frame.pts != span.start:
            raise MediaError(f"{path} cannot be read from the middle: expected frame {span.start}, got {frame.pts}")
        begun = True
        if span.end is not None and frame.pts >= span.end:
            return
        yield frame

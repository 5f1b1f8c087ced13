"""H.264 and AAC as one stream without delay, into whatever FFmpeg or a file object takes it to.

Pixels are uint8 (H, W, 3) RGB arrays, samples float32 (2, N), 48000 a second. Importing this module imports no torch.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Protocol

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from scope.media.color import Converter
from scope.media.fit import Size
from scope.media.live_sound import LiveTrack

_RATE = 30
_TIME_BASE = Fraction(1, 90_000)
# A viewer who comes in the middle waits at most so long for a picture.
_KEY_FRAMES = 2 * _RATE
# Pictures wait no longer for the sound beside them; microseconds.
_MOST_APART = 100_000


class Writer(Protocol):
    """A file object as far as a stream needs one."""

    def write(self, data: bytes, /) -> int:
        """Take it all."""
        ...


class LiveStream:
    """One stream. A picture of another size is scaled to the first one's; where there is no sound, there is silence.

    Every method raises what PyAV and the file raise.
    """

    def __init__(
        self, target: str | Writer, kind: str, options: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> None:
        self._target, self._kind, self._options, self._timeout = target, kind, dict(options or {}), timeout
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._sound = LiveTrack(hurry=True)
        self._converter = Converter()
        self._began = self._seconds = 0.0
        self._last = -1

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """Send a picture that is shown from `seconds` on; the first one opens the stream."""
        if self._container is None:
            self._open((pixels.shape[1] // 2 * 2, pixels.shape[0] // 2 * 2), seconds)
        assert self._container is not None
        assert self._stream is not None
        self._seconds = max(self._seconds, seconds - self._began)
        context = self._stream.codec_context
        frame = self._converter.from_rgb(pixels, "yuv420p", (context.width, context.height), Colorspace.ITU709)
        self._last = max(self._last + 1, round((seconds - self._began) / _TIME_BASE))
        frame.pts, frame.time_base = self._last, _TIME_BASE
        # Sound first: after a pause FFmpeg refuses what lies before a picture that it has sent already.
        for packet in self._sound.until(self._seconds):
            self._container.mux(packet)
        self._container.mux(self._stream.encode(frame))

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """Sound that is heard from `seconds` on, on the clock of the pictures; it is sent with those that follow."""
        if self._container is not None:
            self._sound.put(samples, seconds - self._began)

    def close(self) -> None:
        """Send what the encoders still hold, and hang up."""
        container, self._container = self._container, None
        if container is None or self._stream is None:
            return
        container.mux(self._stream.encode(None))
        for packet in self._sound.rest(self._seconds):
            container.mux(packet)
        container.close()

    def _open(self, size: Size, seconds: float) -> None:
        av.logging.set_level(None)  # an encoding thread must not wait for the interpreter in order to log
        options = {"max_interleave_delta": str(_MOST_APART), "flush_packets": "1"} | self._options
        self._container = av.open(self._target, "w", format=self._kind, options=options, timeout=self._timeout)
        stream = self._container.add_stream("libx264", rate=_RATE)
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.width, context.height = size
        context.pix_fmt, context.time_base = "yuv420p", _TIME_BASE
        context.bit_rate = int(min(12e6, max(1e6, 2.0 * size[0] * size[1] * 2)))
        context.max_b_frames, context.gop_size = 0, _KEY_FRAMES
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.options = {"preset": "veryfast", "tune": "zerolatency", "profile": "main"}
        self._sound.open(self._container)
        self._stream, self._began = stream, seconds

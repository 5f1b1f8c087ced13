"""RTMP(S), RTSP and MPEG-TS over UDP, through PyAV: H.264 out without delay, anything that FFmpeg reads in."""

from collections.abc import Iterator
from fractions import Fraction
from urllib.parse import urlsplit

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from scope.media.color import Converter
from scope.media.ports.port import PortError

# The container that each protocol carries.
_FORMATS = {"rtmp": "flv", "rtmps": "flv", "rtsp": "rtsp", "rtsps": "rtsp", "udp": "mpegts"}
IN_PROTOCOLS = ("rtsp", "rtsps", "rtmp", "rtmps", "udp", "http", "https")

_TIMEOUT_SECONDS = 5
_RATE = 30
_TIME_BASE = Fraction(1, 90_000)
# A viewer who comes in the middle waits at most so long for a picture.
_KEY_FRAMES = 2 * _RATE


class NetworkOut:
    """One H.264 stream to an address. A picture of another size is scaled to the first one's."""

    def __init__(self, address: str, name: str = "") -> None:
        self._address = address
        self._shown = redacted(address)
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._converter = Converter()
        self._began = 0.0
        self._last = -1
        _protocol(address, tuple(_FORMATS))

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """See OutPort; the first picture opens the connection."""
        try:
            if self._container is None:
                self._open((pixels.shape[1] // 2 * 2, pixels.shape[0] // 2 * 2), seconds)
            assert self._container is not None
            assert self._stream is not None
            context = self._stream.codec_context
            frame = self._converter.from_rgb(pixels, "yuv420p", (context.width, context.height), Colorspace.ITU709)
            self._last = max(self._last + 1, round((seconds - self._began) / _TIME_BASE))
            frame.pts, frame.time_base = self._last, _TIME_BASE
            self._container.mux(self._stream.encode(frame))
        except (av.FFmpegError, OSError) as error:
            raise PortError(f"{self._shown}: {_reason(error)}") from error

    def close(self) -> None:
        """Write what the encoder still holds, and hang up."""
        container, self._container = self._container, None
        if container is None or self._stream is None:
            return
        try:
            container.mux(self._stream.encode(None))
            container.close()
        except (av.FFmpegError, OSError):
            # The other side has hung up first: there is nobody to say goodbye to.
            return

    def _open(self, size: tuple[int, int], seconds: float) -> None:
        av.logging.set_level(None)
        scheme = _protocol(self._address, tuple(_FORMATS))
        options = {"rtsp_transport": "tcp"} if scheme.startswith("rtsp") else {}
        self._container = av.open(
            self._address, "w", format=_FORMATS[scheme], options=options, timeout=float(_TIMEOUT_SECONDS)
        )
        stream = self._container.add_stream("libx264", rate=_RATE)
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.width, context.height = size
        context.pix_fmt, context.time_base = "yuv420p", _TIME_BASE
        context.bit_rate = int(min(12e6, max(1e6, 2.0 * size[0] * size[1] * 2)))
        context.max_b_frames, context.gop_size = 0, _KEY_FRAMES
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.options = {"preset": "veryfast", "tune": "zerolatency", "profile": "main"}
        self._stream, self._began = stream, seconds


class NetworkIn:
    """The video of an address, as it comes."""

    def __init__(self, address: str, name: str = "") -> None:
        scheme = _protocol(address, IN_PROTOCOLS)
        self._shown = redacted(address)
        options = {"fflags": "nobuffer"}
        if scheme.startswith("rtsp"):
            options["rtsp_transport"] = "tcp"
        av.logging.set_level(None)
        try:
            # Not `options`: PyAV 16 gives those to streams too, and crashes where streams appear only while reading.
            self._container: InputContainer = av.open(
                address, container_options=options, timeout=float(_TIMEOUT_SECONDS)
            )
        except (av.FFmpegError, OSError) as error:
            raise PortError(f"{self._shown}: {_reason(error)}") from error
        if not self._container.streams.video:
            self._container.close()
            raise PortError(f"{self._shown} has no video")
        self._ended = False

    def pictures(self) -> Iterator[np.ndarray]:
        """See InPort."""
        stream = self._container.streams.video[0]
        # One thread: each more would hold back a frame.
        stream.codec_context.thread_count = 1
        converter, whole = Converter(), False
        try:
            for frame in self._container.decode(stream):
                if self._ended:
                    return
                # Who comes in the middle sees fragments until the first key frame.
                whole = whole or frame.key_frame
                if not whole:
                    continue
                yield np.asarray(converter.to_rgb(frame, (frame.width, frame.height)))
        except (av.FFmpegError, OSError) as error:
            if not self._ended:
                raise PortError(f"{self._shown}: {_reason(error)}") from error
        finally:
            self._container.close()

    def close(self) -> None:
        """The thread in `pictures` leaves with the next picture, or after the time-out."""
        self._ended = True


def redacted(address: str) -> str:
    """An address without its password, its query and the last part of an RTMP path, which is the stream's key.

    >>> redacted("rtmp://live.example/app/s3cret?x=1"), redacted("rtsp://me:pass@cam.local/1")
    ('rtmp://live.example/app/…', 'rtsp://***@cam.local/1')
    """
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    who = "***@" if "@" in parts.netloc else ""
    path = parts.path
    if parts.scheme.startswith("rtmp") and path.count("/") > 1:
        path = path.rpartition("/")[0] + "/…"
    return f"{parts.scheme}://{who}{host}{path}"


def _protocol(address: str, known: tuple[str, ...]) -> str:
    scheme = urlsplit(address).scheme.lower()
    if scheme not in known or not urlsplit(address).netloc:
        raise PortError(
            f"expected an address such as {known[0]}://host/path (or {', '.join(known[1:])}), got {address!r}"
        )
    return scheme


def _reason(error: Exception) -> str:
    text = str(getattr(error, "strerror", "") or error)
    known = {
        "Connection refused": "nobody listens there",
        "Immediate exit requested": f"it did not answer for {_TIMEOUT_SECONDS} seconds",
        "Broken pipe": "the other side hung up",
        "Connection reset by peer": "the other side hung up",
    }
    return next((words for name, words in known.items() if name in text), text)

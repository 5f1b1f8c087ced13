"""RTMP(S), RTSP and MPEG-TS over UDP, through PyAV: H.264 and AAC out without delay, anything that FFmpeg reads in."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import av
import numpy as np
from av.container import InputContainer

from scope.media.arrivals import Arrivals
from scope.media.color import Converter
from scope.media.live_sound import LIVE_RATE
from scope.media.live_stream import LiveStream
from scope.media.ports.apart import Apart
from scope.media.ports.port import Hear, PortError, unheard

# The container that each protocol carries.
_FORMATS = {"rtmp": "flv", "rtmps": "flv", "rtsp": "rtsp", "rtsps": "rtsp", "udp": "mpegts"}
IN_PROTOCOLS = ("rtsp", "rtsps", "rtmp", "rtmps", "udp", "http", "https")

_TIMEOUT_SECONDS = 5


class NetworkOut(Apart):
    """H.264 and AAC to an address. A picture of another size is scaled to the first one's.

    RTSP goes by TCP, which loses nothing; by UDP with `?transport=udp` behind the address.
    """

    def __init__(self, address: str, name: str = "") -> None:
        _transport(address, _protocol(address, tuple(_FORMATS)))
        super().__init__(NetworkStream, address, redacted(address))


class NetworkStream:
    """What `NetworkOut` is where it is sent: the stream itself."""

    def __init__(self, address: str) -> None:
        self._shown = redacted(address)
        scheme = _protocol(address, tuple(_FORMATS))
        address, options = _transport(address, scheme)
        self._stream = LiveStream(address, _FORMATS[scheme], options, float(_TIMEOUT_SECONDS))

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """See OutPort; the first picture opens the connection."""
        try:
            self._stream.put(pixels, seconds)
        except (av.FFmpegError, OSError) as error:
            raise PortError(f"{self._shown}: {_reason(error)}") from error

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """See OutPort."""
        self._stream.hear(samples, seconds)

    def close(self) -> None:
        """Send what the encoders still hold, and hang up; where the other side has hung up first, there is nobody to tell."""
        with suppress(av.FFmpegError, OSError):
            self._stream.close()


class NetworkIn:
    """The video of an address, and its sound, as they come; a film at an HTTP address at its own pace."""

    def __init__(self, address: str, name: str = "") -> None:
        scheme = _protocol(address, IN_PROTOCOLS)
        self._shown = redacted(address)
        is_http = scheme.startswith("http")
        # What FFmpeg reads to get to know a live stream is old by then; of a film it is the beginning.
        options = {} if is_http else {"fflags": "nobuffer"}
        if scheme.startswith("rtsp"):
            # TCP loses nothing; some cameras have UDP only.
            options["rtsp_flags"] = "prefer_tcp"
        av.logging.set_level(None)
        self._open = partial(_opened, address, options)
        try:
            self._container = self._open()
        except (av.FFmpegError, OSError) as error:
            raise PortError(f"{self._shown}: {_reason(error)}") from error
        if not self._container.streams.video:
            self._container.close()
            raise PortError(f"{self._shown} has no video")
        self._arrivals = Arrivals()
        self._ended = threading.Event()
        # What has an end is not live, and would be read as fast as the line allows.
        self.is_film = is_http and bool(self._container.duration)

    def pictures(self, hear: Hear = unheard, *, loop: bool = True) -> Iterator[np.ndarray]:
        """See InPort."""
        converter, whole = Converter(), False
        try:
            for frame in self._turns(hear, loop):
                if self._ended.is_set():
                    return
                # Who comes in the middle sees fragments until the first key frame.
                whole = whole or frame.key_frame
                if not whole:
                    continue
                if frame.time is not None:
                    self._arrivals.note(frame.time, time.monotonic())
                yield np.asarray(converter.to_rgb(frame, (frame.width, frame.height)))
        except (av.FFmpegError, OSError) as error:
            if not self._ended.is_set():
                raise PortError(f"{self._shown}: {_reason(error)}") from error
        finally:
            self._container.close()

    def close(self) -> None:
        """The thread in `pictures` leaves with the next picture, or after the time-out."""
        self._ended.set()

    def _turns(self, hear: Hear, loop: bool) -> Iterator[av.VideoFrame]:
        """The frames; those of a film again and again if it loops."""
        yield from self._paced(self._frames(hear))
        while loop and self.is_film and not self._ended.is_set():
            self._begin_again()
            yield from self._paced(self._frames(hear))

    def _begin_again(self) -> None:
        self._arrivals = Arrivals()
        try:
            self._container.seek(0)
        except av.FFmpegError:  # a server that sends whole films only
            self._container.close()
            self._container = self._open()

    def _paced(self, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Of a film no frame before its time, and the last for as long as the others; of what is live each at once."""
        began, rate = None, self._container.streams.video[0].average_rate
        due = 0.0
        for frame in frames:
            if self.is_film and frame.time is not None:
                began = time.monotonic() - frame.time if began is None else began
                due = began + frame.time
                self._ended.wait(max(0.0, due - time.monotonic()))
            yield frame
        if self.is_film and rate:
            self._ended.wait(max(0.0, due + float(1 / rate) - time.monotonic()))

    def _frames(self, hear: Hear) -> Iterator[av.VideoFrame]:
        """The frames of the first video stream; what lies between them of the first with sound is heard."""
        video = self._container.streams.video[0]
        sound = self._container.streams.audio[:1]
        resampler = av.AudioResampler("fltp", "stereo", LIVE_RATE)
        for packet in self._container.demux(video, *sound):
            if packet.stream.type == "video":
                yield from video.decode(packet)
                continue
            with suppress(av.FFmpegError):  # damaged sound is left out, and the pictures go on
                for frame in sound[0].decode(packet):
                    self._hear(frame, resampler, hear)

    def _hear(self, frame: av.AudioFrame, resampler: av.AudioResampler, hear: Hear) -> None:
        for part in resampler.resample(frame):
            at = None if part.time is None else self._arrivals.here(part.time)
            if at is not None:
                hear(part.to_ndarray(), at)


def _opened(address: str, options: dict[str, str]) -> InputContainer:
    # Not `options`: PyAV 16 gives those to streams too, and crashes where streams appear only while reading.
    container = av.open(address, container_options=options, timeout=float(_TIMEOUT_SECONDS))
    for video in container.streams.video[:1]:
        video.codec_context.thread_count = 1  # each more would hold back a frame
    return container


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


def _shown(text: str) -> str:
    return redacted(text) if "://" in text else text


def _protocol(address: str, known: tuple[str, ...]) -> str:
    scheme = urlsplit(address).scheme.lower()
    if scheme not in known or not urlsplit(address).netloc:
        raise PortError(
            f"expected an address such as {known[0]}://host/path (or {', '.join(known[1:])}), got {_shown(address)!r}"
        )
    return scheme


def _transport(address: str, scheme: str) -> tuple[str, dict[str, str]]:
    """An address without what it says of the transport, and that as FFmpeg's option.

    >>> _transport("rtsp://host/live?transport=udp", "rtsp")
    ('rtsp://host/live', {'rtsp_transport': 'udp'})
    """
    if not scheme.startswith("rtsp"):
        return address, {}
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    named = [value for name, value in query if name == "transport"]
    if not named:
        return address, {"rtsp_transport": "tcp"}
    if named[-1] not in ("tcp", "udp"):
        raise PortError(f"transport: expected tcp or udp, got {named[-1]!r}")
    rest = urlencode([pair for pair in query if pair[0] != "transport"])
    return urlunsplit(parts._replace(query=rest)), {"rtsp_transport": named[-1]}


def _reason(error: Exception) -> str:
    text = str(getattr(error, "strerror", "") or error)
    known = {
        "Connection refused": "nobody listens there",
        "Immediate exit requested": f"it did not answer for {_TIMEOUT_SECONDS} seconds",
        "Broken pipe": "the other side hung up",
        "Connection reset by peer": "the other side hung up",
    }
    return next((words for name, words in known.items() if name in text), text)

"""Video without delay: a packet for each picture, by the graphics card where it can, else by the processor.

PyAV lists the encoders of cards that are not there, so the first use of H.264 tries each of them.
"""

import time
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace

from scope.media.color import Converter
from scope.media.fit import Size
from scope.media.packet import DELTA, KEY, Packet, PacketError, fitted

# A receiver that missed something and cannot say so sees a whole picture again after this time.
_KEY_SECONDS = 4.0
_NOMINAL_RATE = 30
# ITU-T H.273: the primaries and the transfer function of BT.709.
_BT709 = 1


class Codec(NamedTuple):
    """An encoder of FFmpeg. VP8 cannot say which matrix it was made with; receivers assume BT.601."""

    name: str
    options: Mapping[str, str]
    pixel_format: str = "yuv420p"
    matrix: Colorspace = Colorspace.ITU709


VP8 = Codec(
    "libvpx",
    {
        "deadline": "realtime",
        "cpu-used": "-16",
        "lag-in-frames": "0",
        "noise-sensitivity": "0",
        "error-resilient": "default",
    },
    matrix=Colorspace.ITU601,
)
X264 = Codec(
    "libx264",
    {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "x264-params": "keyint=infinite:scenecut=0:repeat-headers=1:annexb=1",
    },
)
# Best first. h264_vaapi is missing: it takes pictures in the card's memory only, where PyAV cannot put them.
CARDS = (
    Codec(
        "h264_nvenc",
        {
            "preset": "p1",
            "tune": "ull",
            "rc": "cbr",
            "delay": "0",
            "zerolatency": "1",
            "forced-idr": "1",
            "profile": "baseline",
        },
    ),
    Codec("h264_qsv", {"preset": "veryfast", "async_depth": "1", "forced_idr": "1", "profile": "baseline"}, "nv12"),
    Codec("h264_amf", {"usage": "ultralowlatency", "quality": "speed", "forced_idr": "1"}),
    Codec("h264_videotoolbox", {"realtime": "1", "prio_speed": "1", "profile": "baseline"}),
)
# Pictures that a card has to encode before it is trusted: the first of them and the last as key frames.
_TRIAL = 3
_SPS = 7


@cache
def h264_codec() -> Codec:
    """The first card's encoder that encodes here, without delay and with key frames when asked; else x264."""
    return next((codec for codec in CARDS if works(codec)), X264)


def works(codec: Codec) -> bool:
    """Whether a codec makes what `VideoEncoder` promises, found out by trying."""
    if codec.name not in av.codecs_available:
        return False
    encoder, picture = VideoEncoder(codec), np.full((360, 640, 3), 128, np.uint8)
    try:
        packets = [encoder.encode(picture, key=i == _TRIAL - 1) for i in range(_TRIAL)]
    except (PacketError, ValueError, OSError):
        return False
    kinds = [packet.kind for packet in packets]
    return all(packet.data for packet in packets) and kinds == [KEY, DELTA, KEY] and _begins_anew(packets[-1].data)


def _begins_anew(data: bytes) -> bool:
    """Whether a decoder can begin with this packet: its parameters stand in it, in Annex B."""
    kinds = [part[0] & 0x1F for part in data.split(b"\0\0\1")[1:] if part]
    return _SPS in kinds


class VideoEncoder:
    """H.264 (Annex B, Constrained Baseline, tagged BT.709) or VP8 (BT.601) without delay: a packet for each picture.

    Sides are even: a picture with an odd one is scaled by a pixel. Another size begins anew with a key frame.
    """

    def __init__(self, codec: Codec, width: int | None = None, spare: Codec | None = None) -> None:
        self._codec, self._spare = codec, spare
        self._width = width
        self._converter = Converter()
        self._context: VideoCodecContext | None = None
        self._size: Size = (0, 0)
        self._count = 0
        self._last_key = 0.0

    def encode(self, pixels: np.ndarray, *, key: bool = False) -> Packet:
        """See Encoder."""
        size = _even(fitted((pixels.shape[1], pixels.shape[0]), self._width))
        try:
            context = self._context_for(size)
            frame = self._converter.from_rgb(pixels, self._codec.pixel_format, size, self._codec.matrix)
            frame.pts = self._count
            frame.pict_type = PictureType.I if self._key_is_due(key) else PictureType.NONE
            packets = context.encode(frame)
        except av.FFmpegError as error:
            raise PacketError(f"{self._codec.name} cannot encode {size[0]}x{size[1]}: {error}") from error
        self._count += 1
        data = b"".join(bytes(packet) for packet in packets)
        return Packet(KEY if any(packet.is_keyframe for packet in packets) else DELTA, data, size)

    def _key_is_due(self, asked: bool) -> bool:
        now = time.monotonic()
        if not (asked or self._count == 0 or now - self._last_key > _KEY_SECONDS):
            return False
        self._last_key = now
        return True

    def _context_for(self, size: Size) -> VideoCodecContext:
        if self._context is None or size != self._size:
            self._context, self._size, self._count = self._opened(size), size, 0
        return self._context

    def _opened(self, size: Size) -> VideoCodecContext:
        """The encoder of a card has limits of its own, on sizes and on how many run at once: then it is the spare one."""
        context = _context(self._codec, size)
        try:
            context.open()
        except (av.FFmpegError, ValueError):
            if self._spare is None:
                raise
            self._codec, self._spare = self._spare, None
            context = _context(self._codec, size)
        return context


def _context(codec: Codec, size: Size) -> VideoCodecContext:
    # As in decoding: an encoding thread must not wait for the interpreter in order to log.
    av.logging.set_level(None)
    context = av.CodecContext.create(codec.name, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = size
    context.pix_fmt = codec.pixel_format
    context.framerate = Fraction(_NOMINAL_RATE)
    context.time_base = 1 / context.framerate
    context.bit_rate = _bit_rate(size)
    context.max_b_frames = 0
    if codec is not VP8:
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = _BT709
    context.thread_count = 1 if size[0] * size[1] < 1920 * 1080 else 2
    # A key frame takes no longer on the wire than three frames do.
    buffer = {"maxrate": str(context.bit_rate), "bufsize": str(context.bit_rate * 3 // _NOMINAL_RATE)}
    context.options = dict(codec.options) | buffer
    return context


def _bit_rate(size: Size) -> int:
    """For a local network: 4, 8 and 15 Mbit/s at 512x512, 1280x720 and 1920x1080."""
    return int(min(30e6, max(1e6, 1.9e6 + 6.4 * size[0] * size[1])))


def _even(size: Size) -> Size:
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)

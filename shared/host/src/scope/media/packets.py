"""Pictures to packets and back, one at a time and without delay. Pixels are uint8 (H, W, 3) RGB arrays."""

import time
from fractions import Fraction
from typing import Literal, NamedTuple, Protocol

import av
import numpy as np
import simplejpeg
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from scope.media.color import Converter
from scope.media.fit import Size

Format = Literal["jpeg", "h264", "vp8"]
FORMATS: tuple[Format, ...] = ("jpeg", "h264", "vp8")

KEY, DELTA, JPEG = 1, 2, 3

MAX_PIXELS = 64_000_000

# A receiver that missed something and cannot say so sees a whole picture again after this time.
_KEY_SECONDS = 4.0
_NOMINAL_RATE = 30
_BILINEAR = 0x2

_OPTIONS = {
    "libx264": {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "x264-params": "keyint=infinite:scenecut=0:repeat-headers=1:annexb=1",
    },
    "libvpx": {
        "deadline": "realtime",
        "cpu-used": "-16",
        "lag-in-frames": "0",
        "noise-sensitivity": "0",
        "error-resilient": "default",
    },
}
_ENCODERS = {"h264": "libx264", "vp8": "libvpx"}
# VP8 cannot say which matrix it was made with; receivers assume BT.601.
_MATRICES = {"h264": Colorspace.ITU709, "vp8": Colorspace.ITU601}
# ITU-T H.273: the primaries and the transfer function of BT.709.
_BT709 = 1


class PacketError(Exception):
    """A packet cannot be decoded or a picture not encoded, in one sentence."""


class Packet(NamedTuple):
    """`kind` is KEY, DELTA or JPEG; `size` is that of the picture in `data`, (width, height)."""

    kind: int
    data: bytes
    size: Size


class Encoder(Protocol):
    """Makes one packet of each picture, at most `width` wide; belongs to one thread."""

    def encode(self, pixels: np.ndarray, *, key: bool = False) -> Packet:
        """A packet of (H, W, 3) pixels; with `key` one that needs no packet before it.

        Raises:
            PacketError: the codec refuses.
        """
        ...


def open_encoder(kind: Format, width: int | None = None, quality: int = 85) -> Encoder:
    """An encoder for live view. `quality` (1 to 100) is JPEG's; video has a bit rate that fits its size."""
    return JpegEncoder(width, quality) if kind == "jpeg" else VideoEncoder(kind, width)


class JpegEncoder:
    """Each picture for itself, 4:2:0."""

    def __init__(self, width: int | None = None, quality: int = 85) -> None:
        self._width = width
        self._quality = quality
        self._swscale = VideoReformatter()

    def encode(self, pixels: np.ndarray, *, key: bool = False) -> Packet:
        """See Encoder; every JPEG is a key frame."""
        size = fitted((pixels.shape[1], pixels.shape[0]), self._width)
        pixels = np.ascontiguousarray(pixels)
        if size != (pixels.shape[1], pixels.shape[0]):
            frame = av.VideoFrame.from_numpy_buffer(pixels, "rgb24")
            pixels = self._swscale.reformat(frame, *size, interpolation=_BILINEAR).to_ndarray()
        data = simplejpeg.encode_jpeg(pixels, self._quality, "RGB", "420", fastdct=True)
        return Packet(JPEG, data, size)


class VideoEncoder:
    """H.264 (Annex B, Constrained Baseline, tagged BT.709) or VP8 (BT.601) without delay: a packet for each picture.

    Sides are even: a picture with an odd one is scaled by a pixel. Another size begins anew with a key frame.
    """

    def __init__(self, kind: Format, width: int | None = None) -> None:
        self._codec = _ENCODERS[kind]
        self._matrix = _MATRICES[kind]
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
            frame = self._converter.from_rgb(pixels, "yuv420p", size, self._matrix)
            frame.pts = self._count
            frame.pict_type = PictureType.I if self._key_is_due(key) else PictureType.NONE
            packets = context.encode(frame)
        except av.FFmpegError as error:
            raise PacketError(f"{self._codec} cannot encode {size[0]}x{size[1]}: {error}") from error
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
            self._context, self._size, self._count = _video_encoder(self._codec, size), size, 0
        return self._context


def _video_encoder(codec: str, size: Size) -> VideoCodecContext:
    # As in decoding: an encoding thread must not wait for the interpreter in order to log.
    av.logging.set_level(None)
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.framerate = Fraction(_NOMINAL_RATE)
    context.time_base = 1 / context.framerate
    context.bit_rate = _bit_rate(size)
    context.max_b_frames = 0
    if codec == "libx264":
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = _BT709
    context.thread_count = 1 if size[0] * size[1] < 1920 * 1080 else 2
    # A key frame takes no longer on the wire than three frames do.
    buffer = {"maxrate": str(context.bit_rate), "bufsize": str(context.bit_rate * 3 // _NOMINAL_RATE)}
    context.options = _OPTIONS[codec] | buffer
    return context


def _bit_rate(size: Size) -> int:
    """For a local network: 4, 8 and 15 Mbit/s at 512x512, 1280x720 and 1920x1080."""
    return int(min(30e6, max(1e6, 1.9e6 + 6.4 * size[0] * size[1])))


class Decoder(Protocol):
    """Makes a picture of each packet; belongs to one thread."""

    def decode(self, data: bytes) -> np.ndarray | None:
        """uint8 (H, W, 3) RGB; None if the packet holds no whole picture.

        Raises:
            PacketError: it cannot be decoded, or is larger than 64 megapixels.
        """
        ...


def open_decoder(kind: Format) -> Decoder:
    """A decoder for live input."""
    return JpegDecoder() if kind == "jpeg" else VideoDecoder(kind)


class JpegDecoder:
    """Each packet for itself."""

    def decode(self, data: bytes) -> np.ndarray:
        """See Decoder."""
        try:
            height, width, _, _ = simplejpeg.decode_jpeg_header(data)
            check_size(int(width), int(height))
            return simplejpeg.decode_jpeg(data, "RGB", fastdct=True, fastupsample=True)
        except ValueError as error:
            raise PacketError(f"this is no JPEG: {error}") from error


class VideoDecoder:
    """H.264 (Annex B) or VP8, a picture for each packet: one thread, for each more would hold back a frame."""

    def __init__(self, kind: Format) -> None:
        av.logging.set_level(None)
        context = av.CodecContext.create(kind, "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        context.flags |= Flags.low_delay
        self._kind = kind
        self._context = context
        self._converter = Converter()

    def decode(self, data: bytes) -> np.ndarray | None:
        """See Decoder."""
        try:
            frames = self._context.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise PacketError(f"this packet is no {self._kind}, or a key frame is missing before it") from error
        if not frames:
            return None
        check_size(frames[-1].width, frames[-1].height)
        if self._kind == "vp8":
            frames[-1].colorspace = Colorspace.ITU601
        return self._converter.to_rgb(frames[-1], (frames[-1].width, frames[-1].height))


def check_size(width: int, height: int) -> None:
    """Refuse a picture larger than 64 megapixels.

    Raises:
        PacketError: it is.
    """
    if width * height > MAX_PIXELS:
        raise PacketError(f"expected a picture of at most {MAX_PIXELS // 10**6} megapixels, got {width}x{height}")


def fitted(size: Size, width: int | None) -> Size:
    """The size scaled down, in its own shape, to at most `width`."""
    if width is None or size[0] <= width:
        return size
    return width, max(1, round(size[1] * width / size[0]))


def _even(size: Size) -> Size:
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)

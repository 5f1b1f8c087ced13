"""Pictures to packets and back, one at a time and without delay. Pixels are uint8 (H, W, 3) RGB arrays."""

from typing import Protocol

import av
import numpy as np
import simplejpeg
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import Colorspace, VideoReformatter

from scope.media.color import Converter
from scope.media.packet import JPEG, Format, Packet, PacketError, fitted
from scope.media.video_encoder import VP8, X264, VideoEncoder, h264_codec

MAX_PIXELS = 64_000_000
_BILINEAR = 0x2


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
    if kind == "jpeg":
        return JpegEncoder(width, quality)
    return VideoEncoder(h264_codec(), width, spare=X264) if kind == "h264" else VideoEncoder(VP8, width)


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

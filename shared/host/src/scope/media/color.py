"""Between a codec's pixels and RGB: matrices, ranges, bit depths and alpha, all by swscale."""

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from scope.media.fit import Size

# swscale flags. Without full chroma interpolation one chroma sample colours a block of pixels; accurate rounding alone
# makes white 253.
_BILINEAR, _BICUBIC = 0x2, 0x4
_FULL_CHROMA_OUT, _FULL_CHROMA_IN, _ACCURATE = 0x2000, 0x4000, 0x40000

_UNSPECIFIED_MATRIX = 2
_HIGH_DEFINITION_HEIGHT = 720


class Converter:
    """Turns the frames of one stream into RGB, or back; keeps swscale's tables between frames.

    The matrix and the range are those the frame is tagged with. Untagged frames are BT.709 from 720 lines on and
    BT.601 below, limited range for YUV and full range for grey, as players assume. Transfer functions are not
    converted: HDR footage keeps its flat look. Transparent parts are composited over black.
    """

    def __init__(self) -> None:
        self._swscale = VideoReformatter()
        self._swscale_alpha = VideoReformatter()

    def to_rgb(self, frame: VideoFrame, size: Size) -> np.ndarray:
        """The frame as uint8 RGB (H, W, 3), scaled to `size`."""
        if _has_alpha(frame):
            frame = self._over_black(frame)
        scaling = (frame.width, frame.height) != size
        flags = (_BICUBIC if scaling else _BILINEAR) | _FULL_CHROMA_OUT | _ACCURATE
        return _pixels(_reformat_to(self._swscale, frame, "rgb24", size, flags))

    def _over_black(self, frame: VideoFrame) -> VideoFrame:
        """Composited before any scaling, since hidden colours would bleed into the edges."""
        size = (frame.width, frame.height)
        flags = _BILINEAR | _FULL_CHROMA_OUT | _ACCURATE
        rgba = _pixels(_reformat_to(self._swscale_alpha, frame, "rgba", size, flags))
        return VideoFrame.from_ndarray(over_black(rgba), "rgb24")

    def from_rgb(
        self, pixels: np.ndarray, pixel_format: str, size: Size | None = None, matrix: Colorspace = Colorspace.ITU709
    ) -> VideoFrame:
        """uint8 RGB (H, W, 3) as a frame of a YUV format, scaled to `size`: limited range, chroma filtered."""
        # The buffer is only borrowed; swscale has read it before this returns.
        frame = VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), "rgb24")
        width, height = size or (frame.width, frame.height)
        converted = self._swscale.reformat(
            frame,
            width,
            height,
            format=pixel_format,
            # On the way from RGB only the target's matrix counts, but PyAV sets it only where the two differ.
            src_colorspace=Colorspace.ITU601 if matrix == Colorspace.ITU709 else Colorspace.ITU709,
            dst_colorspace=matrix,
            interpolation=_BICUBIC | _FULL_CHROMA_IN | _ACCURATE,
        )
        converted.colorspace = matrix
        converted.color_range = ColorRange.MPEG
        return converted


def over_black(rgba: np.ndarray) -> np.ndarray:
    """uint8 RGBA (H, W, 4) with straight alpha, composited over black, as RGB (H, W, 3)."""
    alpha = rgba[..., 3:].astype(np.uint16)
    return ((rgba[..., :3] * alpha + 127) // 255).astype(np.uint8)


def _reformat_to(swscale: VideoReformatter, frame: VideoFrame, pixel_format: str, size: Size, flags: int) -> VideoFrame:
    if frame.format.is_rgb or frame.format.has_palette:
        # swscale may go through YUV and back: the same matrix both ways, and no chroma left out.
        same = Colorspace.ITU601
        return swscale.reformat(frame, *size, pixel_format, same, same, flags | _FULL_CHROMA_IN)
    matrix = _matrix(frame)
    # On the way to RGB only the source's matrix counts, but PyAV sets it only where the two differ.
    other = Colorspace.ITU709 if matrix == Colorspace.ITU601 else Colorspace.ITU601
    full = ColorRange.JPEG if _is_full_range(frame) else ColorRange.MPEG
    return swscale.reformat(frame, *size, pixel_format, matrix, other, flags, src_color_range=full)


def _has_alpha(frame: VideoFrame) -> bool:
    return frame.format.has_palette or any(component.is_alpha for component in frame.format.components)


def _matrix(frame: VideoFrame) -> int:
    if frame.colorspace != _UNSPECIFIED_MATRIX:
        return int(frame.colorspace)
    return Colorspace.ITU709 if frame.height >= _HIGH_DEFINITION_HEIGHT else Colorspace.ITU601


def _is_full_range(frame: VideoFrame) -> bool:
    if frame.color_range in (ColorRange.MPEG, ColorRange.JPEG):
        return frame.color_range == ColorRange.JPEG
    return frame.format.name.startswith(("yuvj", "gray"))


def _pixels(frame: VideoFrame) -> np.ndarray:
    """The packed 8-bit frame's only plane as (H, W, C), a copy without the padding at the ends of its lines."""
    plane = frame.planes[0]
    channels = len(frame.format.components)
    lines = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size)
    return lines[:, : frame.width * channels].reshape(frame.height, frame.width, channels).copy()

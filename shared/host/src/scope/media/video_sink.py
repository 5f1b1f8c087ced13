"""H.264 in MP4."""

from fractions import Fraction

import av
import torch
import torch.nn.functional as F
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from scope.media.color import Converter
from scope.media.film_file import FilmFile
from scope.media.sink import Sink
from scope.media.sound import Track
from scope.media.staging import StagedFile

# ITU-T H.273: the primaries and the transfer function of BT.709.
_BT709 = 1


class VideoSink(Sink):
    """H.264, yuv420p, tagged BT.709, at a constant rate, with the index at the start (faststart).

    An odd width or height grows by one pixel, a copy of the edge, for the format stores colour in blocks of two by two.
    `quality` is x264's constant rate factor, 0 (lossless, huge) to 51; 18 is hard to tell from the original. `track` is
    the film's sound, as long as its pictures at most.
    """

    def __init__(self, staging: StagedFile, rate: Fraction, quality: int, track: Track | None = None) -> None:
        super().__init__(staging)
        self._film = FilmFile(staging, track)
        self._rate = rate
        self._quality = quality
        self._converter = Converter()
        self._stream: VideoStream | None = None

    def _put(self, pixels: torch.Tensor) -> None:
        frame = self._converter.from_rgb(pad_to_even(pixels).numpy(), "yuv420p")
        if self._stream is None:
            self._start(frame.width, frame.height)
        frame.pts, frame.time_base, frame.duration = self.frames, 1 / self._rate, 1
        self._encode(frame)
        self._film.reach(float(self.frames / self._rate))

    def _start(self, width: int, height: int) -> None:
        stream = self._film.open().add_stream("libx264", rate=self._rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        # Twice as fast as x264's "fast", for a file of the same size at the same quality setting.
        stream.options = {"crf": str(self._quality), "preset": "veryfast"}
        codec = stream.codec_context
        codec.time_base = 1 / self._rate
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
        codec.color_primaries = codec.color_trc = _BT709
        self._stream = stream
        self._film.begin()

    def _encode(self, frame: av.VideoFrame | None) -> None:
        if self._stream is not None:
            self._film.mux(self._stream.encode(frame))

    def _finish(self) -> None:
        self._encode(None)
        self._film.end(float(self.frames / self._rate))

    def _drop(self) -> None:
        self._film.drop()


def pad_to_even(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 pixels (H, W, C) with an odd side grown by a copy of its last line."""
    height, width, _ = pixels.shape
    if not (height % 2 or width % 2):
        return pixels
    planes = pixels.permute(2, 0, 1)[None].float()
    padded = F.pad(planes, (0, width % 2, 0, height % 2), mode="replicate")
    return padded[0].permute(1, 2, 0).to(torch.uint8).contiguous()

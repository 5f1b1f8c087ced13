"""A film of a live show: frames at their own times, with their sound, in a file that can be played however it ends.

Pixels are uint8 (H, W, 3) RGB arrays. Importing this module imports no torch.
"""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av import Packet
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from scope.media.color import Converter
from scope.media.errors import MediaError, cannot_create, reason
from scope.media.fit import Size, cover_size
from scope.media.fragments import cut_to_whole_fragments, strike_out_sound
from scope.media.live_sound import LiveTrack
from scope.media.staging import StagedFile, WholeWrites

_TIME_BASE = Fraction(1, 90_000)
# A fragment is written at each key frame: this many frames at most are lost when the machine stops.
_KEY_INTERVAL = 60
_QUALITY = 20
# ITU-T H.273: the primaries and the transfer function of BT.709.
_BT709 = 1


class Recording:
    """H.264 and AAC in fragmented MP4, written under its own name; without any sound its track goes at the end.

    The first frame gives the size (even; an odd side loses a line); later ones of another size are scaled to cover it.
    `frames` counts what was written, `seconds` is the time of the last frame after the first. `sounds`: some sound came.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0
        self.seconds = 0.0
        self.sounds = False
        self._converter = Converter()
        self._size: Size = (0, 0)
        self._last_pts = -1
        self._start: float | None = None
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._track = LiveTrack()
        try:
            self._file = WholeWrites(path, "xb")
        except OSError as error:
            raise cannot_create(path, error) from error

    def put(self, pixels: np.ndarray, time: float) -> None:
        """Append a frame that is shown from `time` (seconds, on any clock) on; earlier times than the last are moved.

        Raises:
            MediaError: the disk is full or the encoder refuses. Close the recording then: what was written is kept.
        """
        self._start = time if self._start is None else self._start
        self.seconds = time - self._start
        try:
            self._encode(pixels)
        except (OSError, FFmpegError) as error:
            raise MediaError(f"{reason(error)} after {self.frames} frames") from error
        self.frames += 1

    def hear(self, samples: np.ndarray, time: float) -> None:
        """Sound that is heard from `time` on, on the clock of the frames: float32 (2, N), 48000 a second.

        It is written with the frames that follow; what comes before the first frame is left out.
        """
        if self._start is not None:
            self.sounds = True
            self._track.put(samples, time - self._start)

    def close(self) -> None:
        """Finish the file; where it cannot be finished, what was written whole is kept. Without a frame it goes."""
        whole = self._flush() and self._end()
        with suppress(OSError):
            self._file.close()
        if not self.frames:
            self.path.unlink(missing_ok=True)
            return
        if not whole:
            cut_to_whole_fragments(self.path)
        if not self.sounds:
            with suppress(OSError):
                strike_out_sound(self.path)

    def _flush(self) -> bool:
        """Write what the encoder still holds; False if the disk refuses."""
        try:
            if self._stream is not None:
                self._write(self._stream.encode(None), at_end=True)
        except (OSError, FFmpegError):
            self._end()
            return False
        return True

    def _end(self) -> bool:
        """Close the container, which must happen before its file is closed; False if the disk refuses."""
        container, self._container = self._container, None
        try:
            if container is not None:
                container.close()
        except (OSError, FFmpegError):
            return False
        return True

    def _encode(self, pixels: np.ndarray) -> None:
        if self._container is None or self._stream is None:
            self._open(pixels.shape[1], pixels.shape[0])
        assert self._container is not None
        assert self._stream is not None
        frame = self._converter.from_rgb(_cropped(pixels, self._size), "yuv420p", self._size)
        frame.pts = self._last_pts = max(round(self.seconds / _TIME_BASE), self._last_pts + 1)
        frame.time_base = _TIME_BASE
        self._write(self._stream.encode(frame))

    def _write(self, packets: list[Packet], *, at_end: bool = False) -> None:
        """Packets of pictures, and the sound that belongs to them."""
        assert self._container is not None
        self._container.mux(packets)
        for packet in self._track.rest(self.seconds) if at_end else self._track.until(self.seconds):
            self._container.mux(packet)

    def _open(self, width: int, height: int) -> None:
        av.logging.set_level(None)  # an encoding thread must not wait for the interpreter in order to log
        self._size = max(2, width // 2 * 2), max(2, height // 2 * 2)
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        self._container = av.open(self._file, "w", format="mp4", options=options)
        stream = self._container.add_stream("libx264", rate=30)
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        # The show comes first: this preset takes a third of the time of "veryfast", for a file half as large again.
        stream.options = {"crf": str(_QUALITY), "preset": "superfast", "g": str(_KEY_INTERVAL)}
        codec = stream.codec_context
        codec.time_base = _TIME_BASE
        codec.max_b_frames = 0
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
        codec.color_primaries = codec.color_trc = _BT709
        self._stream = stream
        self._track.open(self._container)


def make_seekable(path: Path) -> None:
    """Turn a finished recording into a plain MP4 with its index at the start, without encoding it again.

    Raises:
        MediaError: there is no room for the copy; the recording stays as it is.
    """
    staging = StagedFile(path)
    try:
        _copy(path, staging.path)
    except (OSError, FFmpegError) as error:
        staging.discard()
        raise MediaError(f"{path.name} stays in fragments: {reason(error)}") from error
    staging.commit()


def _copy(source: Path, target: Path) -> None:
    with (
        av.open(str(source)) as reading,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as writing,
    ):
        copies = {stream.index: writing.add_stream_from_template(stream) for stream in reading.streams}
        for packet in reading.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                writing.mux(packet)


def _cropped(pixels: np.ndarray, size: Size) -> np.ndarray:
    """The middle of the pixels in the shape of `size`."""
    height, width = pixels.shape[:2]
    covering = cover_size((width, height), size)
    columns = min(width, round(width * size[0] / covering[0]))
    rows = min(height, round(height * size[1] / covering[1]))
    left, top = (width - columns) // 2, (height - rows) // 2
    return pixels[top : top + rows, left : left + columns]

"""The sound of a file, read as its pictures go by. Importing this module imports no torch."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.error import FFmpegError

from scope.media.decoding import open_container
from scope.media.live_sound import LIVE_RATE, SEAM, silence
from scope.media.sound import FileSound

# Farther ahead than this a file is not read through but sought in.
_SKIP = LIVE_RATE
# A longer gap in a file is taken for damage.
_LONGEST_GAP = 60 * LIVE_RATE


class SoundReader:
    """The sound of a file from any moment on, counted in seconds from its first picture. Use it as a context manager.

    Raises:
        MediaError: the file cannot be opened.
    """

    def __init__(self, sound: FileSound) -> None:
        self._start = sound.start
        self._container = open_container(sound.path)
        stream = self._container.streams.best("audio")
        assert isinstance(stream, AudioStream)
        self._stream = stream
        self._pieces: Iterator[tuple[int, np.ndarray]] = self._decoded()
        # The samples that were read and are still to come, from position `_at` on; nothing lies between it and `_from`.
        self._held, self._at, self._from = silence(0), 0, 0
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def between(self, start: float, end: float) -> np.ndarray:
        """The samples from `start` to `end`; silence where the file has none or they cannot be read."""
        first, last = round(start * LIVE_RATE), round(end * LIVE_RATE)
        if first < self._from or (first > self._end + _SKIP and not self._is_over):
            self._seek(start)
        while self._end < last and not self._is_over:
            self._read()
        self._drop_before(first)
        found = self._held[:, : max(0, last - self._at)]
        return _padded(found, self._at - first, last - first)

    @property
    def _end(self) -> int:
        return self._at + self._held.shape[1]

    def _read(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            self._is_over = True
        else:
            self._append(*piece)

    def _append(self, position: int, samples: np.ndarray) -> None:
        """Put a piece behind what is held; a jump in the file's own times becomes silence or a cut."""
        end = self._end
        if not self._held.shape[1]:
            self._held, self._at = samples, position
        elif abs(position - end) <= SEAM:
            self._held = np.concatenate([self._held, samples], axis=1)
        elif position > end:
            self._held = np.concatenate([self._held, silence(min(position - end, _LONGEST_GAP)), samples], axis=1)
        else:
            self._held = np.concatenate([self._held, samples[:, end - position :]], axis=1)

    def _drop_before(self, first: int) -> None:
        gone = min(max(0, first - self._at), self._held.shape[1])
        self._held, self._at, self._from = self._held[:, gone:], self._at + gone, first

    def _seek(self, seconds: float) -> None:
        with suppress(FFmpegError):
            self._container.seek(round((seconds + self._start) * av.time_base))
        self._held, self._at, self._from = silence(0), round(seconds * LIVE_RATE), round(seconds * LIVE_RATE)
        self._pieces, self._is_over = self._decoded(), False

    def _decoded(self) -> Iterator[tuple[int, np.ndarray]]:
        """Pieces with their positions, from where the file stands; damaged ones are left out."""
        resampler = av.AudioResampler("fltp", "stereo", LIVE_RATE)
        for packet in self._packets():
            with suppress(FFmpegError):
                for frame in self._stream.decode(packet):
                    yield from self._resampled(resampler, frame)

    def _resampled(self, resampler: av.AudioResampler, frame: av.AudioFrame) -> Iterator[tuple[int, np.ndarray]]:
        for part in resampler.resample(frame):
            seconds = part.time if part.time is not None else 0.0
            yield round((seconds - self._start) * LIVE_RATE), part.to_ndarray()

    def _packets(self) -> Iterator[av.Packet]:
        with suppress(FFmpegError):
            yield from self._container.demux(self._stream)


def _padded(samples: np.ndarray, before: int, count: int) -> np.ndarray:
    """`count` samples: silence, those given, silence."""
    whole = silence(count)
    start = min(max(0, before), count)
    samples = samples[:, : count - start]
    whole[:, start : start + samples.shape[1]] = samples
    return whole

"""Sound of a live show: read from a file as its pictures go by, and written beside a film that is being recorded.

Samples are float32 (2, N) in [-1, 1], `LIVE_RATE` a second. Importing this module imports no torch.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError

from scope.media.decoding import open_container
from scope.media.sound import DEFAULT_RATE, FileSound, audio_frame

LIVE_RATE = DEFAULT_RATE
CHANNELS = 2

# Farther ahead than this a file is not read through but sought in.
_SKIP = LIVE_RATE
# A block so near to the end of the one before follows it without a seam.
_SEAM = LIVE_RATE // 50
# Silence is written once a block is so late: the pictures of a recording wait in memory for the sound beside them.
_PATIENCE = LIVE_RATE // 2
# About twenty seconds in blocks of 50 ms, for pictures that come late.
_MOST_WAITING = 400


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
        return _padded(
            self._held[:, max(0, first - self._at) : max(0, last - self._at)], self._at - first, last - first
        )

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
        elif abs(position - end) <= _SEAM:
            self._held = np.concatenate([self._held, samples], axis=1)
        elif position > end:
            self._held = np.concatenate([self._held, silence(position - end), samples], axis=1)
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


class LiveTrack:
    """Blocks of sound with their times, written as one AAC stream: gaps become silence, overlaps are cut."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, np.ndarray]] = deque(maxlen=_MOST_WAITING)
        self._stream: AudioStream | None = None
        self._written, self._in_silence = 0, True

    def open(self, container: OutputContainer) -> None:
        """Add the stream, before anything is written."""
        stream = container.add_stream("aac", rate=LIVE_RATE, layout="stereo")
        assert isinstance(stream, AudioStream)
        self._stream = stream

    def put(self, samples: np.ndarray, time: float) -> None:
        """A block that is heard from `time` on, in seconds of the film; what lies before its start is cut off."""
        self._waiting.append((round(time * LIVE_RATE), samples))

    def until(self, seconds: float) -> Iterator[av.Packet]:
        """What is heard up to that time of the film, which it has reached; silence where blocks are missing for long."""
        end = round(seconds * LIVE_RATE)
        yield from self._due(end)
        yield from self._silence(end - _PATIENCE)

    def rest(self, seconds: float) -> Iterator[av.Packet]:
        """What is left, cut or filled up to the end of the film."""
        assert self._stream is not None
        end = round(seconds * LIVE_RATE)
        yield from self._due(end)
        yield from self._silence(end)
        yield from self._stream.encode(None)

    def _due(self, end: int) -> Iterator[av.Packet]:
        while self._waiting and self._waiting[0][0] < end:
            position, samples = self._waiting.popleft()
            if samples.shape[1] > end - position:
                self._waiting.appendleft((end, samples[:, end - position :]))
            yield from self._placed(position, samples[:, : end - position])

    def _placed(self, position: int, samples: np.ndarray) -> Iterator[av.Packet]:
        if self._in_silence or abs(position - self._written) > _SEAM:
            yield from self._silence(position)
            samples = samples[:, max(0, self._written - position) :]
        self._in_silence = False
        yield from self._encode(samples)

    def _silence(self, end: int) -> Iterator[av.Packet]:
        while self._written < end:
            self._in_silence = True
            yield from self._encode(silence(min(LIVE_RATE, end - self._written)))

    def _encode(self, samples: np.ndarray) -> Iterator[av.Packet]:
        if not samples.shape[1]:
            return
        assert self._stream is not None
        frame = audio_frame(samples, LIVE_RATE, self._written)
        self._written += samples.shape[1]
        yield from self._stream.encode(frame)


def silence(count: int) -> np.ndarray:
    """So many samples of it."""
    return np.zeros((CHANNELS, count), np.float32)


def live_samples(resampler: av.AudioResampler, samples: np.ndarray, rate: int) -> np.ndarray:
    """Samples float32 (1 or 2, N) as live ones; the resampler keeps a few for the next call.

    Raises:
        av.error.FFmpegError: the resampler was used for another format before.
    """
    frame = audio_frame(samples, rate, 0)
    frame.pts = None
    parts = [part.to_ndarray() for part in resampler.resample(frame)]
    return np.concatenate(parts, axis=1) if parts else silence(0)


def _padded(samples: np.ndarray, before: int, count: int) -> np.ndarray:
    """`count` samples: silence, those given, silence."""
    whole = silence(count)
    start = min(max(0, before), count)
    samples = samples[:, : count - start]
    whole[:, start : start + samples.shape[1]] = samples
    return whole

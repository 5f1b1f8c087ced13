"""Sound of a live show, written beside a film that is being recorded.

Samples are float32 (2, N) in [-1, 1], `LIVE_RATE` a second. Importing this module imports no torch.
"""

from collections import deque
from collections.abc import Iterator

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer

from scope.media.sound import DEFAULT_RATE, audio_frame

LIVE_RATE = DEFAULT_RATE
CHANNELS = 2

# A block so near to the end of the one before follows it without a seam.
SEAM = LIVE_RATE // 50
# Silence is written once a block is so late: the pictures of a recording wait in memory for the sound beside them.
_PATIENCE = LIVE_RATE // 2
# About twenty seconds in blocks of 50 ms, for pictures that come late.
_MOST_WAITING = 400


class LiveTrack:
    """Blocks of sound with their times, written as one AAC stream: gaps become silence, overlaps are cut.

    `hurry`: where no sound has come of late, silence is written at once, so that pictures need not wait.
    """

    def __init__(self, *, hurry: bool = False) -> None:
        self._hurry = hurry
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
        quiet = self._in_silence or self._written < end - _PATIENCE
        yield from self._silence(end if self._hurry and quiet else end - _PATIENCE)

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
        if self._in_silence or abs(position - self._written) > SEAM:
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

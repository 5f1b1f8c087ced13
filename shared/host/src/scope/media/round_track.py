"""The sound of a file that plays again and again. Importing this module imports no torch."""

import math
from collections.abc import Iterator

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer

from scope.media.live_sound import LIVE_RATE
from scope.media.sound import FileSound, audio_frame
from scope.media.sound_reader import SoundReader


class RoundTrack:
    """A `Track`: AAC, from `start` seconds in the file on, which begins again every `seconds`; inf: it plays once."""

    def __init__(self, sound: FileSound, start: float, seconds: float = math.inf) -> None:
        self._reader = SoundReader(sound)
        self._turn = math.inf if math.isinf(seconds) else max(1, round(seconds * LIVE_RATE))
        self._start, self._at = round(start * LIVE_RATE), 0
        self._stream: AudioStream | None = None

    def open(self, container: OutputContainer) -> None:
        """See `Track`."""
        stream = container.add_stream("aac", rate=LIVE_RATE, layout="stereo")
        assert isinstance(stream, AudioStream)
        self._stream = stream

    def until(self, seconds: float) -> Iterator[av.Packet]:
        """See `Track`."""
        assert self._stream is not None
        end = round(seconds * LIVE_RATE)
        while self._at < end:
            first = (self._start + self._at) % self._turn
            count = int(min(end - self._at, self._turn - first, LIVE_RATE))
            samples = self._reader.between(first / LIVE_RATE, (first + count) / LIVE_RATE)
            yield from self._stream.encode(audio_frame(samples, LIVE_RATE, self._at))
            self._at += count

    def rest(self, seconds: float) -> Iterator[av.Packet]:
        """See `Track`."""
        yield from self.until(seconds)
        assert self._stream is not None
        yield from self._stream.encode(None)

    def close(self) -> None:
        """See `Track`."""
        self._reader.__exit__()

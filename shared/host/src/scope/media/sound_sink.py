"""Sound without pictures: WAV, or AAC in MP4."""

from collections.abc import Iterable
from contextlib import closing

import av
import numpy as np
from av.container import OutputContainer

from scope.media.sink import Output
from scope.media.sound import MadeTrack
from scope.media.staging import StagedFile, WholeWrites


class SoundSink(Output):
    """Takes samples and makes a file of them: 16 bits a sample in `wav`, AAC in `mp4`; `form` says which."""

    def __init__(self, staging: StagedFile, form: str) -> None:
        super().__init__(staging)
        self._form = form
        self._file = WholeWrites(staging.path, "wb")
        self._container: OutputContainer | None = None
        self._track: MadeTrack | None = None
        self.samples = 0
        self.rate = 0

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        return self.samples / self.rate if self.rate else 0.0

    @property
    def written(self) -> str:
        """How many seconds were written."""
        return f"{self.seconds:.2f} seconds"

    @property
    def is_empty(self) -> bool:
        """Whether there was not a sample."""
        return not self.samples

    def write(self, samples: np.ndarray, rate: int) -> None:
        """Append samples, float32 (channels, N) in [-1, 1], `rate` a second.

        Raises:
            MediaError: the disk is full or the encoder refuses; nothing is left behind.
        """
        with self._writing():
            track = self._track or self._start(len(samples), rate)
            track.feed(samples)
            self._mux(track.until(0.0))
        self.samples += samples.shape[1]

    def _start(self, channels: int, rate: int) -> MadeTrack:
        av.logging.set_level(None)
        self._container = av.open(self._file, "w", format=self._form)
        self._track = MadeTrack(channels, rate, "pcm_s16le" if self._form == "wav" else "aac")
        self._track.open(self._container)
        self.rate = rate
        return self._track

    def _mux(self, packets: Iterable[av.Packet]) -> None:
        if self._container is not None:
            for packet in packets:
                self._container.mux(packet)

    def _finish(self) -> None:
        if self._track is not None:
            self._mux(self._track.rest(0.0))
        self._drop()

    def _drop(self) -> None:
        container, self._container = self._container, None
        with closing(self._file):
            if container is not None:
                container.close()

"""What a show sounds like, on its way to whoever records it."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import av
import numpy as np

from scope.engine.events import Event, Heard
from scope.engine.held_sound import Block, HeldSound
from scope.media.live_sound import LIVE_RATE, live_samples
from scope.runtime.frames import Sound

_BLOCK = LIVE_RATE // 20
# The sound of a chunk that comes so much too early or too late follows the one before it without a seam.
_SEAM_SECONDS = 0.25
# What a pipeline makes at once beyond this is cut off, so that nothing grows.
_MOST_SECONDS = 20.0


class _Form(NamedTuple):
    channels: int
    rate: int


class SoundOut:
    """Sends sound in blocks while someone listens. Any thread may call."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._on = False
        self._held = HeldSound()
        self._form: _Form | None = None
        self._resampler: av.AudioResampler | None = None
        self._last: tuple[Sound, float] | None = None
        self._end = 0.0

    @property
    def on(self) -> bool:
        """Whether someone listens."""
        return self._on

    def switch(self, on: bool) -> None:
        """Someone listens from now on, or one more does; or nobody does.

        What a pipeline made last may last on: it is sent again, to those who have it already as well.
        """
        with self._lock:
            if on != self._on:
                self._held.clear()
            self._on = on
            if on and self._last is not None and time.monotonic() < self._end:
                self._send_made(*self._last)

    def forget_source(self) -> None:
        """The source is another one."""
        with self._lock:
            self._held.clear()

    def from_source(self, block: Block) -> None:
        """Samples of the source, heard when their picture is shown."""
        with self._lock:
            if self._on:
                self._held.hold(block)
                self._send_released()

    def shown(self, captured: float, now: float) -> None:
        """The picture captured at `captured` has just been shown."""
        with self._lock:
            self._held.shown(captured, now)
            self._send_released()

    def from_pipeline(self, sound: Sound) -> None:
        """What a pipeline made, heard from now on, behind what it made before."""
        with self._lock:
            form = _Form(sound.samples.shape[0], sound.rate)
            if form != self._form:
                self._form, self._resampler = form, av.AudioResampler("fltp", "stereo", LIVE_RATE)
            now = time.monotonic()
            at = self._end if abs(self._end - now) < _SEAM_SECONDS else now
            self._end = at + float(sound.seconds)
            self._last = sound, at
            if self._on:
                self._send_made(sound, at)

    def _send_released(self) -> None:
        for samples, at in self._held.released():
            self._send(samples, at)

    def _send_made(self, sound: Sound, at: float) -> None:
        assert self._resampler is not None
        samples = sound.samples[:, : round(_MOST_SECONDS * sound.rate)].numpy()
        self._send(live_samples(self._resampler, samples, sound.rate), at)

    def _send(self, samples: np.ndarray, at: float) -> None:
        for first in range(0, samples.shape[1], _BLOCK):
            block = np.ascontiguousarray(samples[:, first : first + _BLOCK])
            self._emit(Heard(block, round((at + first / LIVE_RATE) * 1e9)))

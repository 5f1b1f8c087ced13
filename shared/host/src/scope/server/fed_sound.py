"""Sound that a client sends beside its pictures over an ingest socket."""

import av
import numpy as np

from scope.media.arrivals import Arrivals
from scope.media.live_sound import LIVE_RATE, live_samples
from scope.server.wire import Frame, FrameError

_MAX_CHANNELS, _RATES = 2, range(8000, 192_001)
_MAX_SECONDS = 1.0


class FedSound:
    """One client's sound as the engine takes it, on the clock by which its pictures came. Used on the event loop only."""

    def __init__(self) -> None:
        self._arrivals = Arrivals()
        self._form = (0, 0)
        self._resampler: av.AudioResampler | None = None

    def note(self, frame: Frame, arrived_ns: int) -> None:
        """A picture has come."""
        self._arrivals.note(frame.capture_us / 1e6, arrived_ns / 1e9)

    def taken(self, frame: Frame, arrived_ns: int) -> tuple[np.ndarray, int]:
        """A frame's samples, float32 (2, N), 48000 a second, and their capture in ns on this machine's clock.

        Raises:
            FrameError: no such sound.
        """
        channels, rate = frame.width, frame.pipeline_us
        if not 1 <= channels <= _MAX_CHANNELS or rate not in _RATES:
            raise FrameError(f"expected 1 or 2 channels at 8000 to 192000 a second, got {channels} at {rate}")
        count, left = divmod(len(frame.payload), 2 * channels)
        if left or not 0 < count <= _MAX_SECONDS * rate:
            raise FrameError(f"expected up to a second of 16-bit samples, got {len(frame.payload)} bytes")
        if (channels, rate) != self._form:
            self._form, self._resampler = (channels, rate), av.AudioResampler("fltp", "stereo", LIVE_RATE)
        assert self._resampler is not None
        samples = np.frombuffer(frame.payload, "<i2").reshape(count, channels).T.astype(np.float32) / 32768
        at = self._arrivals.here(frame.capture_us / 1e6)
        captured = arrived_ns if at is None else round(at * 1e9)
        return live_samples(self._resampler, samples, rate), captured

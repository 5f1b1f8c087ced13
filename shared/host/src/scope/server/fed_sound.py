"""Sound that a client sends beside its pictures over an ingest socket."""

import av
import numpy as np

from scope.media.arrivals import Arrivals
from scope.media.live_sound import LIVE_RATE, live_samples
from scope.server.wire import Frame, FrameError

_MAX_CHANNELS, _RATES = 2, range(8000, 192_001)
_MAX_SECONDS = 1.0
# Sound that seems to have been made so long before or after it came was stamped by another clock than the pictures.
_PLAUSIBLE_SECONDS = 1.0


class FedSound:
    """One client's sound as the engine takes it. Used on the event loop only.

    It is placed on the clock by which the client's pictures came, or, where that is another one, by when it comes.
    """

    def __init__(self) -> None:
        self._pictures, self._sound = Arrivals(), Arrivals()
        self._form = (0, 0)
        self._resampler: av.AudioResampler | None = None

    def note(self, frame: Frame, arrived_ns: int) -> None:
        """A picture has come."""
        self._pictures.note(frame.capture_us / 1e6, arrived_ns / 1e9)

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
        return live_samples(self._resampler, samples, rate), round(
            self._at(frame.capture_us / 1e6, arrived_ns / 1e9) * 1e9
        )

    def _at(self, sent: float, arrived: float) -> float:
        self._sound.note(sent, arrived)
        at = self._pictures.here(sent)
        if at is not None and abs(at - arrived) < _PLAUSIBLE_SECONDS:
            return at
        return self._sound.here(sent) or arrived

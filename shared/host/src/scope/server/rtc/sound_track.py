"""The sound of the show to a peer."""

import asyncio
import time
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack

from scope.media.live_sound import LIVE_RATE
from scope.media.playout import Playout
from scope.server.watch import Ears

# A packet of Opus as aiortc makes it.
_COUNT = LIVE_RATE // 50
# The engine sends up to 50 ms at once when they begin to be heard; so much later they are surely here.
_DELAY_SECONDS = 0.04


class SoundTrack(MediaStreamTrack):
    """Twenty milliseconds at a time; silence where the show has none."""

    kind = "audio"

    def __init__(self, ears: Ears) -> None:
        super().__init__()
        self._ears, self._playout = ears, Playout()
        self._began = self._sent = 0

    async def recv(self) -> av.AudioFrame:
        """The next packet's samples, when it is time for them."""
        self._began = self._began or time.monotonic_ns()
        at = self._began / 1e9 + self._sent / LIVE_RATE
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        for heard in self._ears.take():
            self._playout.put(heard.samples, heard.at_ns / 1e9)
        samples = self._playout.take(at - _DELAY_SECONDS, _COUNT)
        whole = (samples.clip(-1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(whole.T.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = LIVE_RATE, self._sent, Fraction(1, LIVE_RATE)
        self._sent += _COUNT
        return frame

    def stop(self) -> None:
        """Hear no more; aiortc calls it as well."""
        if self.readyState == "live":
            self._ears.close()
        super().stop()

"""The clock of a sender, as it is seen from here."""

import statistics
from collections import deque

# What is sent comes as late as the median over so much of it says.
_ARRIVALS = 25


class Arrivals:
    """Tells when what a sender stamped belongs on this machine's clock: at the usual delay, whatever single ones took."""

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_ARRIVALS)

    def note(self, sent: float, now: float) -> None:
        """Something stamped `sent` has come `now`; both in seconds."""
        self._offsets.append(now - sent)

    def here(self, sent: float) -> float | None:
        """The moment on this clock that `sent` means; None before anything has come."""
        return sent + statistics.median(self._offsets) if self._offsets else None

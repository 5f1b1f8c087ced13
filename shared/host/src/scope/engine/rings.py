"""The server's half of the shared memory: it creates every ring and removes every ring."""

import threading
from collections.abc import Iterable

from scope.engine.ring import Ring, RingError, Slot

# Slots for 1920x1080; pages are used only once they are written.
USUAL_BYTES = 1920 * 1080 * 3


class RingSet:
    """Rings by tap. A tap that is dropped and comes back goes on counting its pictures. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rings: dict[str, Ring] = {}
        self._numbers: dict[str, int] = {}

    def names(self) -> dict[str, str]:
        """What the engine opens."""
        with self._lock:
            return {tap: ring.name for tap, ring in self._rings.items()}

    def get(self, tap: str) -> Ring | None:
        """The ring of a tap."""
        return self._rings.get(tap)

    def keep(self, taps: Iterable[str]) -> None:
        """Have a ring for each of these taps and for no other.

        Raises:
            RingError: no shared memory for it.
        """
        with self._lock:
            for tap in self._rings.keys() - set(taps):
                self._drop(tap)
            for tap in taps:
                if tap not in self._rings:
                    self._create(tap, USUAL_BYTES)

    def have(self, tap: str, nbytes: int) -> None:
        """A ring for pictures of that size; raises as `keep` does."""
        with self._lock:
            ring = self._rings.get(tap)
            if ring is not None and ring.capacity < nbytes:
                self._drop(tap)
                ring = None
            if ring is None:
                self._create(tap, max(nbytes, USUAL_BYTES))

    def has_newer(self, tap: str, after: int) -> bool:
        """Whether a picture of a tap is there whose number is above `after`."""
        ring = self._rings.get(tap)
        try:
            return ring is not None and ring.has_newer(after)
        except RingError:  # it was dropped meanwhile
            return False

    def empty(self, taps: Iterable[str]) -> None:
        """Forget the pictures of these taps: whoever made them is gone.

        Raises:
            RingError: no shared memory for it.
        """
        with self._lock:
            for tap in self._rings.keys() & set(taps):
                nbytes = self._rings[tap].capacity
                self._drop(tap)
                self._create(tap, nbytes)

    def newest(self, tap: str, after: int) -> Slot | None:
        """The newest picture of a tap, if its number is above `after`."""
        ring = self._rings.get(tap)
        try:
            return ring.newest(after) if ring else None
        except RingError:  # it was dropped meanwhile
            return None

    def free(self) -> None:
        """Remove all of them."""
        with self._lock:
            for tap in list(self._rings):
                self._drop(tap)

    def _create(self, tap: str, nbytes: int) -> None:
        self._rings[tap] = Ring.create(nbytes, self._numbers.get(tap, 0))

    def _drop(self, tap: str) -> None:
        ring = self._rings.pop(tap)
        self._numbers[tap] = ring.last_number
        ring.unlink()

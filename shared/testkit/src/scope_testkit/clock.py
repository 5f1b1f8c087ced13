"""Time that the kit controls, so that two runs of a pipeline that moves with the clock can be compared."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

_SECONDS = ("monotonic", "time", "perf_counter")
_NANOSECONDS = ("monotonic_ns", "time_ns", "perf_counter_ns")
# A reading moves the clock a little, so that code which waits for time to pass comes to an end.
_CREEP = 1e-6


class FakeClock:
    """Seconds that pass only when told so; `installed` puts it in the place of the `time` module's clocks."""

    def __init__(self, start: float = 1_000_000.0) -> None:
        self.now = start

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def read(self) -> float:
        self.now += _CREEP
        return self.now

    def read_ns(self) -> int:
        return int(self.read() * 1e9)

    @contextmanager
    def installed(self) -> Generator[None]:
        """While this lasts, `time.monotonic()` and its kin read this clock."""
        real: dict[str, Any] = {name: getattr(time, name) for name in (*_SECONDS, *_NANOSECONDS)}
        try:
            for name in real:
                setattr(time, name, self.read if name in _SECONDS else self.read_ns)
            yield
        finally:
            for name, function in real.items():
                setattr(time, name, function)

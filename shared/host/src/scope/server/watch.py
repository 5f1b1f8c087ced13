"""Who looks at which tap of the engine, and who hears the show; what nobody takes is not even copied."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from scope.engine.events import Event, Heard
from scope.engine.link import OUT, Engine, Picture

# Some seconds of sound, for who is slow; the oldest is lost.
_MOST_HEARD = 400
# Whether it is over, a thread that waits for a picture looks so often.
_WAIT = 0.25


class Watch:
    """Claims on taps. Used on the event loop only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._claims: dict[object, tuple[str, float]] = {}
        self._hearing: set[object] = set()

    def claim(self, owner: object, tap: str, fps: float) -> None:
        """`owner` takes so many frames a second of a tap, until it lets go."""
        self._claims[owner] = tap, fps
        self._tell()

    def hear(self, owner: object) -> None:
        """`owner` takes the sound of the show, until it lets go."""
        self._hearing.add(owner)
        self._engine.sound(True)

    def release(self, owner: object) -> None:
        """`owner` takes nothing any more."""
        if self._claims.pop(owner, None) is not None:
            self._tell()
        if owner in self._hearing:
            self._hearing.remove(owner)
            if not self._hearing:
                self._engine.sound(False)

    def _tell(self) -> None:
        taps: dict[str, float] = {}
        for tap, fps in self._claims.values():
            taps[tap] = max(fps, taps.get(tap, 0.0))
        self._engine.watch(taps)


class Ears:
    """The sound of the show for one who takes it when it is time; for any thread. `Watch.hear` makes it come."""

    def __init__(self, engine: Engine) -> None:
        self._blocks: deque[Heard] = deque(maxlen=_MOST_HEARD)
        self.close = engine.listen(self._hear)

    def take(self) -> Iterator[Heard]:
        """What has come since."""
        while self._blocks:
            yield self._blocks.popleft()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Heard):
            self._blocks.append(event)


class Taker(Protocol):
    """A recording or a stream: takes pictures and sound, on one clock in seconds."""

    def put(self, pixels: np.ndarray, seconds: float, /) -> None: ...

    def hear(self, samples: np.ndarray, seconds: float, /) -> None: ...


def give(engine: Engine, ears: Ears, taker: Taker, end: threading.Event) -> Iterator[int]:
    """Give each newer picture of the show, and the sound that has come with it, until `end` is set.

    Yields after each picture how many were passed over before it. Raises what `taker` raises.
    """
    number = 0
    while not end.is_set():
        picture = engine.frame(OUT, number, _WAIT)
        if picture is None:
            continue
        taker.put(picture.pixels, shown_at(picture))
        for heard in ears.take():
            taker.hear(heard.samples, heard.at_ns / 1e9)
        yield picture.number - number - 1 if number else 0
        number = picture.number


def shown_at(picture: Picture) -> float:
    """When a picture left the pipelines, in monotonic seconds: what viewers saw then is what a film shows."""
    return picture.captured_ns / 1e9 + picture.pipeline_us / 1e6

"""Numbers glide on the engine while the document says already where they go."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from scope.control.fades import Ahead, Fades
from scope.engine.link import Engine

BY = "scene"


class Fade:
    """Posts the steps of fades as they come. Used on the event loop only; times are those of `clock`, in seconds."""

    def __init__(
        self, engine: Engine, is_whole: Callable[[str, str], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self._engine = engine
        self._fades = Fades(is_whole)
        self._timer: asyncio.TimerHandle | None = None

    def move(
        self, time: float, stage: str, values: Mapping[str, Any], seconds: float, stood: Mapping[str, Any]
    ) -> None:
        """See `Fades.move`; without `seconds` the fields follow the hand that moves them, not their fade."""
        self._fades.move(time, stage, values, seconds, stood)
        self._plan()

    def now(self) -> dict[str, dict[str, float]]:
        """Stage → the values of those fields that still move."""
        return self._fades.now(self.clock())

    def ahead(self, time: float) -> list[Ahead]:
        """See `Fades.ahead`."""
        return self._fades.ahead(time)

    def keep(self, stages: set[str]) -> None:
        """Only these stages are left."""
        self._fades.keep(stages)

    def stop(self) -> None:
        """End where it is."""
        self._fades.keep(set())
        self._plan()

    def _plan(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self._fades.due()
        wait = 0.0 if due is None else max(0.0, due - self.clock())
        self._timer = None if due is None else asyncio.get_running_loop().call_later(wait, self._step)

    def _step(self) -> None:
        for stage, values in self._fades.take(self.clock()).items():
            self._engine.post(stage, values, 0, BY)
        self._plan()

"""Numbers on their way to where they shall stand: what a fade is, live and offline."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

# A fade moves this often: smooth at every frame rate that a show reaches, and no flood for the engine.
STEPS_A_SECOND = 30

# Times are sums of fractions of a second; one that misses its step by so many steps is meant to be on it.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class Glide:
    """A number on a straight line in `count` steps, the first of them as it begins."""

    start: float
    end: float
    began: float
    count: int
    whole: bool

    def step_at(self, time: float) -> int:
        """Which step it is at, `count` for the last."""
        steps = math.floor((time - self.began) * STEPS_A_SECOND + _ROUNDING) + 1
        return min(max(steps, 1), self.count)

    def value(self, step: int) -> float:
        """Where it stands at a step; at the last exactly at its end."""
        if step >= self.count:
            return self.end
        between = self.start + (self.end - self.start) * step / self.count
        return round(between) if self.whole else between

    def due(self, step: int) -> float:
        """When a step comes."""
        return self.began + (step - 1) / STEPS_A_SECOND


@dataclass(frozen=True)
class Ahead:
    """What of a stage is still on its way: fields, where they go, and how long that takes from now."""

    stage: str
    ends: Mapping[str, float]
    seconds: float


class Fades:
    """Every field of a show that glides. Times are seconds on one clock.

    `is_whole`: stage, field → whether it holds whole numbers only, which then stay whole on their way.
    """

    def __init__(self, is_whole: Callable[[str, str], bool]) -> None:
        self._is_whole = is_whole
        self._glides: dict[tuple[str, str], Glide] = {}
        self._given: dict[tuple[str, str], int] = {}

    def move(
        self, time: float, stage: str, values: Mapping[str, Any], seconds: float, stood: Mapping[str, Any]
    ) -> None:
        """A stage is given values: numbers take `seconds` from where they are now, everything else is there at once.

        `stood`: what its fields stood at, for those that were not on their way. One that already goes to its value
        keeps its pace.
        """
        count = round(seconds * STEPS_A_SECOND)
        for name, end in values.items():
            key = (stage, name)
            old = self._glides.get(key)
            if old is not None and count > 1 and old.end == end:
                continue
            start = stood.get(name) if old is None else old.value(old.step_at(time))
            self._drop(key)
            if count > 1 and _is_number(start) and _is_number(end) and start != end:
                self._glides[key] = Glide(start, end, time, count, self._is_whole(stage, name))

    def now(self, time: float) -> dict[str, dict[str, float]]:
        """Stage → where its fields stand that are on their way."""
        found: dict[str, dict[str, float]] = {}
        for (stage, name), glide in self._glides.items():
            found.setdefault(stage, {})[name] = glide.value(glide.step_at(time))
        return found

    def due(self) -> float | None:
        """When the next step comes; None when nothing is on its way."""
        return min((glide.due(self._given.get(key, 0) + 1) for key, glide in self._glides.items()), default=None)

    def take(self, time: float) -> dict[str, dict[str, float]]:
        """Stage → the values of the steps that have come since they were taken last. What has arrived is forgotten."""
        found: dict[str, dict[str, float]] = {}
        for key, glide in list(self._glides.items()):
            step = glide.step_at(time)
            if step > self._given.get(key, 0):
                self._given[key] = step
                found.setdefault(key[0], {})[key[1]] = glide.value(step)
            if step == glide.count:
                self._drop(key)
        return found

    def ahead(self, time: float) -> list[Ahead]:
        """What is still to come, for somebody who begins to look now."""
        found: dict[tuple[str, int], dict[str, float]] = {}
        for (stage, name), glide in self._glides.items():
            found.setdefault((stage, glide.count - glide.step_at(time)), {})[name] = glide.end
        return [Ahead(stage, ends, left / STEPS_A_SECOND) for (stage, left), ends in found.items()]

    def keep(self, stages: set[str]) -> None:
        """Only these stages are left."""
        for key in [key for key in self._glides if key[0] not in stages]:
            self._drop(key)

    def _drop(self, key: tuple[str, str]) -> None:
        self._glides.pop(key, None)
        self._given.pop(key, None)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""The way to a scene: numbers glide on the engine while the document says the end already."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scope.control.scenes import STEPS_A_SECOND
from scope.engine.link import Engine

BY = "scene"

Steps = Mapping[str, Sequence[dict[str, Any]]]


class Fade:
    """At most one fade at a time. `now`: stage → the values of those fields that still move. On the event loop only."""

    def __init__(self, engine: Engine) -> None:
        self.now: dict[str, dict[str, Any]] = {}
        self._engine = engine
        self._task: asyncio.Task[None] | None = None

    def prepare(self, steps: Steps) -> None:
        """Begin with the first step of each stage; stages without a number that moves, or a single step, are left out."""
        self.stop()
        self.now = {stage: dict(todo[0]) for stage, todo in steps.items() if len(todo) > 1 and todo[0]}

    def run(self, steps: Steps) -> None:
        """Post the steps, a thirtieth of a second apart."""
        if self.now:
            moving = {stage: steps[stage] for stage in self.now}
            self._task = asyncio.create_task(self._run(moving), name="scope:fade:scene")

    def release(self, stage: str, names: Iterable[str]) -> None:
        """A hand is on these fields: they follow it, not the fade."""
        for name in names:
            self.now.get(stage, {}).pop(name, None)

    def stop(self) -> None:
        """End where it is."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.now.clear()

    async def _run(self, steps: Steps) -> None:
        clock = asyncio.get_running_loop()
        began = clock.time()
        for i in range(max(map(len, steps.values()))):
            await asyncio.sleep(max(0.0, began + i / STEPS_A_SECOND - clock.time()))
            for stage, todo in steps.items():
                moving = self.now.get(stage, {})
                moving.update({name: value for name, value in todo[i].items() if name in moving})
                if moving:
                    self._engine.post(stage, dict(moving), 0, BY)
        self.now.clear()

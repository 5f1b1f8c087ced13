"""What switches waits for the next beat or bar, if the set-up says so."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from scope.server.beats import Beats
from scope.server.edits import ShowError

Change = Callable[[], None]
Values = Mapping[str | None, Mapping[str, Any]]


class OnTheBeat:
    """Changes that wait, and are made in the order in which they came. Used on the event loop only.

    `told` is called when something begins to wait, and when nothing waits any more.
    """

    def __init__(self, beats: Beats, told: Callable[[], None]) -> None:
        self._beats, self._told = beats, told
        self._waiting: list[tuple[Change, Values]] = []
        self._timer: asyncio.TimerHandle | None = None

    def make(self, change: Change, promised: Values) -> None:
        """Make a change at the next beat or bar, or now where nothing waits for one.

        `promised`: stage → the values that it will have then; those of the show under None.
        """
        if self._beats.wait() <= 0.0:
            self._make_all()
            change()
            return
        self._waiting.append((change, promised))
        if len(self._waiting) == 1:
            self._told()
        self.plan()

    @property
    def waits(self) -> bool:
        """True while a change waits."""
        return bool(self._waiting)

    def promised(self, stage: str | None) -> dict[str, Any]:
        """The values of a stage that wait."""
        found: dict[str, Any] = {}
        for _, values in self._waiting:
            found.update(values.get(stage, {}))
        return found

    def plan(self) -> None:
        """The clock or what the set-up says of it is another."""
        self.stop()
        if not self._waiting:
            return
        wait = self._beats.wait()
        if wait <= 0.0:
            self._make_all()
        else:
            self._timer = asyncio.get_running_loop().call_later(wait, self._make_all)

    def stop(self) -> None:
        """Make nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _make_all(self) -> None:
        self.stop()
        waiting, self._waiting = self._waiting, []
        for change, _ in waiting:
            with suppress(ShowError):  # what it was about may be gone by now
                change()
        if waiting:
            self._told()

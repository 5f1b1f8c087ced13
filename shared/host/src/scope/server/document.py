"""The set-up document while many edit it: revisions, undo, and one announcement for each burst of changes."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from scope.control.history import History
from scope.control.patch import Operation, difference
from scope.control.setup import Setup
from scope.server.edits import ShowError

# Sliders send faster than anyone looks: changes are told at most so often.
_ANNOUNCE_SECONDS = 1 / 60

Announce = Callable[[Sequence[Operation], int, str], None]


class SharedDocument:
    """The document, never changed in place. Used on the event loop only.

    `announce` is told the patch, the new revision and who made the changes, at most sixty times a second.
    """

    def __init__(self, setup: Setup, announce: Announce) -> None:
        self.now: dict[str, Any] = setup.document()
        self.rev = 1
        self.history = History()
        self._announce = announce
        self._told = self.now
        self._by: set[str] = set()
        self._due: asyncio.TimerHandle | None = None

    @property
    def setup(self) -> Setup:
        """The document, typed."""
        return Setup.model_validate(self.now)

    def stage(self, stage_id: str) -> dict[str, Any] | None:
        """The stage of that id, as JSON."""
        return next((stage for stage in self.now["stages"] if stage["id"] == stage_id), None)

    def known(self, stage_id: str) -> dict[str, Any]:
        """The stage of this id.

        Raises:
            ShowError: there is none; the message lists those there are.
        """
        stage = self.stage(stage_id)
        if stage is None:
            ids = ", ".join(stage["id"] for stage in self.now["stages"]) or "none"
            raise ShowError(f"there is no stage {stage_id!r} (stages: {ids})")
        return stage

    def edit(self, new: dict[str, Any], by: str, label: str, gesture: str | None = None) -> None:
        """Make `new` the document; undo goes back to what is now. Edits of one gesture in a row are one step."""
        if new != self.now:
            self.history.record(self.now, label, None if gesture is None else f"{by}/{gesture}")
            self.settle(new, by)

    def settle(self, new: dict[str, Any], by: str) -> None:
        """Make `new` the document without a step to undo."""
        self.now = new
        self._by.add(by)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(_ANNOUNCE_SECONDS, self.flush)

    def flush(self) -> None:
        """Announce what changed, now."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        operations, by = difference(self._told, self.now), ", ".join(sorted(self._by))
        self._told = self.now
        self._by.clear()
        if operations:
            self.rev += 1
            self._announce(operations, self.rev, by)

    def close(self) -> None:
        """Announce nothing any more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

"""Undo and redo: the documents before each gesture. They share what did not change, so each is as small as a patch."""

from dataclasses import dataclass
from typing import Any

LIMIT = 100


@dataclass(frozen=True)
class Step:
    """What a person did at once, such as one drag of a slider: its name, and the document before it."""

    label: str
    gesture: str | None
    document: Any


class History:
    """Steps that can be undone, and undone ones that can be done again. The oldest of more than `limit` is forgotten."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._undo: list[Step] = []
        self._redo: list[Step] = []

    def record(self, before: Any, label: str, gesture: str | None = None) -> None:
        """Note the document before a change. Changes of one gesture in a row are one step."""
        self._redo.clear()
        if gesture is not None and self._undo and self._undo[-1].gesture == gesture:
            return
        self._undo.append(Step(label, gesture, before))
        del self._undo[: -self._limit]

    def undo(self, now: Any) -> Any | None:
        """The document to go back to from `now`; None when there is nothing to undo."""
        return _shift(self._undo, self._redo, now)

    def redo(self, now: Any) -> Any | None:
        """The document to go forward to from `now`; None when nothing was undone."""
        return _shift(self._redo, self._undo, now)

    @property
    def undo_label(self) -> str | None:
        """What undo would take back."""
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        """What redo would do again."""
        return self._redo[-1].label if self._redo else None


def _shift(source: list[Step], target: list[Step], now: Any) -> Any | None:
    while source:
        step = source.pop()
        if step.document == now:
            continue  # the host itself took the change back
        target.append(Step(step.label, None, now))
        return step.document
    return None

"""Values on their way to the engine: who waits for an answer, and what the document says until it comes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MISSING = object()
_MAX_ASKED = 1000


@dataclass
class _Sent:
    number: int
    value: Any
    good: Any


@dataclass(frozen=True)
class Correction:
    """The document's value is not the one in force: it becomes `value`, or goes when that is MISSING."""

    name: str
    value: Any


class Answers:
    """Bounded: by the fields of the show, of which the last value counts, and by the last thousand messages."""

    def __init__(self) -> None:
        self._number = 0
        self._sent: dict[tuple[str, str], _Sent] = {}
        self._asked: dict[int, tuple[str, str, int]] = {}

    def sent(self, stage: str, values: Mapping[str, Any], before: Mapping[str, Any], client: str, n: int) -> int:
        """Note values that are posted now, and the stage's values `before`; returns the number to post them with."""
        self._number += 1
        for name, value in values.items():
            stands = before.get(name, MISSING)
            open_ = self._sent.get((stage, name))
            # What stands is no good value yet if it waits for an answer itself, but a scene or an undo may have set it.
            good = open_.good if open_ is not None and open_.value == stands else stands
            self._sent[stage, name] = _Sent(self._number, value, good)
        self._asked[self._number] = client, stage, n
        if len(self._asked) > _MAX_ASKED:
            del self._asked[next(iter(self._asked))]
        return self._number

    def answered(self, stage: str, number: int) -> dict[str, int]:
        """Who is to be told that everything up to `number` was taken: client → the highest of its own numbers."""
        done = [sent for sent, (_, asked, _) in self._asked.items() if asked == stage and sent <= number]
        asked = [self._asked.pop(sent) for sent in done]
        return {client: n for client, _, n in asked}

    def corrections(
        self, stage: str, number: int, values: Mapping[str, Any], refused: Iterable[str], now: Mapping[str, Any]
    ) -> list[Correction]:
        """What the document has to say instead of what was sent.

        `now`: the stage's values in the document. Fields that were sent again since, or that an undo, a scene or
        another document changed, are left as they are.
        """
        found = [Correction(name, value) for name, value in values.items() if self._settled(stage, name, number, now)]
        back = [(name, self._settled(stage, name, number, now)) for name in refused]
        return found + [Correction(name, sent.good) for name, sent in back if sent is not None]

    def forget(self, client: str) -> None:
        """A client has left."""
        self._asked = {sent: asked for sent, asked in self._asked.items() if asked[0] != client}

    def keep(self, stages: Iterable[str]) -> None:
        """Only these stages are left."""
        kept = set(stages)
        self._sent = {key: value for key, value in self._sent.items() if key[0] in kept}
        self._asked = {sent: asked for sent, asked in self._asked.items() if asked[1] in kept}

    def _settled(self, stage: str, name: str, number: int, now: Mapping[str, Any]) -> _Sent | None:
        sent = self._sent.get((stage, name))
        if sent is None or sent.number > number:
            return None
        del self._sent[stage, name]
        return sent if now.get(name, MISSING) == sent.value else None

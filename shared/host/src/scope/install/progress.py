"""What a running change tells those who watch it, and how they stop it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from scope.install.errors import CancelledError

Stage = Literal["waiting", "resolving", "installing", "checking", "switching", "done"]


@dataclass(frozen=True)
class Step:
    """Where a change is, and one line about it."""

    stage: Stage
    text: str


def _silent(step: Step) -> None:
    """Nobody watches."""


@dataclass
class Watch:
    """Progress goes out by `on_step`; `cancel` stops the change before its switch."""

    on_step: Callable[[Step], None] = _silent
    cancel: threading.Event = field(default_factory=threading.Event)

    def say(self, stage: Stage, text: str) -> None:
        """Report a step."""
        self.on_step(Step(stage, text))

    def check(self) -> None:
        """Raise CancelledError if somebody has cancelled."""
        if self.cancel.is_set():
            raise CancelledError

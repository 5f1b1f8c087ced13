"""What other threads may tell a stage, and when it takes effect."""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# Meant for one call; sent again and again they would start anew with every chunk.
ONCE_ONLY = frozenset(
    {"transition", "vace_ref_images", "first_frame_image", "last_frame_image", "images", "lora_scales"}
)
RESET = "reset_cache"


@dataclass(frozen=True)
class Setting:
    """A runtime parameter that takes effect with the first call at or after `time` seconds."""

    time: float
    name: str
    value: Any


@dataclass(frozen=True)
class Changes:
    """What one call goes by: every parameter set so far with the once-only ones of this call, and whether to reset."""

    values: Mapping[str, Any]
    reset: bool


class Mailbox:
    """Runtime parameters on their way to one stage. Any thread may post; the stage's own thread takes.

    Last value wins. The changes of one `post` arrive together, in the same call. A name in `ONCE_ONLY` goes to exactly
    one call, whatever becomes of that call; `reset_cache` is no parameter but asks for a reset. One that arrives while
    a call runs waits for the next. Settings take effect at their time, those of one time in the order given.
    """

    def __init__(self, settings: Iterable[Setting] = ()) -> None:
        self._lock = threading.Lock()
        self._sticky: dict[str, Any] = {}
        self._once: dict[str, Any] = {}
        self._reset = False
        self._due = deque(sorted(settings, key=lambda setting: setting.time))

    def post(self, changes: Mapping[str, Any]) -> None:
        """Set parameters, all of them before the next call or none."""
        with self._lock:
            self._apply(changes)

    def peek(self, time: float = 0.0) -> dict[str, Any]:
        """The parameters that a call at `time` would take; nothing is used up."""
        with self._lock:
            self._advance(time)
            return self._sticky | self._once

    def take(self, time: float = 0.0) -> Changes:
        """The parameters for a call at `time`; the once-only ones and the reset are used up by it."""
        with self._lock:
            self._advance(time)
            changes = Changes(self._sticky | self._once, self._reset)
            self._once, self._reset = {}, False
            return changes

    def _advance(self, time: float) -> None:
        # Times are sums of fractions of a second and miss their mark by a rounding error.
        while self._due and self._due[0].time <= time + 1e-9:
            setting = self._due.popleft()
            self._apply({setting.name: setting.value})

    def _apply(self, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            if name == RESET:
                self._reset = self._reset or bool(value)
            else:
                (self._once if name in ONCE_ONLY else self._sticky)[name] = value

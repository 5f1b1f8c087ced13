"""What every port is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

import numpy as np


class PortError(Exception):
    """A port cannot be opened, or has failed, in one sentence."""


# Called with samples, float32 (2, N) in [-1, 1], 48000 a second, and the moment they belong to, monotonic.
Hear = Callable[[np.ndarray, float], None]


def unheard(_samples: np.ndarray, _seconds: float) -> None:
    """Nobody listens."""


class OutPort(Protocol):
    """Takes pictures, and sound where that exists."""

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """Send a picture that was made at `seconds`, monotonic. Sizes may change.

        Raises:
            PortError: the other side is gone or refuses.
        """
        ...

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """Send sound that belongs to the pictures from `seconds` on: float32 (2, N) in [-1, 1], 48000 a second."""
        ...

    def close(self) -> None:
        """End properly, as far as the other side still listens."""
        ...


class InPort(Protocol):
    """Gives pictures, and sound where that exists. `is_film`: they have an end, and come at their own pace."""

    is_film: bool

    def pictures(self, hear: Hear = unheard, *, loop: bool = True) -> Iterator[np.ndarray]:
        """Each picture as it arrives; ends when the other side ends. `hear` is called in between, on the same thread.

        A film begins again behind its end, unless `loop` is False.

        Raises:
            PortError: the connection broke.
        """
        ...

    def close(self) -> None:
        """Let go; also wakes a thread that waits in `pictures`."""
        ...


@dataclass(frozen=True)
class PortKind[T]:
    """One way in or out. `address`: what a person types, by example. `module` and `extra`: what it needs beyond the host.

    `systems`: where it exists, as `sys.platform` names them; everywhere without.
    """

    name: str
    title: str
    address: str
    opens: Callable[[str, str], T]
    module: str | None = None
    extra: str | None = None
    systems: tuple[str, ...] = ()

    def missing(self, platform: str) -> str | None:
        """Why it cannot be used on this machine, in one sentence; None if it can."""
        if self.systems and platform not in self.systems:
            names = {"win32": "Windows", "darwin": "macOS", "linux": "Linux"}
            return f"{self.title} exists on {' and '.join(names[s] for s in self.systems)} only."
        if self.module is not None and find_spec(self.module) is None:
            return f"{self.title} needs the extra {self.extra!r}: uv pip install 'scope-host[{self.extra}]'"
        return None

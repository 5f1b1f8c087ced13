"""What a server says to an engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scope.control.tempo import Tempo

Setup = Mapping[str, Any]


@dataclass(frozen=True)
class Play:
    """Make the show what this set-up document says; instances that stay the same go on without a gap."""

    setup: Setup


@dataclass(frozen=True)
class Post:
    """Runtime parameters for one stage; they arrive as a group. `n` and `by` come back in `Took`."""

    stage: str
    changes: Mapping[str, Any]
    n: int = 0
    by: str = ""


@dataclass(frozen=True)
class Swap:
    """Load the stage again with these load parameters; the old instance plays until the new one is ready."""

    stage: str
    load: Mapping[str, Any]


@dataclass(frozen=True)
class Pause:
    """Stop calling the pipelines; the last picture stays and parameters are still taken."""

    on: bool


@dataclass(frozen=True)
class Reset:
    """Call with `init_cache=True` once: one stage, or all of them without `stage`."""

    stage: str | None = None


@dataclass(frozen=True)
class SetTempo:
    """The tempo from now on, on `time.monotonic`; None: none runs."""

    tempo: Tempo | None


@dataclass(frozen=True)
class Levels:
    """How loud the sound is right now, for modulation by it: band → [0, 1]."""

    bands: Mapping[str, float]


@dataclass(frozen=True)
class Watch:
    """Which taps are looked at, and how many frames a second of each are wanted. Ten seconds of none: the show idles."""

    taps: Mapping[str, float]


@dataclass(frozen=True)
class Rings:
    """Shared memory segments by tap; the engine writes the newest picture of a tap there, and reads the tap `feed`."""

    names: Mapping[str, str]


@dataclass(frozen=True)
class Fed:
    """A picture lies in the ring `feed`."""


@dataclass(frozen=True)
class FedSound:
    """What a source sounds like that the server reads: blocks of samples, float32 (2, N), with their capture in ns."""

    blocks: tuple[tuple[np.ndarray, int], ...]


@dataclass(frozen=True)
class Stop:
    """End the engine."""


@dataclass(frozen=True)
class Listen:
    """Send what the show sounds like as `Heard`, or no longer."""

    on: bool


Command = Play | Post | Swap | Pause | Reset | SetTempo | Levels | Watch | Rings | Fed | FedSound | Listen | Stop

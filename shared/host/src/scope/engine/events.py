"""What an engine says to a server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Hello:
    """The engine is up: what it can play. `pipelines`: id → `get_schema_with_metadata()` and `plugin`, the package."""

    pipelines: Mapping[str, Mapping[str, Any]]
    plugins: Sequence[Mapping[str, Any]]
    device: Mapping[str, Any]
    versions: Mapping[str, str]
    pid: int
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Loading:
    """A stage is being loaded: what is done right now; `share` in [0, 1] of the time that the same load took before."""

    stage: str
    step: str
    share: float | None = None


@dataclass(frozen=True)
class Ready:
    """Everything the last `Play` or `Swap` asked for is in place, or failed with a `Fault`.

    `stages`: the ids that play. `chosen`: what the pipelines of some took where a field leaves them the choice.
    """

    stages: Sequence[str]
    chosen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Took:
    """A stage took these values; `refused` says of each other one what was expected and what came.

    `frame` is the number of the first picture at the tap `out` that they can have changed; None while none is made.
    """

    stage: str
    values: Mapping[str, Any]
    refused: Mapping[str, str] = field(default_factory=dict)
    n: int = 0
    by: str = ""
    frame: int | None = None


@dataclass(frozen=True)
class Fault:
    """Something went wrong, in one sentence. `stage` is "" where no stage is to blame; `count` counts the same kind.

    `kind`: those of `scope.runtime.faults.Kind`, and "stall" (a call does not return), "source", "setup", "engine".
    `rests`: seconds until the stage is tried again, its input passes meanwhile; 0: until one of its values changes;
    None: it goes on.
    """

    stage: str
    kind: str
    text: str
    count: int = 1
    rests: float | None = None


@dataclass(frozen=True)
class Cleared:
    """The stage's faults are over: a call succeeded again. With a `kind`, only those of that kind are."""

    stage: str
    kind: str | None = None


@dataclass(frozen=True)
class SourceEnded:
    """The source is a film that does not loop, and is `over`; its last picture stays. Or it plays, or another one does."""

    over: bool


@dataclass(frozen=True)
class StageStats:
    """One stage over the last second. `ms`: median of its calls; `dropped` and `faults` count since it was loaded."""

    ms: float
    calls: int
    dropped: int
    faults: int
    resting: bool = False


@dataclass(frozen=True)
class Stats:
    """The show over the last second: once a second. `age_ms`: from capture to the output ring, "p50" and "p95".

    `source_frames`: given by the source since it began. `film_began`: the moment, on `time.monotonic`, at which the file
    that plays would have begun to be where it is now; None for other sources.
    """

    fps: float
    age_ms: Mapping[str, float]
    stages: Mapping[str, StageStats]
    memory_mb: float
    gpu: Mapping[str, float]
    source_fps: float = 0.0
    source_frames: int = 0
    idle: bool = False
    paused: bool = False
    film_began: float | None = None


@dataclass(frozen=True)
class Heard:
    """Up to 50 ms of sound: `samples`, float32 (2, N) in [-1, 1], 48000 a second.

    `at_ns`: when the pictures that belong to it leave the pipelines, on `time.monotonic_ns`; it may lie ahead.
    """

    samples: np.ndarray
    at_ns: int


@dataclass(frozen=True)
class Logged:
    """A line that the engine's process logged."""

    logger: str
    level: int
    text: str


@dataclass(frozen=True)
class Wrote:
    """A new picture lies in the ring of this tap (the supervisor uses it; servers wait with `Engine.frame`)."""

    tap: str


@dataclass(frozen=True)
class Outgrown:
    """A picture of this tap needs a ring with slots of so many bytes (the supervisor answers with `Rings`)."""

    tap: str
    nbytes: int


@dataclass(frozen=True)
class Stopped:
    """The engine ended because it was told to."""


@dataclass(frozen=True)
class Died:
    """The engine process ended by itself, in one sentence. `stage`: the one it was in, "" if none.

    `again_in`: seconds until it is started again with the same set-up; None: it stays down until `restart`.
    """

    text: str
    stage: str = ""
    again_in: float | None = None


Event = (
    Hello | Loading | Ready | Took | Fault | Cleared | SourceEnded | Stats | Heard | Logged | Wrote | Outgrown | Stopped
    | Died
)  # fmt: skip

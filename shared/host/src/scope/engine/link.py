"""What a server and an engine say to each other, and the one interface through which a server sees an engine."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from scope.control.tempo import Tempo

State = Literal["starting", "loading", "ready", "dead", "stopped"]
Setup = Mapping[str, Any]

# The taps that always exist; every stage's id names one more: the picture behind that stage.
OUT, IN = "out", "in"


@dataclass(frozen=True)
class Options:
    """How an engine plays. `lanes`: one thread for the chain or one for each stage; None by the machine.

    `frame_dtype`: what every pipeline receives; None for what it asks for. `safe`: without the plugins that were
    installed into generations.
    """

    lanes: Literal["one", "each"] | None = None
    frame_dtype: Literal["float32", "uint8"] | None = None
    safe: bool = False


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
class Stop:
    """End the engine."""


@dataclass(frozen=True)
class Listen:
    """Send what the show sounds like as `Heard`, or no longer."""

    on: bool


Command = Play | Post | Swap | Pause | Reset | SetTempo | Levels | Watch | Rings | Fed | Listen | Stop


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
    """A stage is being loaded: what is done right now; `share` in [0, 1] where that is known."""

    stage: str
    step: str
    share: float | None = None


@dataclass(frozen=True)
class Ready:
    """Everything the last `Play` or `Swap` asked for is in place, or failed with a `Fault`. `stages`: the ids that play."""

    stages: Sequence[str]


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
    """The stage's faults are over: a call succeeded again."""

    stage: str


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
    """The show over the last second: once a second. `age_ms`: from capture to the output ring, "p50" and "p95"."""

    fps: float
    age_ms: Mapping[str, float]
    stages: Mapping[str, StageStats]
    memory_mb: float
    gpu: Mapping[str, float]
    source_fps: float = 0.0
    idle: bool = False
    paused: bool = False


@dataclass(frozen=True)
class Heard:
    """Up to 50 ms of sound: `samples`, float32 (2, N) in [-1, 1], 48000 a second; N is 0 where it only says: there is some.

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


Event = Hello | Loading | Ready | Took | Fault | Cleared | Stats | Heard | Logged | Wrote | Outgrown | Stopped | Died


class EngineError(RuntimeError):
    """An engine that did not come up, in one sentence."""


class Picture(NamedTuple):
    """One picture of a tap. `pixels`: uint8 (H, W, 3) RGB, a copy of its own.

    `number` counts the pictures of the tap from 1 and never repeats, also across engines; `captured_ns` is on
    `time.monotonic_ns`; `pipeline_us` is the time it spent between its capture and the ring.
    """

    pixels: np.ndarray
    number: int
    captured_ns: int
    pipeline_us: int


class Engine(Protocol):
    """A show and the pipelines in it, in another process or in this one.

    No method but `stop` and `frame` blocks. Events arrive on a thread of the engine's; a listener hands them on (for
    asyncio by `loop.call_soon_threadsafe`) and returns at once.
    """

    hello: Hello | None

    @property
    def state(self) -> State:
        """`starting` until `hello`, then `loading` or `ready`; `dead` after `Died`, `stopped` after `stop`."""
        ...

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear every event but `Wrote` and `Outgrown` from now on; call what is returned to end that."""
        ...

    def start(self, setup: Setup) -> None:
        """Start the engine; it plays the set-up as soon as it is up."""
        ...

    def play(self, setup: Setup) -> None:
        """Edit the chain, its load parameters, values or source: the show becomes what the document says."""
        ...

    def post(self, stage: str, changes: Mapping[str, Any], n: int = 0, by: str = "") -> None:
        """Set runtime parameters of a stage; `Took` answers. A burst is merged: the last value wins, one answer a batch."""
        ...

    def swap(self, stage: str, load: Mapping[str, Any]) -> None:
        """Load a stage anew with these load parameters while the old instance plays on."""
        ...

    def pause(self, on: bool) -> None:
        """Hold the last picture, or go on."""
        ...

    def reset(self, stage: str | None = None) -> None:
        """Start the state of one stage, or of all, anew."""
        ...

    def tempo(self, tempo: Tempo | None) -> None:
        """Every call gets the values of this tempo from now on, and modulation follows it; None when it stops."""
        ...

    def levels(self, bands: Mapping[str, float]) -> None:
        """How loud the bands of the sound are, for modulation by `audio`; may be called 30 times a second."""
        ...

    def sound(self, on: bool) -> None:
        """Hear the sound of the show as `Heard`, that of a file or of a pipeline; or no longer."""
        ...

    def watch(self, taps: Mapping[str, float]) -> None:
        """Say which taps have viewers, with the frames a second they take; replaces what was said before."""
        ...

    def put_frame(self, pixels: np.ndarray, captured_ns: int) -> None:
        """An input picture, uint8 (H, W, 3) RGB, for a source of kind `camera`, `screen` or `webrtc`. Newest wins."""
        ...

    def frame(self, tap: str = OUT, after: int = 0, timeout: float = 0.0) -> Picture | None:
        """The newest picture of a watched tap, if its number is above `after`; waits for one up to `timeout` seconds."""
        ...

    def restart(self) -> None:
        """End the engine and start a new one with the same set-up and values."""
        ...

    def renew(self) -> Future[Hello]:
        """Start a second engine, with the plugins as they are now; the old one plays on until the new one says hello.

        The future has the new one's `Hello`, or an `EngineError` that says why it did not come up; then the old one
        stays.
        """
        ...

    def stop(self, timeout: float = 5.0) -> None:
        """End the engine and free everything: threads, process, shared memory. Safe to call twice."""
        ...

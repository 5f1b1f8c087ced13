"""The one interface through which a server sees an engine. What they say to each other: `commands` and `events`."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from scope.control.tempo import Tempo
from scope.engine.commands import Setup
from scope.engine.events import Event, Hello

State = Literal["starting", "loading", "ready", "dead", "stopped"]

# The taps that always exist; every stage's id names one more: the picture behind that stage.
OUT, IN = "out", "in"


@dataclass(frozen=True)
class Options:
    """How an engine plays. `lanes`: one thread for the chain or one for each stage; None by the machine.

    `frame_dtype`: what every pipeline receives; None for what it asks for. `safe`: without the plugins that were
    installed into generations. `load_times`: a file that remembers how long pipelines took to load.
    """

    lanes: Literal["one", "each"] | None = None
    frame_dtype: Literal["float32", "uint8"] | None = None
    safe: bool = False
    load_times: Path | None = None


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
        """Hear the sound of the show as `Heard`, that of its source or of a pipeline; or no longer."""
        ...

    def watch(self, taps: Mapping[str, float]) -> None:
        """Say which taps have viewers, with the frames a second they take; replaces what was said before."""
        ...

    def put_frame(self, pixels: np.ndarray, captured_ns: int) -> None:
        """An input picture, uint8 (H, W, 3) RGB, for a source of kind `camera`, `screen` or `webrtc`. Newest wins."""
        ...

    def put_sound(self, samples: np.ndarray, captured_ns: int) -> None:
        """What such a source sounds like, float32 (2, N) in [-1, 1], 48000 a second; dropped while nobody hears the show."""
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

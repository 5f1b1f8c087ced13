"""A live show with small real pipelines, a screen that remembers, and an observer that writes down what it is told."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
import torch
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.runtime.frames import Frame, Sound, Stamp
from scope.runtime.graph import Node
from scope.runtime.loader import Part
from scope.runtime.outlet import OUT
from scope.runtime.show import Show

# Ten times what a busy machine was seen to need.
LONG_SECONDS = 60.0


class TestbedConfig(BasePipelineConfig):
    pipeline_id = "testbed"
    pipeline_name = "Testbed"
    pipeline_description = "Adds, fails, waits and makes as it is told."
    modes = {"video": ModeDefaults(default=True), "text": ModeDefaults()}
    frame_dtype = "float32"

    add: int = Field(default=0, ge=0, le=255, description="Added to every pixel, in 1/255")
    trouble: str = Field(default="", description="What goes wrong in a call")
    wait: float = Field(default=0.0, ge=0, le=10, description="Seconds that a call takes")
    size: int = Field(default=1, ge=1, le=30, description="Frames a call takes and makes")
    fail_load: bool = Field(default=False, description="Whether the constructor raises")
    end_load: bool = Field(default=False, description="Whether the constructor tries to end the thread")
    hide_choice: bool = Field(default=False, description="Whether it cannot say what it chose")


class Testbed(Pipeline):
    """Adds to its input, or makes pictures of one value; every instance and every call's keywords are kept."""

    __test__ = False
    made: ClassVar[list["Testbed"]] = []

    def __init__(self, **load: Any) -> None:
        if load.get("fail_load"):
            raise OSError("weights are missing")
        if load.get("end_load"):
            raise KeyboardInterrupt
        self.load, self.calls, self.threads = load, [], set()
        Testbed.made.append(self)

    @classmethod
    def get_config_class(cls):
        return TestbedConfig

    def prepare(self, **kwargs: Any) -> Requirements:
        if kwargs.get("trouble") == "need":
            many: Any = "many"
            return many
        return Requirements(input_size=kwargs.get("size", self.load["size"]))

    def _choice(self) -> dict[str, Any]:
        if self.load.get("hide_choice"):
            raise RuntimeError("who knows")
        return {"vae": "small", "model": object()}

    chosen: Any = property(_choice)

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        self.calls.append({name: value for name, value in kwargs.items() if name != "video"})
        time.sleep(kwargs.get("wait", 0.0))
        match kwargs.get("trouble", ""):
            case "raise":
                raise ValueError("the lens is dirty")
            case "exit":
                raise SystemExit(3)
            case "interrupt":
                raise KeyboardInterrupt
            case "keys":
                odd: dict[Any, Any] = {"video": torch.ones(1, 4, 4, 3), 5: "five"}
                return odd
            case "layout":
                return {"video": torch.zeros(4, 4, 3)}
            case "memory":
                raise torch.OutOfMemoryError("tried to allocate 80 GiB")
            case "nothing":
                return {}
        size, add = kwargs.get("size", self.load["size"]), kwargs.get("add", 0) / 255.0
        sound = {"audio": torch.full((80,), add), "audio_sample_rate": 8000} if kwargs.get("trouble") == "sound" else {}
        if "video" in kwargs:
            return {"video": torch.cat(kwargs["video"]) / 255.0 + add, **sound}
        return {"video": torch.full((size, 4, 4, 3), add), **sound}


@dataclass
class Record:
    """A screen and an observer that keep everything."""

    shown: list[tuple[str, int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    heard: list[tuple[Any, ...]] = field(default_factory=list)
    sounds: list[int] = field(default_factory=list)

    def hear(self, sound: Sound) -> None:
        self.sounds.append(round(float(sound.samples.max()) * 255))

    def put(self, tap: str, pixels: torch.Tensor, captured: float) -> int:
        self.shown.append((tap, round(float(pixels.float().mean()))))
        self.times.append(time.monotonic())
        return len(self.shown)

    def values(self, tap: str = OUT) -> list[int]:
        return [value for name, value in self.shown if name == tap]

    def loading(self, node: Node) -> None:
        self.heard.append(("loading", node.id))

    def ready(self, nodes) -> None:
        self.heard.append(("ready", *nodes))

    def fault(self, fault, rests: float | None) -> None:
        self.heard.append(("fault", fault.node, fault.kind, fault.last, rests))

    def cleared(self, node: str) -> None:
        self.heard.append(("cleared", node))


class Rig:
    """A show, its record, and shorthands for both."""

    def __init__(self, **options: Any) -> None:
        self.record = Record()
        self.show = Show(self.record, self.record, hear=self.record.hear, **options)
        self.show.watch({OUT: 100.0})

    def play(self, *parts: Part) -> None:
        """Play these parts and wait until they are loaded."""
        self.record.heard.clear()
        self.show.play(parts)
        until(lambda: any(event[0] == "ready" for event in self.record.heard))

    def feed(self, value: int = 0, count: int = 1) -> None:
        """Frames of one value."""
        for _ in range(count):
            now = time.monotonic()
            self.show.feed(Frame(torch.full((1, 4, 4, 3), value, dtype=torch.uint8), Stamp(now, 0, now)))

    def shows(self, value: int, tap: str = OUT, fed: int = 0) -> None:
        """Feed until a picture of that value comes out."""

        def seen() -> bool:
            self.feed(fed)
            return self.record.values(tap)[-1:] == [value]

        until(seen)

    def faults(self) -> list[str]:
        """The sentences of the faults."""
        return [event[3] for event in self.record.heard if event[0] == "fault"]


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + LONG_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.002)


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    """`until`, for tests."""
    return until


@pytest.fixture(params=["one", "each"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A show in both ways of threading."""
    Testbed.made.clear()
    rig = Rig(lanes=request.param)
    yield rig
    assert rig.show.stop(), "a thread did not end"


@pytest.fixture
def part() -> Callable[..., Part]:
    """`part("a", add=3, load={...}, mode="text", on=False)`"""

    def make(node: str, *, load: Mapping[str, Any] | None = None, mode: str = "video", on: bool = True, **values: Any):
        return Part(Node(node, Testbed, "main", mode, on, dict(load or {})), values)

    return make


@pytest.fixture
def instances() -> list[Testbed]:
    """Every instance that the test has made."""
    return Testbed.made

"""What the person at the terminal is told: what is loaded, what is missing, what went wrong."""

from collections.abc import Callable

from scope.control.setup import Setup
from scope.engine.events import Died, Event, Fault, Hello, Ready


class Announcer:
    """Turns the engine's events into lines. `hear` is called on the engine's thread, one event at a time."""

    def __init__(self, say: Callable[[str], object], setup: Setup) -> None:
        self._say = say
        self._stages = {stage.id: stage.pipeline for stage in setup.stages}
        self._source = setup.source.kind
        self._plays = False
        self._told: set[tuple[str, str]] = set()

    def hear(self, event: Event) -> None:
        """Say what is worth a line; each kind of fault of a stage is, once."""
        match event:
            case Hello():
                self._hello(event)
            case Ready() if not self._plays:
                self._plays = True
                chain = " > ".join([self._source, *event.stages]) or "nothing"
                self._say(f"playing {chain}")
            case Fault() if (event.stage, event.kind) not in self._told:
                self._told.add((event.stage, event.kind))
                self._say(event.text)
            case Died():
                again = "" if event.again_in is None else f"; it starts again in {event.again_in:g} s"
                self._plays = False
                self._say(f"{event.text}{again}")

    def _hello(self, hello: Hello) -> None:
        pipelines = ", ".join(hello.pipelines) or "none"
        device = hello.device.get("name") or hello.device.get("kind")
        self._say(f"engine: torch {hello.versions.get('torch')} on {device}; pipelines: {pipelines}")
        for problem in hello.problems:
            self._say(problem)
        for stage, pipeline in self._stages.items():
            if pipeline not in hello.pipelines:
                self._say(f"missing: no installed plugin has the pipeline {pipeline!r} of stage {stage!r}")

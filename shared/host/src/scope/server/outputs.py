"""The show in other programs: each output sends the newest picture, in a thread of its own, and tries again when it fails."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from scope.engine.link import OUT, Engine
from scope.media.ports import PortError, open_out
from scope.media.ports.network import redacted
from scope.server.joining import join_all
from scope.server.retry import keep_trying
from scope.server.watch import Ears, Watch, give

FPS = 30.0
MAX_OUTPUTS = 8


@dataclass(frozen=True)
class OutputState:
    """`frames`: sent since the output began. `problem`: why it does not send right now, in one sentence."""

    id: str
    kind: str
    address: str
    state: Literal["connecting", "sending", "waiting"]
    frames: int
    dropped: int
    problem: str | None


class Output:
    """One output and its thread."""

    def __init__(
        self, output_id: str, kind: str, address: str, name: str, engine: Engine, changed: Callable[[], None]
    ) -> None:
        self.id, self.kind = output_id, kind
        self._address, self._name, self._engine, self._changed = address, name, engine, changed
        self._state: Literal["connecting", "sending", "waiting"] = "connecting"
        self._frames = self._dropped = 0
        self._problem: str | None = None
        self._ears = Ears(engine)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"scope:output:{output_id}", daemon=True)
        self._thread.start()

    @property
    def state(self) -> OutputState:
        shown = redacted(self._address) if "://" in self._address else self._address
        return OutputState(self.id, self.kind, shown, self._state, self._frames, self._dropped, self._problem)

    def close(self) -> None:
        """Ask the thread to hang up."""
        self._end.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        keep_trying(self._send, self._end, lambda problem: self._become("waiting", problem), f"output {self.id}")
        self._ears.close()

    def _send(self) -> None:
        port = open_out(self.kind, self._address, self._name)
        try:
            for missed in give(self._engine, self._ears, port, self._end):
                self._frames += 1
                self._dropped += missed
                if self._state != "sending":
                    self._become("sending", None)
        finally:
            port.close()

    def _become(self, state: Literal["connecting", "sending", "waiting"], problem: str | None) -> None:
        self._state, self._problem = state, problem
        self._changed()


class Outputs:
    """All outputs. Used on the event loop only; `changed` is called on their threads."""

    def __init__(self, engine: Engine, watch: Watch, changed: Callable[[], None]) -> None:
        self._engine, self._watch, self._changed = engine, watch, changed
        self._outputs: dict[str, Output] = {}
        self._count = 0

    def add(self, kind: str, address: str, name: str) -> Output:
        """Begin to send.

        Raises:
            PortError: there is no such way out on this machine, the address makes no sense, or there are eight.
        """
        if len(self._outputs) >= MAX_OUTPUTS:
            raise PortError(f"there are {MAX_OUTPUTS} outputs already")
        open_out(kind, address, name).close()
        self._count += 1
        output = Output(f"output-{self._count}", kind, address, name, self._engine, self._changed)
        self._outputs[output.id] = output
        self._watch.claim(output, OUT, FPS)
        self._watch.hear(output)
        return output

    def remove(self, output_id: str) -> bool:
        """Hang up; False if there is no such output."""
        output = self._outputs.pop(output_id, None)
        if output is None:
            return False
        self._watch.release(output)
        output.close()
        return True

    def states(self) -> list[OutputState]:
        return [output.state for output in self._outputs.values()]

    def stop(self) -> None:
        """Hang up everywhere; blocks for a moment."""
        outputs, self._outputs = list(self._outputs.values()), {}
        for output in outputs:
            output.close()
        join_all(outputs, 1.0)


def told(states: list[OutputState]) -> list[dict[str, Any]]:
    """What clients are told with the state of the show."""
    return [vars(state) for state in states]

"""The original host's ways out: one output of a kind at a time, which its clients switch on and off by name."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from scope.media.ports import OUT_PORTS, PortError
from scope.server.edits import ShowError
from scope.server.outputs import Outputs


class Wanted(BaseModel):
    """Whether a sink is on, and what other programs call it: its device or address, for kinds that have one."""

    model_config = ConfigDict(extra="ignore", strict=True)

    enabled: bool = False
    name: Annotated[str, Field(max_length=1000)] = ""


_ALL_WANTED = TypeAdapter(dict[Annotated[str, Field(max_length=40)], Wanted])


class Sinks:
    """Sinks by kind. They are outputs of the show, and go on without the client that asked. Used on the event loop only."""

    def __init__(self, outputs: Outputs, changed: Callable[[], None]) -> None:
        self._outputs, self._changed = outputs, changed
        self._wanted: dict[str, Wanted] = {}
        self._ids: dict[str, str] = {}
        self._problems: dict[str, str] = {}

    def switch(self, given: Mapping[str, Any]) -> None:
        """Make sinks what `output_sinks` says of them; of others nothing is changed.

        Raises:
            ShowError: some cannot be had on this machine; the others are switched.
            ValidationError: they do not have the form of sinks.
        """
        wanted = _ALL_WANTED.validate_python(given)
        for kind, sink in wanted.items():
            if sink != self._wanted.get(kind) or (sink.enabled and self._output(kind) is None):
                self._switch(kind, sink)
        if problems := [self._problems[kind] for kind in wanted if kind in self._problems]:
            raise ShowError(" ".join(problems))

    def states(self) -> dict[str, dict[str, Any]]:
        """What was asked for, by kind, and what became of it."""
        return {kind: self._state(kind, sink) for kind, sink in self._wanted.items()}

    def _switch(self, kind: str, sink: Wanted) -> None:
        self._outputs.remove(self._ids.pop(kind, ""))
        self._problems.pop(kind, None)
        self._wanted[kind] = sink
        if sink.enabled:
            try:
                self._ids[kind] = self._add(kind, sink.name)
            except PortError as error:
                self._problems[kind] = str(error)
        self._changed()

    def _add(self, kind: str, name: str) -> str:
        takes_address = kind in OUT_PORTS and bool(OUT_PORTS[kind].address)
        return self._outputs.add(kind, name if takes_address else "", name or "Scope").id

    def _state(self, kind: str, sink: Wanted) -> dict[str, Any]:
        output = self._output(kind)
        found = {"enabled": sink.enabled, "name": sink.name, "problem": self._problems.get(kind)}
        if output is not None:
            found |= {"state": output.state, "frames": output.frames, "problem": output.problem}
        return found

    def _output(self, kind: str) -> Any:
        """The sink's output; None where it is off, could not be had, or somebody has removed it."""
        return next((state for state in self._outputs.states() if state.id == self._ids.get(kind)), None)

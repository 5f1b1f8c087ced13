"""OSC for the show: off until asked, then one UDP port. See `scope.control.osc` for the addresses."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Any

from scope.control.fields import live_fields
from scope.control.osc import addresses
from scope.control.osc_server import OscServer
from scope.server.edits import ShowError
from scope.server.performance import Performance

CLIENT = "osc"
log = logging.getLogger(__name__)

# Refused messages that are kept for whoever looks for the reason.
_KEPT = 20


class OscShow:
    """The show as `scope.control.osc` moves it."""

    def __init__(self, performance: Performance) -> None:
        self._performance = performance
        self._show = performance.show

    def fields(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        return {stage["id"]: self._fields(stage) for stage in self._show.document.now["stages"]}

    def _fields(self, stage: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        fields, values = live_fields(self._show.schema(stage["pipeline"])), stage["values"]
        return {name: entry | {"value": values.get(name, entry.get("default"))} for name, entry in fields.items()}

    def post(self, stage: str, changes: Mapping[str, Any], by: str) -> None:
        self._performance.quantized.set_values(stage, changes, by, gesture=f"osc {stage} {', '.join(changes)}")

    def scene(self, which: str | int, by: str) -> None:
        scenes = self._show.document.setup.scenes
        found = next((s for i, s in enumerate(scenes, 1) if which in (i, s.id, s.name)), None)
        if found is None:
            names = ", ".join(scene.name for scene in scenes) or "none"
            raise ShowError(f"there is no scene {which!r} (scenes: {names})")
        self._performance.quantized.recall(found, by)

    def mapped(self, address: str, position: float) -> bool:
        name = f"osc:{address}"
        if not any(mapping["input"] == name for mapping in self._show.document.now["mappings"]):
            return False
        self._performance.input(name, position, CLIENT)
        return True

    def cue(self, do: str, which: str | int | None = None) -> None:
        cues = self._show.document.now["cues"]["items"]
        if isinstance(which, int):
            if not 1 <= which <= len(cues):
                raise ShowError(f"there is no cue {which} (there are {len(cues)})")
            which = str(cues[which - 1]["id"])
        self._performance.cue(do, which)

    def prompt(self, text: str, by: str) -> None:
        self._performance.quantized.set_prompts([{"text": text, "weight": 1.0}], None, by, "osc prompt")

    def play(self, on: bool, by: str) -> None:
        self._show.pause(not on)

    def bpm(self, value: float) -> None:
        self._performance.set_bpm(value, CLIENT)

    def tap(self) -> None:
        self._performance.tap(CLIENT)

    def downbeat(self) -> None:
        self._performance.beats.downbeat()


class Osc:
    """The port and what became of messages. Used on the event loop only."""

    def __init__(self, performance: Performance) -> None:
        self.show = OscShow(performance)
        self.problem: str | None = None
        self.log_all = False
        self.refused: deque[str] = deque(maxlen=_KEPT)
        self._server: OscServer | None = None

    @property
    def port(self) -> int | None:
        """The port that is bound, if any."""
        return self._server.port if self._server else None

    @property
    def counts(self) -> dict[str, int]:
        """Messages taken and refused since the port was opened."""
        return {"taken": self._server.taken, "refused": self._server.refused} if self._server else {}

    async def listen(self, host: str, port: int) -> bool:
        """Open the port in place of an open one; False, with the reason in `problem`, if it is taken."""
        await self.stop()
        try:
            self._server = await OscServer.start(self.show, host, port, self._refuse)
        except OSError as error:
            self.problem = f"OSC cannot listen on UDP port {port}: {error.strerror or error}"
            return False
        return True

    async def stop(self) -> None:
        """Close the port."""
        self.problem = None
        if self._server is not None:
            self._server.close()
            self._server = None
            # The transport closes with the loop's next turn.
            await asyncio.sleep(0)

    def addresses(self) -> list[tuple[str, str]]:
        """What can be sent now, with what it takes."""
        return addresses(self.show.fields())

    def _refuse(self, sentence: str) -> None:
        self.refused.append(sentence)
        if self.log_all:
            log.info("OSC: %s", sentence)

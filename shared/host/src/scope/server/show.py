"""The one show: the set-up that many edit, the clients that watch it, and the engine that plays it."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scope.control.fields import defaults_of, is_whole
from scope.control.patch import Operation, apply_patch
from scope.control.scenes import recalled
from scope.control.setup import Scene, Setup
from scope.control.timeline import Change, changes
from scope.engine.events import Event, Heard, Logged, Took
from scope.engine.link import Engine
from scope.server.answers import Answers
from scope.server.audience import Audience, Extra, Json
from scope.server.clients import Client
from scope.server.edits import check_values, checked, corrected, label_of, patched, with_prompts, with_values, without
from scope.server.engine_setup import EngineSetup
from scope.server.fade import Fade
from scope.server.paths import absolute

# They act on one call and say nothing about the set-up.
_NOT_KEPT = frozenset({"transition", "images"})


class Show:
    """Everything that changes the show goes through here. Used on the event loop only.

    `extra` and `figures`: see `Audience`.
    """

    def __init__(self, engine: Engine, setup: Setup, extra: Extra = dict, figures: Extra = dict) -> None:
        self.engine = engine
        self._setup = EngineSetup()
        self.audience = Audience(setup, self._setup, extra, figures)
        self.clients, self.status = self.audience.clients, self.audience.status
        self.document = self.audience.document
        self._answers = Answers()
        self.fade = Fade(engine, self.is_whole)
        self._deaf: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Start the engine with the set-up and follow what it says."""
        loop = asyncio.get_running_loop()

        def listener(event: Event) -> None:
            if not isinstance(event, Heard):  # sound is for the recorder, and would wait here for nothing
                loop.call_soon_threadsafe(self._hear, event)

        self._deaf = self.engine.listen(listener)
        self.engine.start(self._setup.of(self.document.now, {}))

    async def stop(self, timeout: float = 2.0) -> None:
        """End fades and the engine."""
        self.fade.stop()
        self.document.close()
        await asyncio.to_thread(self.engine.stop, timeout)
        self._deaf()

    def check(self, stage_id: str, values: Mapping[str, Any]) -> Json:
        """The stage that is to be given these values.

        Raises:
            ShowError: no such stage, or a value that no stage could take.
        """
        stage = self.document.known(stage_id)
        check_values(values, stage["values"])
        return stage

    def set_values(
        self, stage_id: str, values: Mapping[str, Any], client: str, *, n: int = 0, gesture: str | None = None
    ) -> None:
        """Give a stage runtime values, as a group.

        Raises:
            ShowError: no such stage, or a value that no stage could take.
        """
        stage = self.check(stage_id, values)
        kept = {name: value for name, value in values.items() if name not in _NOT_KEPT}
        number = self._answers.sent(stage_id, kept, stage["values"], client, n)
        now = self.fade.clock()
        self.fade.move(now, stage_id, values, 0.0, {})
        if kept:
            document = with_values(self.document.now, stage_id, kept)
            self.document.edit(document, client, ", ".join(kept), gesture)
        self.engine.post(stage_id, absolute(values), number, client)
        self.audience.tell_moves(now, [Change(stage_id, kept)] if kept else [])

    def unset_values(self, stage_id: str, names: Sequence[str], client: str, gesture: str | None = None) -> None:
        """Go back to the schema's defaults.

        Raises:
            ShowError: no such stage.
        """
        kept = self.document.known(stage_id)["values"]
        steps = [without("stages", stage_id, "values", name) for name in dict.fromkeys(names) if name in kept]
        if steps:
            self._replace(apply_patch(self.document.now, steps), client, ", ".join(names), gesture)

    def set_prompts(self, prompts: Any, transition: Any, client: str, gesture: str | None = None) -> None:
        """Replace the prompts of the show; with a transition of some steps they take over gradually.

        Raises:
            ShowError: not prompts, or not a transition.
        """
        old, new = self.document.now, with_prompts(self.document.now, prompts, transition)
        if new["transition"]["num_steps"] == 0 or not old["prompts"]:
            self._replace(new, client, "prompts", gesture)
            return
        moves = [Change(None, prompts=new["prompts"], transition=new["transition"])]
        self.audience.tell_moves(self.fade.clock(), moves)
        self.document.edit(new, client, "prompts", gesture)
        change = {"transition": new["transition"] | {"target_prompts": new["prompts"]}}
        for stage in new["stages"]:
            if self.status.pipelines.get(stage["pipeline"], {}).get("supports_prompts"):
                self.engine.post(stage["id"], change, 0, client)

    def patch(
        self, operations: Sequence[Operation], client: str, *, label: str | None = None, gesture: str | None = None
    ) -> None:
        """Apply a JSON Patch to the set-up.

        Raises:
            ShowError: the patch does not fit, or what comes out is no set-up.
        """
        self._replace(patched(self.document.now, operations), client, label or label_of(operations), gesture)

    def edit(self, parts: Json, client: str, label: str, gesture: str | None = None) -> None:
        """Replace whole parts of the document, such as `tempo`.

        Raises:
            ShowError: what comes out is no set-up.
        """
        self._replace(checked(self.document.now | parts), client, label, gesture)

    def load(self, setup: Setup, client: str, label: str) -> None:
        """Replace the set-up as a whole, load parameters included.

        Raises:
            ShowError: it names files outside the folders for them.
        """
        document = checked(setup.document())
        self._setup.forget()
        for message in self.status.loading_anew():
            self.clients.tell_all(message)
        self._replace(document, client, label)

    def undo(self, client: str) -> bool:
        """Take the last step back; False when there is none."""
        return self._go(self.document.history.undo(self.document.now), client)

    def redo(self, client: str) -> bool:
        """Do an undone step again; False when there is none."""
        return self._go(self.document.history.redo(self.document.now), client)

    def reload(self, stage_id: str) -> None:
        """Load a stage with the load parameters that the set-up has now.

        Raises:
            ShowError: no such stage.
        """
        stage = self.document.known(stage_id)
        self.engine.swap(stage_id, self._setup.reload(stage))
        self.audience.tell_state()

    def models_arrived(self, pipeline: str) -> None:
        """Load the stages of a pipeline that could not be loaded for want of its models."""
        for stage in self.document.now["stages"]:
            if stage["pipeline"] == pipeline and stage["on"] and stage["id"] not in self.status.playing:
                self.reload(stage["id"])

    def recall(self, scene: Scene, client: str, fade: float | None = None, due: float | None = None) -> None:
        """Go to a scene in `fade` seconds, its own without; `due`: as in `go_to`."""
        new = recalled(self.document.setup, scene).document()
        self.go_to(new, client, scene.name, scene.fade if fade is None else fade, due=due)

    def go_to(
        self,
        document: Json,
        client: str,
        label: str,
        fade: float,
        *,
        gesture: str | None = None,
        due: float | None = None,
    ) -> None:
        """Go to another document, whose numbers are reached in `fade` seconds.

        `due`: monotonic seconds at which that should have begun; now without. Being late shifts no fade.

        Raises:
            ShowError: it is no set-up.
        """
        self._replace(checked(document), client, label, gesture, fade, due)

    def defaults(self, pipeline: str) -> Json:
        """What the fields of a pipeline stand at without a value."""
        return defaults_of(self.schema(pipeline))

    def schema(self, pipeline: str) -> Json:
        """The JSON schema of a pipeline; empty for one that the engine does not have."""
        return self.status.pipelines.get(pipeline, {}).get("config_schema", {})

    def pause(self, on: bool) -> None:
        """Hold the last picture, or go on."""
        self.status.paused = on
        self.engine.pause(on)
        self.audience.tell_state()

    def reset(self, stage_id: str | None = None) -> None:
        """Start the state of one stage, or of all, anew.

        Raises:
            ShowError: no such stage.
        """
        if stage_id is not None:
            self.document.known(stage_id)
        self.engine.reset(stage_id)

    def restart(self) -> None:
        """A new engine with the same set-up."""
        self.status.restarting()
        self.engine.restart()
        self.audience.tell_state()

    def leave(self, client: Client) -> None:
        """A client is gone."""
        self.clients.leave(client)
        self._answers.forget(client.id)

    def _replace(
        self,
        document: Json,
        client: str,
        label: str,
        gesture: str | None = None,
        fade: float = 0.0,
        due: float | None = None,
    ) -> None:
        self._move(document, fade, due)
        self.document.edit(document, client, label, gesture)
        self._play()

    def _go(self, document: Json | None, client: str) -> bool:
        if document is None:
            return False
        self._move(document)
        self.document.settle(document, client)
        self._play()
        return True

    def _move(self, document: Json, fade: float = 0.0, due: float | None = None) -> None:
        """Begin the way to another document."""
        now, old = self.fade.clock() if due is None else due, self.document.now
        before = {stage["id"]: stage for stage in old["stages"]}
        moves = changes(old, document, self.defaults, fade)
        same = {s["id"] for s in document["stages"] if before.get(s["id"], {}).get("pipeline") == s["pipeline"]}
        self.fade.keep(same)
        for move in moves:
            if move.stage is not None:
                stage = before[move.stage]
                stood = self.defaults(stage["pipeline"]) | stage["values"]
                self.fade.move(now, move.stage, move.set, move.fade, stood)
        self.audience.tell_moves(now, moves)

    def _play(self) -> None:
        ids = {stage["id"] for stage in self.document.now["stages"]}
        self._answers.keep(ids)
        self.status.keep(ids)
        before = self._setup.loaded
        self.engine.play(self._setup.of(self.document.now, self.fade.now()))
        if self._setup.loaded != before:
            self.audience.tell_state()

    def is_whole(self, stage_id: str, field: str) -> bool:
        """Whether a field holds whole numbers only."""
        stage = self.document.stage(stage_id)
        return stage is not None and is_whole(self.schema(stage["pipeline"]), field)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Took):
            self._took(event)
            return
        if isinstance(event, Logged):
            logging.getLogger(event.logger).log(event.level, "%s", event.text)
            return
        self.audience.hear(event)

    def _took(self, took: Took) -> None:
        document = self.document.now
        now = (self.document.stage(took.stage) or {}).get("values", {})
        for correction in self._answers.corrections(took.stage, took.n, took.values, took.refused, now):
            document = corrected(document, took.stage, correction.name, correction.value)
        if document != self.document.now:
            self.document.settle(document, "engine")
        answer = {"stage": took.stage, "values": took.values, "refused": took.refused, "frame": took.frame}
        for client, n in self._answers.answered(took.stage, took.n).items():
            self.clients.tell(client, {"took": n} | answer)

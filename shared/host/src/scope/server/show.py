"""The one show: the set-up that many edit, the clients that watch it, and the engine that plays it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from scope.control.patch import Operation, PatchError, apply_patch, pointer
from scope.control.scenes import STEPS_A_SECOND, glide, recalled
from scope.control.setup import Scene, Setup, SetupError, check_setup
from scope.control.strict_json import JsonError, check_json
from scope.engine.link import Engine, Event, Stats, Took
from scope.server.answers import MISSING, Answers
from scope.server.clients import Client, Clients
from scope.server.document import SharedDocument
from scope.server.paths import ForbiddenPathError, absolute, check_paths, confined
from scope.server.status import Status, changes_state

# Of a value in the document's stages, so that the document as a whole keeps within its own depth.
_VALUE_DEPTH = 4
_MAX_VALUES = 500
# They act on one call and say nothing about the set-up.
_NOT_KEPT = frozenset({"transition", "images"})

Json = dict[str, Any]
Extra = Callable[[], Json]


class ShowError(ValueError):
    """A change that cannot be made, in one sentence."""


class Show:
    """Everything that changes the show goes through here. Used on the event loop only.

    `extra` and `figures` add to the state and to the statistics that clients are told what other parts of the server
    know.
    """

    def __init__(self, engine: Engine, setup: Setup, extra: Extra = dict, figures: Extra = dict) -> None:
        self.engine = engine
        self.clients = Clients()
        self.document = SharedDocument(setup, self._announce)
        self.status = Status()
        self._extra = extra
        self._figures = figures
        self._answers = Answers()
        self._loaded: dict[str, tuple[str, Json]] = {}
        self._gliding: dict[str, Json] = {}
        self._glide: asyncio.Task[None] | None = None
        self._deaf: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Start the engine with the set-up and follow what it says."""
        loop = asyncio.get_running_loop()

        def listener(event: Event) -> None:
            loop.call_soon_threadsafe(self._hear, event)

        self._deaf = self.engine.listen(listener)
        self.engine.start(self._engine_setup())

    async def stop(self, timeout: float = 2.0) -> None:
        """End fades and the engine."""
        self._end_glide()
        self.document.close()
        await asyncio.to_thread(self.engine.stop, timeout)
        self._deaf()

    # What clients see

    def welcome(self, client: Client) -> None:
        """Tell a new client everything there is to know."""
        self.document.flush()
        faults = [asdict(fault) for fault in self.status.faults.values()]
        known = {"client": client.id, "state": self.state(), "faults": faults, "stats": self._stats()}
        self.clients.tell(client.id, {"welcome": known | self.summary()})

    def summary(self) -> Json:
        """The set-up, its revision and what undo and redo would do."""
        self.document.flush()
        return {"setup": self.document.now, "rev": self.document.rev} | self._labels()

    def state(self) -> Json:
        """Whether it plays, and with which load parameters."""
        status = self.status
        stages = {
            stage_id: {"load": load, "playing": stage_id in status.playing}
            for stage_id, (_, load) in self._loaded.items()
        }
        return {
            "engine": status.engine,
            "text": status.text,
            "again_in": status.again_in,
            "paused": status.paused,
            "loading": None if status.loading is None else asdict(status.loading),
            "stages": stages,
        } | self._extra()

    def tell_state(self) -> None:
        """Send the state to everyone."""
        self.clients.tell_all({"state": self.state()})

    # What changes it

    def set_values(
        self, stage_id: str, values: Mapping[str, Any], client: str, *, n: int = 0, gesture: str | None = None
    ) -> None:
        """Give a stage runtime values, as a group.

        Raises:
            ShowError: no such stage, or a value that no stage could take.
        """
        stage = self._stage(stage_id)
        _check_values(values, stage["values"])
        kept = {name: value for name, value in values.items() if name not in _NOT_KEPT}
        number = self._answers.sent(stage_id, kept, stage["values"], client, n)
        self._stop_gliding(stage_id, values)
        if kept:
            document = _with_values(self.document.now, stage_id, kept)
            self.document.edit(document, client, ", ".join(kept), gesture)
        self.engine.post(stage_id, absolute(values), number, client)

    def unset_values(self, stage_id: str, names: Sequence[str], client: str, gesture: str | None = None) -> None:
        """Go back to the schema's defaults.

        Raises:
            ShowError: no such stage.
        """
        kept = self._stage(stage_id)["values"]
        steps = [_remove("stages", stage_id, "values", name) for name in dict.fromkeys(names) if name in kept]
        if steps:
            self._replace(apply_patch(self.document.now, steps), client, ", ".join(names), gesture)

    def set_everywhere(self, values: Mapping[str, Any], client: str, n: int = 0) -> None:
        """Give values to every stage that has a field of that name; what no stage has goes to all of them.

        Raises:
            ShowError: a value that no stage could take.
        """
        fields = {stage["id"]: self._fields(stage["pipeline"]) for stage in self.document.now["stages"]}
        known = set().union(*fields.values())
        for stage_id, names in fields.items():
            own = {name: value for name, value in values.items() if name in names or name not in known}
            if own:
                self.set_values(stage_id, own, client, n=n)

    def set_prompts(self, prompts: Any, transition: Any, client: str, gesture: str | None = None) -> None:
        """Replace the prompts of the show; with a transition of some steps they take over gradually.

        Raises:
            ShowError: not prompts, or not a transition.
        """
        old = self.document.now
        new = old | {"prompts": old["prompts"] if prompts is None else prompts}
        new = self._checked(new if transition is None else new | {"transition": transition})
        if not (gradual := new["transition"]["num_steps"] > 0 and bool(old["prompts"])):
            self._replace(new, client, "prompts", gesture)
            return
        self.document.edit(new, client, "prompts", gesture)
        change = {"transition": new["transition"] | {"target_prompts": new["prompts"]}} if gradual else {}
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
        try:
            document = apply_patch(self.document.now, operations)
        except PatchError as error:
            raise ShowError(str(error)) from error
        self._replace(self._checked(document), client, label or _label(operations), gesture)

    def load(self, setup: Setup, client: str, label: str) -> None:
        """Replace the set-up as a whole, load parameters included.

        Raises:
            ShowError: it names files outside the folders for them.
        """
        document = self._checked(setup.document())
        self._loaded.clear()
        self._end_glide()
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
        stage = self._stage(stage_id)
        self._loaded[stage_id] = stage["pipeline"], stage["load"]
        self.engine.swap(stage_id, absolute(stage["load"]))
        self.tell_state()

    def models_arrived(self, pipeline: str) -> None:
        """Load the stages of a pipeline that could not be loaded for want of its models."""
        for stage in self.document.now["stages"]:
            if stage["pipeline"] == pipeline and stage["on"] and stage["id"] not in self.status.playing:
                self.reload(stage["id"])

    def recall(self, scene: Scene, client: str, fade: float | None = None) -> None:
        """Go to a scene in `fade` seconds, its own without."""
        old = {stage["id"]: stage["values"] for stage in self.document.now["stages"]}
        new = recalled(self.document.setup, scene).document()
        self._end_glide()
        steps = {
            s["id"]: list(glide(old[s["id"]], s["values"], scene.fade if fade is None else fade)) for s in new["stages"]
        }
        self._gliding = {stage_id: dict(todo[0]) for stage_id, todo in steps.items() if todo[0] and len(todo) > 1}
        self._replace(new, client, scene.name)
        if self._gliding:
            moving = {stage_id: steps[stage_id] for stage_id in self._gliding}
            self._glide = asyncio.create_task(self._run_glide(moving), name="scope:fade:scene")

    def pause(self, on: bool) -> None:
        """Hold the last picture, or go on."""
        self.status.paused = on
        self.engine.pause(on)
        self.tell_state()

    def reset(self, stage_id: str | None = None) -> None:
        """Start the state of one stage, or of all, anew.

        Raises:
            ShowError: no such stage.
        """
        if stage_id is not None:
            self._stage(stage_id)
        self.engine.reset(stage_id)

    def restart(self) -> None:
        """A new engine with the same set-up."""
        self.status.restarting()
        self.engine.restart()
        self.tell_state()

    def leave(self, client: Client) -> None:
        """A client is gone."""
        self.clients.leave(client)
        self._answers.forget(client.id)

    # Inside

    def _replace(self, document: Json, client: str, label: str, gesture: str | None = None) -> None:
        self.document.edit(document, client, label, gesture)
        self._play()

    def _go(self, document: Json | None, client: str) -> bool:
        if document is None:
            return False
        self._end_glide()
        self.document.settle(document, client)
        self._play()
        return True

    def _play(self) -> None:
        ids = {stage["id"] for stage in self.document.now["stages"]}
        self._answers.keep(ids)
        self.status.keep(ids)
        before = dict(self._loaded)
        self.engine.play(self._engine_setup())
        if self._loaded != before:
            self.tell_state()

    def _engine_setup(self) -> Json:
        """The part of the set-up that the engine plays: with the load parameters in force, and files by their full names."""
        document = self.document.now
        loaded = {stage["id"]: self._load_of(stage) for stage in document["stages"]}
        self._loaded = loaded
        stages = [self._engine_stage(stage, loaded[stage["id"]][1]) for stage in document["stages"]]
        keys = ("scope", "prompts", "transition", "tempo", "modulation")
        return {key: document[key] for key in keys} | {"source": _source(document["source"]), "stages": stages}

    def _load_of(self, stage: Json) -> tuple[str, Json]:
        known = self._loaded.get(stage["id"])
        return known if known and known[0] == stage["pipeline"] else (stage["pipeline"], stage["load"])

    def _engine_stage(self, stage: Json, load: Json) -> Json:
        values = stage["values"] | self._gliding.get(stage["id"], {})
        return stage | {"load": absolute(load), "values": absolute(values)}

    def _stage(self, stage_id: str) -> Json:
        stage = self.document.stage(stage_id)
        if stage is None:
            ids = ", ".join(stage["id"] for stage in self.document.now["stages"]) or "none"
            raise ShowError(f"there is no stage {stage_id!r} (stages: {ids})")
        return stage

    def _fields(self, pipeline: str) -> set[str]:
        schema = self.status.pipelines.get(pipeline, {}).get("config_schema", {})
        return set(schema.get("properties", ()))

    def _checked(self, document: Json) -> Json:
        try:
            setup = check_setup(document)
            for stage in setup.stages:
                check_paths(stage.values)
                check_paths(stage.load)
            _source(setup.source.model_dump())
        except (SetupError, ForbiddenPathError) as error:
            raise ShowError(str(error)) from error
        return setup.document()

    def _labels(self) -> Json:
        history = self.document.history
        return {"undo": history.undo_label, "redo": history.redo_label}

    def _announce(self, operations: Sequence[Operation], rev: int, by: str) -> None:
        changed = [operation.model_dump(exclude_unset=True) for operation in operations]
        self.clients.tell_all({"changed": changed, "rev": rev, "by": by} | self._labels())

    def _hear(self, event: Event) -> None:
        if isinstance(event, Took):
            self._took(event)
            return
        for message in self.status.hear(event):
            self.clients.tell_all(message)
        if isinstance(event, Stats):
            self.clients.tell_all({"stats": self._stats()})
        if changes_state(event):
            self.tell_state()

    def _stats(self) -> Json | None:
        stats = self.status.stats
        return None if stats is None else asdict(stats) | self._figures()

    def _took(self, took: Took) -> None:
        document = self.document.now
        for correction in self._answers.corrections(took.stage, took.n, took.values, took.refused):
            document = _corrected(document, took.stage, correction.name, correction.value)
        if document != self.document.now:
            self.document.settle(document, "engine")
        answer = {"stage": took.stage, "values": took.values, "refused": took.refused, "frame": took.frame}
        for client, n in self._answers.answered(took.stage, took.n).items():
            self.clients.tell(client, {"took": n} | answer)

    async def _run_glide(self, steps: Mapping[str, list[Json]]) -> None:
        clock = asyncio.get_running_loop()
        began = clock.time()
        for i in range(max(map(len, steps.values()))):
            await asyncio.sleep(max(0.0, began + i / STEPS_A_SECOND - clock.time()))
            for stage_id, todo in steps.items():
                moving = self._gliding.get(stage_id, {})
                values = {name: value for name, value in todo[min(i, len(todo) - 1)].items() if name in moving}
                moving.update(values)
                if values:
                    self.engine.post(stage_id, values, 0, "scene")
        self._gliding.clear()

    def _stop_gliding(self, stage_id: str, names: Mapping[str, Any]) -> None:
        for name in names:
            self._gliding.get(stage_id, {}).pop(name, None)

    def _end_glide(self) -> None:
        if self._glide is not None:
            self._glide.cancel()
            self._glide = None
        self._gliding.clear()


def _check_values(values: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    try:
        for value in values.values():
            check_json(value, _VALUE_DEPTH)
        check_paths(values)
    except (JsonError, ForbiddenPathError) as error:
        raise ShowError(str(error)) from error
    if any(not 1 <= len(name) <= 120 for name in values):
        raise ShowError("expected names of 1 to 120 characters")
    if len(there.keys() | values.keys()) > _MAX_VALUES:
        raise ShowError(f"expected at most {_MAX_VALUES} values for a stage")


def _with_values(document: Json, stage_id: str, values: Mapping[str, Any]) -> Json:
    steps = [
        Operation(op="add", path=pointer("stages", stage_id, "values", name), value=value)
        for name, value in values.items()
    ]
    return apply_patch(document, steps)


def _corrected(document: Json, stage_id: str, name: str, value: Any) -> Json:
    stage = next((stage for stage in document["stages"] if stage["id"] == stage_id), None)
    if stage is None or (value is MISSING and name not in stage["values"]):
        return document
    if value is MISSING:
        return apply_patch(document, [_remove("stages", stage_id, "values", name)])
    return document if stage["values"].get(name) == value else _with_values(document, stage_id, {name: value})


def _remove(*tokens: str) -> Operation:
    return Operation(op="remove", path=pointer(*tokens))


def _source(source: Json) -> Json:
    """The source as the engine takes it: with the file's full name."""
    path = source["path"]
    return source | {"path": str(confined(path, "source.path"))} if source["kind"] == "file" and path else source


def _label(operations: Sequence[Operation]) -> str:
    paths = [operation.path.rsplit("/", 1)[-1] for operation in operations]
    return ", ".join(dict.fromkeys(paths))[:120] or "nothing"

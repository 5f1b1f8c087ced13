"""What hands, hardware and sound do to the show: tempo, mapped controls, levels, recorded moves."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scope.control.bands import NAMES
from scope.control.fields import choices_of, fields_of
from scope.control.mapping import Fire, Mapper, Move, midi_input
from scope.control.modulation import number_field
from scope.control.setup import Scene
from scope.control.tempo import MAX_BPM, MIN_BPM
from scope.control.timeline import Change, Playback, Recording, applied, completed, is_by_hand
from scope.server.beats import Beats
from scope.server.cues import CuePlayer
from scope.server.edits import ShowError
from scope.server.show import Show

Json = dict[str, Any]
Byte = Annotated[int, Field(ge=0, le=255)]
Level = Annotated[float, Field(ge=0, le=1)]

_CLOCK = range(0xF8, 0xFD)


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TempoMessage(_Message):
    """One thing that a person does to the clock."""

    tap: bool = False
    downbeat: bool = False
    bpm: Annotated[float, Field(ge=MIN_BPM, le=MAX_BPM)] | None = None
    playing: bool | None = None


class CueMessage(_Message):
    """Go to the cue of this id."""

    go: Annotated[str, Field(max_length=64)]


class PerformanceMessage(_Message):
    """`midi`: a raw message of a device. `levels`: band → [0, 1]. `timeline`: what to do with recorded moves.

    `cue`: what to do with the cue list.
    """

    tempo: TempoMessage | None = None
    midi: Annotated[list[Byte], Field(min_length=1, max_length=3)] | None = None
    levels: dict[Literal["level", "bass", "low", "mid", "high", "onset"], Level] | None = None
    timeline: Literal["record", "play", "stop", "clear"] | None = None
    cue: Literal["go", "back", "stop"] | CueMessage | None = None


KEYS = frozenset(PerformanceMessage.model_fields)


class Performance:
    """Follows the set-up and acts on the show. Used on the event loop only."""

    def __init__(self, show: Show, clock: Callable[[], float] = time.monotonic) -> None:
        self.show = show
        self.beats = Beats(show.engine, self._tell_clock, clock)
        self.cues = CuePlayer(show, self.beats, clock)
        self._clock = clock
        self._mapper = Mapper([], {}, {})
        self._mapped: tuple[Any, ...] = ()
        self._recording: Recording | None = None
        self._playing: asyncio.Task[None] | None = None
        self._recalls: set[asyncio.Task[None]] = set()
        self.cues.follow(show.document.now)
        show.audience.on_change(self._follow)
        show.audience.on_moves(self._note)

    def act(self, message: Mapping[str, Any], client: str) -> None:
        """Do what one message of a client asks for.

        Raises:
            ShowError: it cannot be done.
            ValidationError: it does not have the form of a message.
        """
        wanted = PerformanceMessage.model_validate(message)
        if wanted.tempo is not None:
            self._tempo(wanted.tempo, client)
        if wanted.midi is not None:
            self._midi(wanted.midi)
        if wanted.levels is not None:
            self.show.engine.levels({str(name): value for name, value in wanted.levels.items()})
        if wanted.timeline is not None:
            {"record": self.record, "play": self.play, "stop": self.stop_timeline, "clear": self.clear}[
                wanted.timeline
            ]()
        if isinstance(wanted.cue, CueMessage):
            self.cue("go", wanted.cue.go)
        elif wanted.cue is not None:
            self.cue(wanted.cue)

    def cue(self, do: str, cue_id: str | None = None) -> None:
        """`go` (to a cue, or to the next), `back` or `stop` the cue list.

        Raises:
            ShowError: there is no such cue.
        """
        match do:
            case "go":
                self.cues.go(cue_id)
            case "back":
                self.cues.back()
            case "stop":
                self.cues.stop()

    def recall(self, scene: Scene, client: str, fade: float | None = None) -> None:
        """Go to a scene, at the next beat or bar if the set-up says so."""
        wait = self.beats.wait()
        if wait <= 0.0:
            self.show.recall(scene, client, fade)
            return
        task = asyncio.create_task(self._later(wait, scene, client, fade), name=f"scope:quantized:{scene.id}")
        self._recalls.add(task)
        task.add_done_callback(self._recalls.discard)

    def tap(self, client: str) -> None:
        """Somebody taps the beat; the set-up keeps the tempo."""
        bpm = self.beats.tap()
        if bpm is not None:
            self._keep_bpm(bpm, client)

    def set_bpm(self, bpm: float, client: str) -> None:
        """Another tempo.

        Raises:
            ShowError: not from 20 to 300.
        """
        if not MIN_BPM <= bpm <= MAX_BPM:
            raise ShowError(f"tempo: expected {MIN_BPM:g} to {MAX_BPM:g} beats a minute, got {bpm:g}")
        self._keep_bpm(bpm, client)

    def record(self) -> None:
        """From now on every move is kept, beginning with how everything stands."""
        self.stop_timeline()
        now = self._clock()
        self._recording = Recording(now)
        for stage in self.show.document.now["stages"]:
            self._recording.note(now, Change(stage["id"], stage["values"]))
        if self.show.document.now["prompts"]:
            self._recording.note(now, Change(None, prompts=self.show.document.now["prompts"]))
        self.show.audience.tell_state()

    def play(self) -> None:
        """Play the recorded moves once.

        Raises:
            ShowError: there are none.
        """
        timeline = self.show.document.now["timeline"]
        if not timeline:
            raise ShowError("there is no timeline: record one first")
        self.stop_timeline()
        self._playing = asyncio.create_task(self._play(Playback(timeline, self._clock())), name="scope:timeline")
        self.show.audience.tell_state()

    def stop_timeline(self) -> None:
        """End a recording, whose moves become part of the set-up, or a playback."""
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None
        if self._recording is not None:
            events, self._recording = self._recording.events(), None
            self.show.edit({"timeline": completed(events, self._defaults())}, "timeline", "record moves")
        self.show.audience.tell_state()

    def clear(self) -> None:
        """Forget the recorded moves."""
        self.stop_timeline()
        self.show.edit({"timeline": []}, "timeline", "clear moves")

    def state(self) -> Json:
        """What clients are told with the state of the show."""
        doing = "recording" if self._recording else "playing" if self._playing else "idle"
        return {"timeline": doing, "levels": list(NAMES)}

    async def stop(self) -> None:
        """End everything that runs."""
        self.cues.close()
        tasks = [*self._recalls, *([self._playing] if self._playing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tempo(self, wanted: TempoMessage, client: str) -> None:
        if wanted.tap:
            self.tap(client)
        if wanted.downbeat:
            self.beats.downbeat()
        if wanted.bpm is not None:
            self._keep_bpm(wanted.bpm, client)
        if wanted.playing is not None:
            self.beats.play(wanted.playing)

    def _keep_bpm(self, bpm: float, client: str) -> None:
        tempo = self.show.document.now["tempo"]
        self.show.edit({"tempo": tempo | {"bpm": bpm}}, client, "tempo", "tempo")

    def _midi(self, message: list[int]) -> None:
        if message[0] in _CLOCK:
            self.beats.midi(message[0])
            return
        moved = midi_input(message)
        for action in self._mapper.moved(*moved, self._values()) if moved else ():
            self._do(action, f"midi {moved[0]}" if moved else "midi")

    def _do(self, action: Move | Fire, gesture: str) -> None:
        if isinstance(action, Move):
            self.show.set_values(action.stage, {action.field: action.value}, "midi", gesture=gesture)
            return
        kind, _, name = action.action.partition(":")
        scene = next((s for s in self.show.document.setup.scenes if s.id == name), None)
        if kind == "scene" and scene is not None:
            self.recall(scene, "midi")
        elif kind == "tap":
            self.tap("midi")
        elif kind == "downbeat":
            self.beats.downbeat()
        elif kind == "undo":
            self.show.undo("midi")
        elif kind == "cue":
            self._cue_by_hand(name)
        elif kind == "play":
            self.show.pause(not self.show.status.paused)

    def _cue_by_hand(self, name: str) -> None:
        """`go`, `back`, `stop` or `go:<id>`; a pad whose cue is gone does nothing."""
        do, _, cue_id = name.partition(":")
        with suppress(ShowError):
            self.cue(do, cue_id or None)

    def _tell_clock(self, message: Json) -> None:
        self.show.clients.tell_all(message)
        self.cues.clock_changed()

    def _follow(self, document: Json) -> None:
        """The set-up has changed."""
        self.beats.follow(document["tempo"])
        self.cues.follow(document)
        stages = {stage["id"]: stage["pipeline"] for stage in document["stages"]}
        mapped = (document["mappings"], stages, self.show.status.hello)
        if mapped != self._mapped:
            self._mapped = mapped
            self._mapper = self._new_mapper(document["mappings"], stages)
        if document["mappings"]:
            lights = [list(light.message) for light in self._mapper.lights(self._values())]
            self.show.clients.tell_all({"lights": lights})

    def _new_mapper(self, mappings: list[Json], stages: Mapping[str, str]) -> Mapper:
        entries = {stage: self._entries(pipeline) for stage, pipeline in stages.items()}
        numbers = {s: {n: f for n, e in own.items() if (f := number_field(e))} for s, own in entries.items()}
        choices = {s: {n: c for n, e in own.items() if (c := choices_of(e))} for s, own in entries.items()}
        return Mapper(mappings, numbers, choices)

    def _entries(self, pipeline: str) -> dict[str, Json]:
        return fields_of(self.show.status.pipelines.get(pipeline, {}).get("config_schema", {}))

    def _values(self) -> dict[str, Json]:
        return {stage["id"]: stage["values"] for stage in self.show.document.now["stages"]}

    def _defaults(self) -> dict[str, Json]:
        return {stage["id"]: self.show.defaults(stage["pipeline"]) for stage in self.show.document.now["stages"]}

    def _note(self, moves: Sequence[Change]) -> None:
        if self._recording is not None:
            for move in moves:
                self._recording.note(self._clock(), move)

    async def _later(self, wait: float, scene: Scene, client: str, fade: float | None) -> None:
        await asyncio.sleep(wait)
        self.show.recall(scene, client, fade)

    async def _play(self, playback: Playback) -> None:
        while (due := playback.until()) is not None:
            await asyncio.sleep(max(0.0, due - self._clock()))
            for _, moves in groupby(playback.due(self._clock()), key=lambda move: move["at"]):
                self._move(list(moves))
        self._playing = None
        self.show.audience.tell_state()

    def _move(self, moves: list[Json]) -> None:
        """Do again what was done at one moment."""
        document = self.show.document
        moves = [move for move in moves if move["stage"] is None or document.stage(move["stage"]) is not None]
        if all(is_by_hand(move) for move in moves):
            for move in moves:
                self.show.set_values(move["stage"], move["set"], "timeline", gesture="timeline")
            return
        fade = max(move["fade"] for move in moves)
        self.show.go_to(applied(document.now, moves), "timeline", "moves", fade, "timeline")

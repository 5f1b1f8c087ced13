"""What hands, hardware and sound do to the show: tempo, mapped controls, levels, recorded moves."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scope.control.bands import NAMES
from scope.control.fields import choices_of, fields_of
from scope.control.mapping import Mapper, Move, midi_input
from scope.control.modulation import number_field
from scope.control.tempo import MAX_BPM, MIN_BPM
from scope.server.beats import Beats
from scope.server.cues import CuePlayer
from scope.server.edits import ShowError
from scope.server.moves import Moves
from scope.server.quantized import Quantized
from scope.server.show import Show

Json = dict[str, Any]
Byte = Annotated[int, Field(ge=0, le=255)]
Level = Annotated[float, Field(ge=0, le=1)]

_CLOCK = frozenset({0xF2, *range(0xF8, 0xFD)})


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


class Lane(_Message):
    """One field of a stage, or without it whether the stage is on; without a stage "prompts" or "clock"."""

    stage: Annotated[str, Field(max_length=64)] | None = None
    field: Annotated[str, Field(max_length=120)] | None = None


class Cut(_Message):
    """The seconds of a recording that stay."""

    start: Annotated[float, Field(ge=0, le=86_400, alias="from")]
    end: Annotated[float, Field(ge=0, le=86_400, alias="to")]


class TimelineEdit(_Message):
    """`forget` one thing that recorded moves do, or `trim` their ends."""

    forget: Lane | None = None
    trim: Cut | None = None


class PerformanceMessage(_Message):
    """`midi`: a raw message of a device. `levels`: band → [0, 1]. `timeline`: what to do with recorded moves.

    `cue`: what to do with the cue list.
    """

    tempo: TempoMessage | None = None
    midi: Annotated[list[Byte], Field(min_length=1, max_length=3)] | None = None
    levels: dict[Literal["level", "bass", "low", "mid", "high", "onset"], Level] | None = None
    timeline: Literal["record", "play", "stop", "clear"] | TimelineEdit | None = None
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
        self.moves = Moves(show, self.beats, clock)
        self.quantized = Quantized(show, self.beats)
        self.cues.follow(show.document.now)
        show.audience.on_change(self._follow)

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
        if isinstance(wanted.timeline, TimelineEdit):
            self._edit_timeline(wanted.timeline)
        elif wanted.timeline is not None:
            self._timeline(wanted.timeline)
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

    def state(self) -> Json:
        """What clients are told with the state of the show."""
        return {"timeline": self.moves.state, "levels": list(NAMES), "waits": self.quantized.waits}

    async def stop(self) -> None:
        """End everything that runs."""
        self.cues.close()
        self.quantized.stop()
        await self.moves.close()

    def _timeline(self, wanted: str) -> None:
        moves = self.moves
        {"record": moves.record, "play": moves.play, "stop": moves.stop, "clear": moves.clear}[wanted]()

    def _edit_timeline(self, wanted: TimelineEdit) -> None:
        if wanted.forget is not None:
            self.moves.forget(wanted.forget.stage, wanted.forget.field)
        if wanted.trim is not None:
            self.moves.trim(wanted.trim.start, wanted.trim.end)

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
            self.beats.midi(message)
            return
        moved = midi_input(message)
        if moved is not None:
            self.input(*moved, "midi")

    def input(self, name: str, position: float, by: str) -> None:
        """A control of other hardware or another program stands at `position` in [0, 1]: do what it is mapped to."""
        values = {stage: now | self.quantized.promised(stage) for stage, now in self._values().items()}
        for action in self._mapper.moved(name, position, values):
            if isinstance(action, Move):
                gesture = f"{by} {name}"
                self.quantized.set_values(action.stage, {action.field: action.value}, by, gesture=gesture)
            else:
                self._fire(action.action, by)

    def _fire(self, action: str, by: str) -> None:
        kind, _, name = action.partition(":")
        scene = next((s for s in self.show.document.setup.scenes if s.id == name), None)
        if kind == "scene" and scene is not None:
            self.quantized.recall(scene, by)
        elif kind == "tap":
            self.tap(by)
        elif kind == "downbeat":
            self.beats.downbeat()
        elif kind == "undo":
            self.show.undo(by)
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
        self.moves.clock_changed()
        self.cues.clock_changed()
        self.quantized.plan()

    def _follow(self, document: Json) -> None:
        """The set-up has changed."""
        self.beats.follow(document["tempo"])
        self.quantized.plan()
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
        return fields_of(self.show.schema(pipeline))

    def _values(self) -> dict[str, Json]:
        return {stage["id"]: stage["values"] for stage in self.show.document.now["stages"]}

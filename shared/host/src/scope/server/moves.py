"""The timeline of a show: what is moved is recorded into the set-up, and done again."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from scope.control.lanes import lane_names, trimmed, without_lane
from scope.control.setup import Clock
from scope.control.tempo import Tempo
from scope.control.timeline import Change, Playback, Recording, applied, completed, is_by_hand
from scope.server.beats import Beats
from scope.server.edits import ShowError
from scope.server.show import Show

BY = "timeline"

Json = dict[str, Any]


class Moves:
    """Records or plays, one at a time. Used on the event loop only."""

    def __init__(self, show: Show, beats: Beats, clock: Callable[[], float]) -> None:
        self._show, self._beats, self._clock = show, beats, clock
        self._recording: Recording | None = None
        self._playing: asyncio.Task[None] | None = None
        show.audience.on_moves(self._note)

    @property
    def state(self) -> str:
        """What clients are told."""
        return "recording" if self._recording else "playing" if self._playing else "idle"

    def record(self) -> None:
        """From now on every move is kept, beginning with how everything stands."""
        self.stop()
        now, document = self._clock(), self._show.document.now
        self._recording = Recording(now)
        moving = self._show.fade.now()
        for stage in document["stages"]:
            self._recording.note(now, Change(stage["id"], stage["values"] | moving.get(stage["id"], {})))
        for ahead in self._show.fade.ahead(now):
            self._recording.note(now, Change(ahead.stage, ahead.ends, ahead.seconds))
        if document["prompts"]:
            self._recording.note(now, Change(None, prompts=document["prompts"]))
        self._recording.note(now, Change(None, clock=self._beats.recorded(now), film=self._film(now)))
        self._show.audience.tell_state()

    def play(self) -> None:
        """Play the recorded moves once.

        Raises:
            ShowError: there are none.
        """
        timeline = self._show.document.now["timeline"]
        if not timeline:
            raise ShowError("there is no timeline: record one first")
        self.stop()
        self._playing = asyncio.create_task(self._play(Playback(timeline, self._clock())), name="scope:timeline")
        self._show.audience.tell_state()

    def stop(self) -> None:
        """End a recording, whose moves become part of the set-up, or a playback."""
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None
        if self._recording is not None:
            self._recording.end(self._clock())
            events, self._recording = self._recording.events(), None
            self._show.edit({"timeline": completed(events, self._defaults())}, BY, "record moves")
        self._show.audience.tell_state()

    def clock_changed(self) -> None:
        """The clock was set, tapped, stopped or started."""
        now = self._clock()
        self._note(now, [Change(None, clock=self._beats.recorded(now))])

    def clear(self) -> None:
        """Forget the recorded moves."""
        self.stop()
        self._show.edit({"timeline": []}, BY, "clear moves")

    def forget(self, stage: str | None, field: str | None) -> None:
        """Forget the recorded moves of one field; see `without_lane`.

        Raises:
            ShowError: there are none.
        """
        self.stop()
        timeline = self._show.document.now["timeline"]
        if (stage, field) not in lane_names(timeline):
            raise ShowError(f"no recorded move is of {stage or 'the show'}: {field or 'on and off'}")
        self._show.edit({"timeline": without_lane(timeline, stage, field)}, BY, "forget moves")

    def trim(self, start: float, end: float) -> None:
        """Keep so many seconds of the recording.

        Raises:
            ShowError: nothing lies between.
        """
        self.stop()
        timeline = self._show.document.now["timeline"]
        last = max((move["at"] for move in timeline), default=0.0)
        if not start < min(end, last):
            raise ShowError(f"expected a part of the {last:.1f} seconds that are recorded, got {start:g} to {end:g}")
        self._show.edit({"timeline": trimmed(timeline, start, end, self._show.is_whole)}, BY, "trim moves")

    async def close(self) -> None:
        """End without a word."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)

    def _defaults(self) -> dict[str, Json]:
        return {stage["id"]: self._show.defaults(stage["pipeline"]) for stage in self._show.document.now["stages"]}

    def _film(self, now: float) -> float | None:
        """How many seconds of the source's film have gone by; None if it plays none."""
        stats = self._show.status.stats
        return None if stats is None or stats.film_began is None else max(0.0, now - stats.film_began)

    def _note(self, time: float, moves: Sequence[Change]) -> None:
        if self._recording is not None:
            for move in moves:
                self._recording.note(time, move)

    async def _play(self, playback: Playback) -> None:
        while (due := playback.until()) is not None:
            await asyncio.sleep(max(0.0, due - self._clock()))
            # What stood at the beginning comes before what was on its way then.
            for _, moves in groupby(playback.due(due), key=lambda move: (move["at"], move["fade"])):
                self._move(list(moves), due)
        self._playing = None
        self._show.audience.tell_state()

    def _move(self, moves: list[Json], due: float) -> None:
        """Do again what was done at one moment, to the stages that are still there."""
        document = self._show.document
        for move in moves:
            if move["clock"] is not None:
                self._set_clock(Clock.model_validate(move["clock"]), due)
            if move["transition"] is not None:
                self._show.set_prompts(move["prompts"], move["transition"], BY, gesture=BY)
        moves = [move for move in moves if self._is_played(move)]
        if all(is_by_hand(move) for move in moves):
            for move in moves:
                self._show.set_values(move["stage"], move["set"], BY, gesture=BY)
            return
        fade = max(move["fade"] for move in moves)
        self._show.go_to(applied(document.now, moves), BY, "moves", fade, gesture=BY, due=due)

    def _is_played(self, move: Json) -> bool:
        """True for what changes the document at once."""
        if move["stage"] is None:
            return move["prompts"] is not None and move["transition"] is None
        return self._show.document.stage(move["stage"]) is not None

    def _set_clock(self, clock: Clock, due: float) -> None:
        tempo = self._show.document.now["tempo"]
        if tempo["source"] == "internal":
            set_to = tempo | {"bpm": clock.bpm, "beats_per_bar": clock.beats_per_bar}
            if set_to != tempo:
                self._show.edit({"tempo": set_to}, BY, "moves", BY)
            self._beats.go_to(Tempo(clock.bpm, clock.beats_per_bar, clock.beats, due, clock.playing))

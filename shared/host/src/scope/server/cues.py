"""Plays the cue list: scenes that follow each other by themselves, on a go, and on the beat."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from scope.control.cues import Moment, Position, asked_at, follows_at, moment
from scope.control.setup import Cue, CueList, Tempo
from scope.server.beats import Beats
from scope.server.edits import ShowError
from scope.server.show import Show

BY = "cue"


class CueState(BaseModel):
    """Where the list stands. `left`: seconds until `next` goes by itself; null if it waits for a go."""

    playing: bool
    id: str | None
    next: str | None
    left: float | None


class CuePlayer:
    """Used on the event loop only. Clients are told where the list stands whenever that changes."""

    def __init__(self, show: Show, beats: Beats, clock: Callable[[], float] = time.monotonic) -> None:
        self._show, self._beats, self._clock = show, beats, clock
        self._seen: tuple[Any, ...] = ()
        self._cues, self._tempo = CueList(), Tempo()
        self._position = Position()
        self._went = Moment(0.0)
        self._playing = False
        self._asked: Cue | None = None
        self._due: Moment | None = None
        self._timer: asyncio.TimerHandle | None = None

    def go(self, cue_id: str | None = None) -> None:
        """The next cue, or the one of that id, now or at the beat that the set-up says; behind the end the first again.

        Raises:
            ShowError: there is none.
        """
        self._ask(self._next() or self._first() if cue_id is None else self._known(cue_id))

    def back(self) -> None:
        """The cue before this one.

        Raises:
            ShowError: the list is empty.
        """
        self._ask(self._position.before(self._cues) or self._first())

    def stop(self) -> None:
        """Nothing goes by itself any more; a go continues behind the cue that went last."""
        self._asked, self._playing = None, False
        self._plan()

    def follow(self, document: Mapping[str, Any]) -> None:
        """The set-up has changed."""
        seen = (document["cues"], document["tempo"])
        if seen != self._seen:
            self._seen = seen
            self._cues, self._tempo = CueList.model_validate(seen[0]), Tempo.model_validate(seen[1])
            self._plan()

    def clock_changed(self) -> None:
        """The tempo is another, or the clock was stopped, started or set."""
        now = self._now()
        # Behind a clock that was set back a wait would last as long again as the show did.
        if now.beats is not None and self._went.beats is not None and now.beats < self._went.beats - 1.0:
            self._went = now
        self._plan()

    def state(self) -> CueState:
        """What clients are told."""
        following = self._asked or self._next()
        return CueState(
            playing=self._playing,
            id=self._position.id,
            next=None if following is None else following.id,
            left=None if self._due is None else round(max(0.0, self._due.time - self._clock()), 3),
        )

    def message(self) -> dict[str, Any]:
        return {"cue": self.state().model_dump()}

    def close(self) -> None:
        """End without a word."""
        if self._timer is not None:
            self._timer.cancel()

    def _ask(self, cue: Cue) -> None:
        self._asked, self._playing = cue, True
        if self._tempo.quantize == "off" or self._beats.tempo is None:
            self._fire(self._now())
        else:
            self._plan()

    def _plan(self) -> None:
        """Find out what goes when, and tell."""
        self.close()
        self._timer, self._due = None, self._next_due()
        if self._due is not None:
            wait = max(0.0, self._due.time - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._fire, self._due)
        self._show.clients.tell_all(self.message())

    def _next_due(self) -> Moment | None:
        if self._asked is not None:
            return asked_at(self._now(), self._beats.tempo, self._tempo)
        cue = self._position.cue(self._cues.items)
        if not self._playing or cue is None or self._next() is None:
            return None
        return follows_at(cue, self._went, self._beats.tempo, self._tempo)

    def _fire(self, due: Moment) -> None:
        cue = self._asked or self._next()
        self._asked, self._went = None, due
        if cue is not None:
            self._position.set(self._cues.items, cue)
            self._recall(cue, due.time)
        self._playing = self._next() is not None
        self._plan()

    def _recall(self, cue: Cue, due: float) -> None:
        scene = next((scene for scene in self._show.document.setup.scenes if scene.id == cue.scene), None)
        if scene is not None:
            self._show.recall(scene, BY, cue.fade, due)

    def _next(self) -> Cue | None:
        return self._position.after(self._cues)

    def _first(self) -> Cue:
        if not self._cues.items:
            raise ShowError("the cue list is empty")
        return self._cues.items[0]

    def _known(self, cue_id: str) -> Cue:
        found = next((cue for cue in self._cues.items if cue.id == cue_id), None)
        if found is None:
            raise ShowError(
                f"there is no cue {cue_id!r} (cues: {', '.join(cue.id for cue in self._cues.items) or 'none'})"
            )
        return found

    def _now(self) -> Moment:
        return moment(self._clock(), self._beats.tempo)

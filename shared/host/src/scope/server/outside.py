"""Ableton Link and the MIDI devices of this machine, as the set-up and clients ask for them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scope.control.outside import Link, MidiDevices, OutsideError
from scope.server.performance import Performance

# Link knows the beat at any moment; it is asked so often for a tempo that somebody else has changed.
_LINK_SECONDS = 0.1


class Outside:
    """Used on the event loop only; `call_soon` brings what a driver's thread hears onto it."""

    def __init__(self, performance: Performance, call_soon: Callable[..., None]) -> None:
        self._performance = performance
        self._link: Link | None = None
        self._bpm, self._beats_per_bar = 0.0, 4
        self._shares = self._mine = self._theirs = False
        self._asking: asyncio.Task[None] | None = None
        self.midi = MidiDevices(lambda message: call_soon(self._heard, message))

    def follow(self, document: Mapping[str, Any]) -> None:
        """Join the Link session when the set-up's tempo says so, and leave it when it does not."""
        tempo = document["tempo"]
        if tempo["source"] != "link":
            self._leave()
        elif self._link is None:
            self._join(tempo["bpm"], tempo["beats_per_bar"])
        else:
            self._lead(self._link, tempo["bpm"], tempo["beats_per_bar"])
        if self._link is not None and tempo["source"] == "link" and tempo["start_stop"] != self._shares:
            self._share(self._link, tempo["start_stop"])

    def _join(self, bpm: float, beats_per_bar: int) -> None:
        try:
            self._link = Link(bpm, beats_per_bar)
        except OutsideError as error:
            fault = {"stage": "", "kind": "tempo", "text": str(error), "count": 1, "rests": None}
            self._performance.show.clients.tell_all({"fault": fault})
            return
        self._bpm, self._beats_per_bar = bpm, beats_per_bar
        self._asking = asyncio.create_task(self._ask(self._link), name="scope:link")

    def _lead(self, link: Link, bpm: float, beats_per_bar: int) -> None:
        """Pass on what the set-up has changed; what the others in the session change stays theirs."""
        if bpm != self._bpm:
            link.set_bpm(bpm)
        if beats_per_bar != self._beats_per_bar:
            link.set_quantum(beats_per_bar)
        self._bpm, self._beats_per_bar = bpm, beats_per_bar

    def _share(self, link: Link, on: bool) -> None:
        """From now on start and stop together; who stands and who plays stays so until somebody changes it."""
        link.share_start_stop(on)
        tempo = self._performance.beats.tempo
        self._shares, self._mine, self._theirs = on, tempo is None or tempo.is_playing, link.playing

    def _leave(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        if self._link is not None:
            self._link.close()
        self._link, self._asking, self._shares = None, None, False

    async def _ask(self, link: Link) -> None:
        while True:
            tempo = self._performance.beats.tempo
            is_playing = self._playing(link, tempo is None or tempo.is_playing)
            self._performance.beats.outside(replace(link.tempo(self._beats_per_bar), is_playing=is_playing))
            await asyncio.sleep(_LINK_SECONDS)

    def _playing(self, link: Link, mine: bool) -> bool:
        """Whether the clock runs: as hands here say, or whoever in the session started or stopped last."""
        if not self._shares:
            return mine
        theirs = link.playing
        if mine != self._mine:
            link.play(mine)
            theirs = mine
        elif theirs != self._theirs:
            mine = theirs
        self._mine, self._theirs = mine, theirs
        return mine

    def _heard(self, message: Sequence[int]) -> None:
        if 1 <= len(message) <= 3:
            self._performance.act({"midi": list(message)}, "midi")

    def stop(self) -> None:
        """Leave the session and let go of every device."""
        self._leave()
        self.midi.close()

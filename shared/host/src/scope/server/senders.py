"""Who sends pictures by WebRTC, and what the show plays when the last of them has left."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from scope.server.edits import ShowError
from scope.server.show import Show

# Who leaves has so long to come back, as a page that is loaded anew does.
GRACE_SECONDS = 10.0
CLIENT = "webrtc"
_KIND = "webrtc"


class Senders:
    """Of several the one that came last feeds the show. Used on the event loop only.

    When the last one leaves its last picture stays; after ten seconds the source is again what it was before the first.
    """

    def __init__(self, show: Show, changed: Callable[[], None]) -> None:
        self._show, self._changed = show, changed
        self._sending: list[str] = []
        self._before: Mapping[str, Any] | None = None
        self._left = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def problem(self) -> str | None:
        """Why no pictures come any more, and what will be, in one sentence."""
        if not self._left:
            return None
        if self._before is None:
            return "nobody sends pictures any more; the last one stays until somebody does"
        after = f"after {GRACE_SECONDS:g} seconds the source is {self._before['kind']!r} again"
        return f"nobody sends pictures any more; the last one stays, and {after}"

    def expect(self) -> None:
        """The source is about to become what a client sends."""
        source = self._show.document.now["source"]
        self._before = self._before if source["kind"] == _KIND else source

    def came(self, sender: str) -> None:
        """A picture of a sender is there."""
        if sender not in self._sending:
            self._sending.append(sender)
            self._become(left=False)

    def feeds(self, sender: str) -> bool:
        """Whether what this one sends is taken: it came last, or nobody sends pictures."""
        return not self._sending or self._sending[-1] == sender

    def gone(self, sender: str) -> None:
        """A sender has left; one that never sent a picture is none."""
        if sender not in self._sending:
            return
        self._sending.remove(sender)
        if not self._sending and self._show.document.now["source"]["kind"] == _KIND:
            self._become(left=True)
            if self._before is not None:
                self._timer = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._go_back)

    def follow(self, document: Mapping[str, Any]) -> None:
        """The set-up has changed: another source may have been chosen meanwhile."""
        if self._left and document["source"]["kind"] != _KIND:
            self._become(left=False)

    def stop(self) -> None:
        """Change nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _become(self, *, left: bool) -> None:
        self.stop()
        if left != self._left:
            self._left = left
            self._changed()

    def _go_back(self) -> None:
        before, self._before = self._before, None
        self._become(left=False)
        with suppress(ShowError):  # its file may be gone by now
            self._show.edit({"source": before}, CLIENT, "source")

"""Encoder rooms: one thread encodes what several viewers of the same kind get, each as fast as it can take it."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from scope.engine.link import Engine, Picture
from scope.media.packet import JPEG, KEY, Format, PacketError
from scope.media.packets import open_encoder
from scope.server.joining import join_all
from scope.server.watch import Watch
from scope.server.wire import Frame

log = logging.getLogger(__name__)

# Frames on their way to a viewer that it has not yet said to have seen.
_WINDOW = {"jpeg": 2, "h264": 3, "vp8": 3}
# Packets between the encoder's thread and the event loop.
_HAND_OVER = 2
_WAIT = 0.25
# Who waits for a key frame waits so long for a newer picture.
_SOON = 0.04


@dataclass(frozen=True)
class View:
    """What a viewer wants to see; viewers that want the same share an encoder."""

    format: Format = "jpeg"
    stage: str = "out"
    width: int | None = None
    fps: int = 60
    quality: int = 85


class Viewer:
    """One view socket: how many frames are on their way, and those still to be sent. Used on the event loop only."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.last = 0
        self._window = _WINDOW[view.format]
        self._unseen: deque[int] = deque()
        self._queue: deque[Frame] = deque()
        self._wake = asyncio.Event()
        self._needs_key = view.format != "jpeg"

    @property
    def has_credit(self) -> bool:
        """Whether another frame may be sent."""
        return len(self._unseen) < self._window

    def offer(self, frame: Frame) -> bool:
        """Queue a frame if there is credit; False when a video stream has to go on with a key frame."""
        if not self.has_credit:
            self._needs_key = frame.kind != JPEG
            return True
        if self._needs_key and frame.kind not in (KEY, JPEG):
            return False
        self._needs_key = False
        self.last = frame.number
        self._unseen.append(frame.number)
        self._queue.append(frame)
        self._wake.set()
        return True

    def seen(self, number: int) -> None:
        """The viewer has shown this frame, and so has got every earlier one."""
        while self._unseen and self._unseen[0] <= number:
            self._unseen.popleft()

    async def next(self) -> Frame:
        """The next frame to send."""
        while not self._queue:
            self._wake.clear()
            await self._wake.wait()
        return self._queue.popleft()


class Room:
    """The encoder of one kind of view, its thread, and the viewers. All but `_run` and what it calls is on the loop."""

    def __init__(self, view: View, engine: Engine) -> None:
        self.view = view
        self.viewers: set[Viewer] = set()
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._latest: Frame | None = None
        self._wanted = threading.Event()
        self._key, self._once_more = threading.Event(), threading.Event()
        self._end = threading.Event()
        self._slots = threading.Semaphore(_HAND_OVER)
        name = f"scope:encoder:{view.stage}-{view.format}-{view.width or 'full'}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def enter(self, viewer: Viewer) -> None:
        """A viewer comes: it is shown the latest picture at once."""
        self.viewers.add(viewer)
        self._key.set()
        self.credit(viewer)

    def leave(self, viewer: Viewer) -> None:
        """A viewer goes."""
        self.viewers.discard(viewer)
        self._note_credit()

    def credit(self, viewer: Viewer) -> None:
        """A viewer can take more: the latest picture if it has missed it, else the next one."""
        latest = self._latest
        if latest is not None and latest.kind == JPEG and latest.number > viewer.last:
            viewer.offer(latest)
        self._note_credit()

    def request_key(self) -> None:
        """The next packet needs none before it; the latest picture is sent again if there is no newer one."""
        self._key.set()

    def repeat(self) -> None:
        """The latest picture is sent again, as a video packet of hardly any size, if there is no newer one."""
        self._once_more.set()

    def close(self) -> None:
        """Ask the thread to end."""
        self._end.set()
        self._wanted.set()

    def join(self, timeout: float) -> None:
        """Wait for the thread."""
        self._thread.join(timeout)

    def _note_credit(self) -> None:
        if any(viewer.has_credit for viewer in self.viewers):
            self._wanted.set()
        elif not self._end.is_set():
            self._wanted.clear()

    def _deliver(self, frame: Frame) -> None:
        self._slots.release()
        self._latest = frame
        lost = [viewer for viewer in self.viewers if not viewer.offer(frame)]
        if lost:
            self._key.set()
        self._note_credit()

    def _run(self) -> None:
        encoder = open_encoder(self.view.format, self.view.width, self.view.quality)
        picture: Picture | None = None
        sent = 0.0
        while not self._end.is_set():
            self._wanted.wait()
            self._end.wait(max(0.0, sent + 0.9 / self.view.fps - time.monotonic()))
            patience = _SOON if self._again(picture) else _WAIT
            fresh = self._engine.frame(self.view.stage, picture.number if picture else 0, patience)
            if (fresh is None and not self._again(picture)) or not self._slots.acquire(timeout=_WAIT):
                continue
            picture = fresh or picture
            assert picture is not None
            sent = time.monotonic()
            self._encode(encoder.encode, picture)

    def _again(self, picture: Picture | None) -> bool:
        """Whether the latest picture is to be sent once more, to someone who cannot begin or go on without."""
        wanted = self._key.is_set() or self._once_more.is_set()
        return picture is not None and wanted and self.view.format != "jpeg"

    def _encode(self, encode: Callable, picture: Picture) -> None:
        key = self._key.is_set()
        self._key.clear()
        self._once_more.clear()
        try:
            packet = encode(picture.pixels, key=key)
        except PacketError as error:
            log.warning("%s: %s", self._thread.name, error)
            self._slots.release()
            self._end.wait(1.0)
            return
        frame = Frame.of(picture, packet)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, frame)


class Rooms:
    """All encoder rooms; each lives as long as it has viewers. Used on the event loop only."""

    def __init__(self, engine: Engine, watch: Watch) -> None:
        self.engine, self.watch = engine, watch
        self._rooms: dict[View, Room] = {}

    @property
    def count(self) -> int:
        """How many viewers there are."""
        return sum(len(room.viewers) for room in self._rooms.values())

    def enter(self, viewer: Viewer) -> Room:
        """The room for a viewer, which is in it from now on."""
        view = viewer.view
        if view not in self._rooms:
            self.watch.claim(view, view.stage, view.fps)
            self._rooms[view] = Room(view, self.engine)
        self._rooms[view].enter(viewer)
        return self._rooms[view]

    def leave(self, viewer: Viewer) -> None:
        """A viewer goes; an empty room is closed."""
        room = self._rooms[viewer.view]
        room.leave(viewer)
        if not room.viewers:
            del self._rooms[viewer.view]
            self.watch.release(viewer.view)
            room.close()

    async def stop(self) -> None:
        """Close every room and wait for the threads."""
        rooms = list(self._rooms.values())
        self._rooms.clear()
        for room in rooms:
            room.close()
        await asyncio.to_thread(join_all, rooms, 1.0)

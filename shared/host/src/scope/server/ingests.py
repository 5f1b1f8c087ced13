"""Decoder threads: pictures that clients send, each decoded as it comes, the newest to the engine, and their sound."""

import asyncio
import queue
import threading
import time
from typing import Any

from scope.engine.link import Engine
from scope.media.packet import DELTA, Format, PacketError
from scope.media.packets import open_decoder
from scope.server.fed_sound import FedSound
from scope.server.joining import join_all
from scope.server.wire import SOUND, Frame, FrameError

# Frames that a client sent without waiting for the answers; what comes then is passed over.
_QUEUE = 8


class Ingest:
    """One client's pictures and the thread that decodes them. All but `_run` and what it calls is on the loop."""

    def __init__(self, name: str, kind: Format, engine: Engine) -> None:
        self.name = name
        self.active = False
        self.answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._kind = kind
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._frames: queue.Queue[tuple[Frame, int] | None] = queue.Queue(_QUEUE)
        self._broken = False
        self._sound = FedSound()
        self._thread = threading.Thread(target=self._run, name=f"scope:decoder:{name}", daemon=True)
        self._thread.start()

    def take(self, data: bytes) -> None:
        """A message of the client; every picture gets one answer, sound none."""
        arrived = time.monotonic_ns()
        try:
            frame = Frame.parse(data)
        except FrameError as error:
            self.answer({"error": str(error)})
            return
        if frame.kind == SOUND:
            self._hear(frame, arrived)
            return
        self._sound.note(frame, arrived)
        if self._kind == "jpeg":
            self._pass_over()
        try:
            self._frames.put_nowait((frame, arrived))
        except queue.Full:
            self._broken = self._kind != "jpeg"
            self.answer({"took": frame.number, "error": "too many frames without waiting for answers"})

    def _hear(self, frame: Frame, arrived: int) -> None:
        try:
            samples, captured = self._sound.taken(frame, arrived)
        except FrameError as error:
            self.answer({"error": str(error)})
            return
        if self.active:
            self._engine.put_sound(samples, captured)

    def answer(self, message: dict[str, Any]) -> None:
        """Queue an answer: there is at most one for each message of the client."""
        self.answers.put_nowait(message)

    def close(self) -> None:
        """Ask the thread to end."""
        while not self._frames.empty():
            self._pass_over()
        self._frames.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the thread."""
        self._thread.join(timeout)

    def _pass_over(self) -> None:
        """A newer picture is there: the waiting one is answered and forgotten."""
        try:
            waiting = self._frames.get_nowait()
        except queue.Empty:
            return
        if waiting is not None:
            self.answer({"took": waiting[0].number})

    def _run(self) -> None:
        decoder = open_decoder(self._kind)
        while (item := self._frames.get()) is not None:
            frame, arrived = item
            message: dict[str, Any] = {"took": frame.number}
            if self._broken and frame.kind == DELTA:
                self._hand_over(message)
                continue
            self._broken = False
            try:
                pixels = decoder.decode(frame.payload)
                if pixels is not None and self.active:
                    self._engine.put_frame(pixels, arrived)
            except PacketError as error:
                self._broken = self._kind != "jpeg"
                message["error"] = str(error)
            self._hand_over(message)

    def _hand_over(self, message: dict[str, Any]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.answer, message)


class Ingests:
    """All ingest sockets: the one that came last feeds the show. Used on the event loop only."""

    def __init__(self) -> None:
        self._all: list[Ingest] = []

    @property
    def names(self) -> list[str]:
        """Who sends pictures, the active one last."""
        return [ingest.name for ingest in self._all]

    def enter(self, ingest: Ingest) -> None:
        """From now on this one feeds the show."""
        self._all.append(ingest)
        self._choose()

    def leave(self, ingest: Ingest) -> None:
        """The one before it takes over."""
        self._all.remove(ingest)
        ingest.close()
        self._choose()

    def _choose(self) -> None:
        for ingest in self._all:
            active = ingest is self._all[-1]
            if active != ingest.active:
                ingest.active = active
                ingest.answer({"active": active})

    async def stop(self) -> None:
        """End every decoder."""
        for ingest in self._all:
            ingest.close()
        await asyncio.to_thread(join_all, list(self._all), 1.0)

"""The show as an MPEG transport stream over HTTP: H.264 and AAC in a thread for each client, the newest picture wins."""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator

from scope.engine.link import OUT, Engine
from scope.media.live_stream import LiveStream
from scope.server.watch import Ears, Watch, give

MEDIA_TYPE = "video/mp2t"
FPS = 30.0
_WAIT = 0.25
# Pieces between the encoder and a client; while there is no room, pictures are passed over.
_PIECES = 16


class _Pipe:
    """What FFmpeg writes, piece by piece; blocks while the other end is slow."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes] = queue.Queue(_PIECES)
        self.ended = threading.Event()

    def write(self, data: bytes, /) -> int:
        """Queue a piece; after the end it goes nowhere."""
        while not self.ended.is_set():
            try:
                self.pieces.put(bytes(data), timeout=_WAIT)
                break
            except queue.Full:
                continue
        return len(data)


async def transport_stream(engine: Engine, watch: Watch) -> AsyncGenerator[bytes]:
    """The pieces of the stream, until the client goes."""
    pipe = _Pipe()
    thread = threading.Thread(target=_send, args=(engine, pipe, Ears(engine)), name="scope:output:ts", daemon=True)
    watch.claim(pipe, OUT, FPS)
    watch.hear(pipe)
    thread.start()
    try:
        while True:
            piece = await asyncio.to_thread(_next, pipe)
            if piece:
                yield piece
    finally:
        watch.release(pipe)
        pipe.ended.set()


def _next(pipe: _Pipe) -> bytes:
    try:
        return pipe.pieces.get(timeout=_WAIT)
    except queue.Empty:
        return b""


def _send(engine: Engine, pipe: _Pipe, ears: Ears) -> None:
    stream = LiveStream(pipe, "mpegts")
    try:
        for _ in give(engine, ears, stream, pipe.ended):
            pass
    finally:
        ears.close()
        stream.close()

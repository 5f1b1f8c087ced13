"""The server that is measured, in a process of its own: the host, fed with pictures that carry the moment of their making.

It reads sizes from its standard input, one a line: "1280x720" feeds pictures of that size, "0x0" none. It ends with it.
"""

import os
import signal
import sys
import threading
import time
from itertools import cycle, islice

import av
import numpy as np

from scope.bench.barcode import draw
from scope.control.setup import Setup, Source
from scope.engine.link import Engine
from scope.engine.process import EngineProcess
from scope.media.sample import sample_clip
from scope.server.address import bind
from scope.server.app import create_app
from scope.server.guard import Rules
from scope.server.host import Host, Settings
from scope.server.serve import serve

FPS = 30
# Real footage, for encoders work on it as they would in a show. So many pictures of it fit into memory at any size.
PICTURES = 8


def footage(width: int, height: int) -> list[np.ndarray]:
    """A few pictures of the sample clip, uint8 (H, W, 3)."""
    with av.open(str(sample_clip())) as container:
        frames = islice(container.decode(video=0), PICTURES)
        return [frame.reformat(width, height, "rgb24").to_ndarray() for frame in frames]


class Feed(threading.Thread):
    """Gives the engine pictures of one size, thirty a second, until it is ended."""

    def __init__(self, engine: Engine, width: int, height: int) -> None:
        super().__init__(name="scope:feed:bench", daemon=True)
        self._engine, self._pictures = engine, footage(width, height)
        self._ended = threading.Event()

    def end(self) -> None:
        """Stop, and wait for the last picture."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """The thread."""
        due = time.monotonic()
        for picture in cycle(self._pictures):
            due = max(due + 1 / FPS, time.monotonic())
            if self._ended.wait(due - time.monotonic()):
                return
            now = time.monotonic_ns()
            draw(picture, now / 1e6)
            self._engine.put_frame(picture, now)


def obey(engine: Engine) -> None:
    """Do what the lines of the standard input say, and end the process with them."""
    feed: Feed | None = None
    for line in sys.stdin:
        if feed is not None:
            feed.end()
        width, height = map(int, line.split("x"))
        feed = Feed(engine, width, height) if width else None
        if feed is not None:
            feed.start()
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Serve, and print the address once that begins."""
    listening = bind("127.0.0.1", 0)  # any free one: what visits well-known ports would be measured too
    port, engine = listening.getsockname()[1], EngineProcess()
    host = Host(engine, Setup(source=Source(kind="camera")), Settings(port=port, rules=Rules(port=port)))
    threading.Thread(target=obey, args=(engine,), name="scope:obey:bench", daemon=True).start()
    serve(create_app(host), listening, lambda: print(host.settings.address, flush=True))


if __name__ == "__main__":
    main()

"""What both directions of streams need: a port, TLS before it, and a tone."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import anyio.from_thread
import numpy as np
import pytest

from scope.server.certificate import certificate

# As long as a picture, half as loud as can be.
TONE = np.tile(0.5 * np.sin(np.arange(1600) * np.pi / 40), (2, 1)).astype(np.float32)

with_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the program ffmpeg")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def behind_tls(outer: int, inner: int, folder: Path) -> Generator[None]:
    """A port that speaks TLS for another port, as a streaming service does for its RTMP server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder, ["127.0.0.1"]))

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.close()

    async def connected(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", inner)
        except OSError:
            target.close()
            return
        await asyncio.gather(pump(source, there[1]), pump(there[0], target))

    with anyio.from_thread.start_blocking_portal() as portal:
        server = portal.call(partial(asyncio.start_server, connected, "127.0.0.1", outer, ssl=context))
        yield
        portal.call(server.close)

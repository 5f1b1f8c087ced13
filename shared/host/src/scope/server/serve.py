"""Runs the application on a socket until Ctrl-C."""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from fastapi import FastAPI

# Tasks of open sockets end by themselves within this many seconds, or are cancelled.
_GRACE = 1
_MAX_MESSAGE = 16 * 2**20


class Server(uvicorn.Server):
    """Uvicorn, which says when it listens."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_listening()


def serve(
    app: FastAPI,
    listening: socket.socket,
    on_listening: Callable[[], None],
    certificate: tuple[Path, Path] | None = None,
) -> None:
    """Serve until an interrupt; the application's own end is awaited."""
    chain, key = certificate or (None, None)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        ws_max_size=_MAX_MESSAGE,
        # Pictures are compressed already.
        ws_per_message_deflate=False,
        ssl_certfile=chain,
        ssl_keyfile=key,
    )
    with suppress(KeyboardInterrupt):
        Server(config, on_listening).run(sockets=[listening])

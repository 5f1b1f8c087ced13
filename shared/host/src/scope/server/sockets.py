"""What every WebSocket here does: two tasks, one each way, that end together."""

from collections.abc import AsyncGenerator, Coroutine
from contextlib import suppress
from typing import Any

import anyio
from fastapi import WebSocket, WebSocketDisconnect

BAD_PARAMETER = 4400
NO_SUCH_STAGE = 4404
TOO_SLOW = 4408
TOO_MANY = 4429


async def refuse(socket: WebSocket, code: int, sentence: str) -> None:
    """Close a socket with a reason that the client can read: at most 123 bytes of it."""
    await socket.accept()
    await socket.close(code, sentence.encode()[:120].decode("utf-8", "ignore"))


async def messages(socket: WebSocket) -> AsyncGenerator[str | bytes]:
    """What the client sends, until it goes."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        yield message.get("bytes") or b"" if text is None else text


async def both_ways(name: str, sending: Coroutine[Any, Any, None], receiving: Coroutine[Any, Any, None]) -> None:
    """Run both until one of them ends, then end the other."""
    async with anyio.create_task_group() as group:

        async def run(work: Coroutine[Any, Any, None]) -> None:
            with suppress(WebSocketDisconnect):  # the client went while something was being sent
                await work
            group.cancel_scope.cancel()

        group.start_soon(run, sending, name=f"scope:{name}:send")
        group.start_soon(run, receiving, name=f"scope:{name}:receive")

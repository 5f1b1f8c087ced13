"""The control socket: what each client says, and what all of them are told."""

from typing import Annotated

from fastapi import APIRouter, Query, WebSocket

from scope.server.clients import Client
from scope.server.host import HostDep
from scope.server.messages import Desk, hear
from scope.server.sockets import TOO_MANY, TOO_SLOW, both_ways, messages, refuse

router = APIRouter()


@router.websocket("/api/v1/control")
async def control(
    socket: WebSocket, host: HostDep, name: Annotated[str, Query(pattern=r"^[A-Za-z0-9_.-]{1,32}$")] = "client"
) -> None:
    """One client: everything it says, and everything it is to be told."""
    client = host.show.clients.join(name)
    if client is None:
        await refuse(socket, TOO_MANY, "too many clients")
        return
    try:
        await socket.accept()
        host.show.audience.welcome(client)
        host.show.clients.tell(client.id, host.performance.beats.message())
        host.show.clients.tell(client.id, host.performance.cues.message())
        await both_ways("control", _send(socket, client), _listen(socket, host.desk, client))
    finally:
        host.show.leave(client)


async def _send(socket: WebSocket, client: Client) -> None:
    while (text := await client.next()) is not None:
        await socket.send_text(text)
    await socket.close(TOO_SLOW, "this client does not read what it is sent")


async def _listen(socket: WebSocket, desk: Desk, client: Client) -> None:
    async for text in messages(socket):
        hear(desk, client.id, text)
        client.note_said()

"""The view socket: pictures to a client, newest first, as many as it has credit for."""

from typing import Annotated, Literal

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scope.control.explain import sentence
from scope.control.strict_json import JsonError, read_json
from scope.server.host import Host, HostDep
from scope.server.rooms import Room, View, Viewer
from scope.server.sockets import BAD_PARAMETER, NO_SUCH_STAGE, TOO_MANY, both_ways, messages, refuse

router = APIRouter()

MAX_VIEWERS = 8


class ViewQuery(BaseModel):
    """The query of the socket."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["jpeg", "h264", "vp8"] = "jpeg"
    stage: Annotated[str, Field(max_length=64)] = "out"
    width: Annotated[int, Field(ge=16, le=8192)] | None = None
    fps: Annotated[int, Field(ge=1, le=120)] = 60
    quality: Annotated[int, Field(ge=30, le=95)] = 85


@router.websocket("/api/v1/view")
async def view(socket: WebSocket, host: HostDep) -> None:
    """Frames as PROTOCOL.md describes them, until the client goes."""
    given = {name: value for name, value in socket.query_params.items() if value}
    try:
        wanted = View(**ViewQuery.model_validate(given).model_dump())
    except ValidationError as error:
        await refuse(socket, BAD_PARAMETER, sentence(error))
        return
    if wanted.stage not in ("out", "in") and host.show.document.stage(wanted.stage) is None:
        await refuse(socket, NO_SUCH_STAGE, f"there is no stage {wanted.stage!r}")
    elif host.rooms.count >= MAX_VIEWERS:
        await refuse(socket, TOO_MANY, f"there are {MAX_VIEWERS} viewers already")
    else:
        await _watch(socket, host, Viewer(wanted))


async def _watch(socket: WebSocket, host: Host, viewer: Viewer) -> None:
    room = host.rooms.enter(viewer)
    try:
        await socket.accept()
        await both_ways("view", _send(socket, viewer), _listen(socket, room, viewer))
    finally:
        host.rooms.leave(viewer)


async def _send(socket: WebSocket, viewer: Viewer) -> None:
    while True:
        await socket.send_bytes((await viewer.next()).bytes())


async def _listen(socket: WebSocket, room: Room, viewer: Viewer) -> None:
    async for text in messages(socket):
        try:
            message = read_json(text, limit=1000)
        except JsonError:
            continue
        if isinstance(message, dict) and isinstance(message.get("seen"), int):
            viewer.seen(message["seen"])
            room.credit(viewer)
        elif isinstance(message, dict) and message.get("key"):
            room.request_key()

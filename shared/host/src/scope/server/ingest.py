"""The ingest socket: a client's pictures to the engine."""

from typing import Annotated, Literal

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scope.control.explain import sentence
from scope.server.clients import as_text
from scope.server.host import HostDep
from scope.server.ingests import Ingest
from scope.server.sockets import BAD_PARAMETER, TOO_MANY, both_ways, messages, refuse

router = APIRouter()

MAX_INGESTS = 4
# A client that sends so much and reads no answer is let go.
_MAX_UNREAD = 200


class IngestQuery(BaseModel):
    """The query of the socket."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["jpeg", "h264", "vp8"] = "jpeg"
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")] = "client"


@router.websocket("/api/v1/ingest")
async def ingest(socket: WebSocket, host: HostDep) -> None:
    """Frames as PROTOCOL.md describes them, until the client goes."""
    try:
        query = IngestQuery.model_validate(dict(socket.query_params))
    except ValidationError as error:
        await refuse(socket, BAD_PARAMETER, sentence(error))
        return
    if len(host.ingests.names) >= MAX_INGESTS:
        await refuse(socket, TOO_MANY, f"{MAX_INGESTS} clients send pictures already")
        return
    await socket.accept()
    source = Ingest(query.name, query.format, host.show.engine)
    host.ingests.enter(source)
    host.show.audience.tell_state()
    try:
        await both_ways("ingest", _send(socket, source), _listen(socket, source))
    finally:
        host.ingests.leave(source)
        host.show.audience.tell_state()


async def _send(socket: WebSocket, source: Ingest) -> None:
    while True:
        await socket.send_text(as_text(await source.answers.get()))


async def _listen(socket: WebSocket, source: Ingest) -> None:
    async for message in messages(socket):
        if source.answers.qsize() > _MAX_UNREAD:
            return
        if isinstance(message, bytes):
            source.take(message)

"""WHIP (RFC 9725) takes a stream from OBS as the source of the show; WHEP lets players watch the show."""

from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Response

from scope.control.setup import Source
from scope.server.host import Host, HostDep
from scope.server.rtc import PeerError
from scope.server.strict import problems

router = APIRouter(prefix="/api/v1")

CLIENT = "whip"
SDP = "application/sdp"

Offer = Annotated[bytes, Body(media_type=SDP, max_length=200_000)]
_ANSWER = {201: {"content": {SDP: {}}, "description": "The SDP answer; Location is where to end it."}}


@router.post("/whip", status_code=201, responses=_ANSWER | problems(400), response_class=Response)
async def publish(offer: Offer, host: HostDep) -> Response:
    """Take what the client sends as the source of the show."""
    answer = await _answer(offer, host, "whip")
    if host.show.document.now["source"]["kind"] != "webrtc":
        host.senders.expect()
        host.show.edit({"source": Source(kind="webrtc").model_dump(mode="json")}, CLIENT, "source")
    return answer


@router.post("/whep", status_code=201, responses=_ANSWER | problems(400), response_class=Response)
async def watch(offer: Offer, host: HostDep) -> Response:
    """Send the show to the client."""
    return await _answer(offer, host, "whep")


@router.delete("/whip/{session_id}", response_class=Response)
@router.delete("/whep/{session_id}", response_class=Response)
async def end(session_id: str, host: HostDep) -> Response:
    """Hang up."""
    await host.peers.end(session_id)
    return Response(status_code=200)


async def _answer(offer: bytes, host: Host, kind: str) -> Response:
    try:
        session, answer = await host.peers.offer(offer.decode("utf-8", "replace"), "offer")
    except PeerError as error:
        raise HTTPException(400, str(error)) from error
    headers = {"Location": f"/api/v1/{kind}/{session}"}
    return Response(answer.sdp, 201, headers, media_type=SDP)

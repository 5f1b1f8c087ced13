"""The original host's WebRTC routes: ICE servers, offer, candidates, end."""

import logging
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scope.control.explain import sentence
from scope.control.setup import Setup, Source
from scope.server.edits import ShowError
from scope.server.host import Host, HostDep
from scope.server.messages import act, original_sinks
from scope.server.original.graph import Graph
from scope.server.original.pipelines import LoadItem, chain, refusals
from scope.server.rtc import PeerError
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/webrtc", route_class=StrictRoute)

CLIENT = "webrtc"
log = logging.getLogger(__name__)
# Of the parameters of an offer, those that say what to play, not how.
_ABOUT_THE_SHOW = frozenset(
    {
        "graph",
        "input_mode",
        "node_id",
        "output_sinks",
        "pipeline_ids",
        "produces_audio",
        "produces_video",
        "recording",
        "spout_sender",
    }
)


class Offer(BaseModel):
    """An SDP offer, and what the show shall be; without `pipeline_ids` and `graph` it stays what it is."""

    model_config = ConfigDict(extra="ignore")

    sdp: Annotated[str, Field(max_length=200_000)]
    type: Annotated[str, Field(pattern="^offer$")]
    initialParameters: Annotated[dict[str, Any] | None, Field(max_length=500)] = None  # noqa: N815 - the API's name


class Answer(BaseModel):
    """The SDP answer, with candidates in it, and the id of the session."""

    sdp: str
    type: str
    sessionId: str  # noqa: N815 - the API's name


class Candidate(BaseModel):
    """One ICE candidate as browsers give it."""

    model_config = ConfigDict(extra="ignore")

    candidate: Annotated[str, Field(max_length=1000)]
    sdpMid: Annotated[str | None, Field(max_length=100)] = None  # noqa: N815
    sdpMLineIndex: Annotated[int | None, Field(ge=0, le=100)] = None  # noqa: N815


class Candidates(BaseModel):
    """Candidates of one session."""

    candidates: Annotated[list[Candidate], Field(max_length=100)]


class IceServer(BaseModel):
    """A STUN or TURN server; none unless the host was told one."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class IceServers(BaseModel):
    """What to give to a peer connection."""

    iceServers: list[IceServer]  # noqa: N815


@router.get("/ice-servers")
async def ice_servers(host: HostDep) -> IceServers:
    """On one machine or network none is needed."""
    return IceServers(iceServers=[IceServer(urls=[address]) for address in host.settings.ice_servers])


@router.post("/offer", responses=problems(400))
async def offer(body: Offer, host: HostDep) -> Answer:
    """Answer an offer; the show starts to flow when the connection stands."""
    given = body.initialParameters or {}
    with refusals():
        _make_show(host, given, sends=_sends_video(body.sdp))
        values = {name: value for name, value in given.items() if name not in _ABOUT_THE_SHOW and value is not None}
        for warning in act(host.desk, CLIENT, values) if values else ():
            log.warning("%s: %s", CLIENT, warning)
    try:
        session, answer = await host.peers.offer(body.sdp, body.type)
    except PeerError as error:
        raise HTTPException(400, str(error)) from error
    _send_on(host, given)
    return Answer(sdp=answer.sdp, type=answer.type, sessionId=session)


@router.patch("/offer/{session_id}", status_code=204, responses=problems(400, 404))
async def candidates(session_id: str, body: Candidates, host: HostDep) -> Response:
    """Candidates that the client found after its offer."""
    peer = host.peers.get(session_id)
    if peer is None:
        raise HTTPException(404, f"Session {session_id} not found")
    for candidate in body.candidates:
        try:
            await peer.add(candidate.model_dump())
        except PeerError as error:
            raise HTTPException(400, str(error)) from error
    return Response(status_code=204)


@router.delete("/offer/{session_id}", status_code=204)
async def end(session_id: str, host: HostDep) -> Response:
    """End a session; the client is told first. An unknown one has ended already."""
    await host.peers.end(session_id)
    return Response(status_code=204)


def _send_on(host: Host, given: dict[str, Any]) -> None:
    """Recording and other programs; what cannot be had does not cost the client its stream."""
    try:
        wanted = Graph.read(given.get("graph")).sinks() | original_sinks(given)
        act(host.desk, CLIENT, {"output_sinks": wanted, "recording": given.get("recording")})
    except ShowError as error:
        host.tell_fault("output", str(error))
    except ValidationError as error:
        host.tell_fault("output", sentence(error))


def _make_show(host: Host, given: dict[str, Any], *, sends: bool) -> None:
    """What the offer says of the show: its chain, and where its pictures come from."""
    before = host.show.document.setup
    items = Graph.read(given.get("graph")).items() or _named(given.get("pipeline_ids"))
    wanted = [(item.node_id, item.pipeline_id) for item in items]
    stages = before.stages
    if items and wanted != [(stage.id, stage.pipeline) for stage in stages]:
        stages = chain(items, host.show.status.pipelines, stages)
    if not stages:
        raise HTTPException(400, "Pipeline not loaded. Please load pipeline first.")
    setup = before.model_copy(update={"stages": stages, "source": _source(before.source, given, sends)})
    if setup != before:
        if setup.source.kind == "webrtc":
            host.senders.expect()
        host.show.load(Setup.model_validate(setup.model_dump()), CLIENT, "stream")


def _named(ids: Any) -> list[LoadItem]:
    if not isinstance(ids, list | None):
        raise ShowError(f"pipeline_ids: expected a list, got {ids!r}")
    return [LoadItem(node_id=name, pipeline_id=name) for name in ids or ()]


def _source(before: Source, given: dict[str, Any], sends: bool) -> Source:
    mode = given.get("input_mode")
    if mode == "text":
        return Source(kind="none")
    if (named := Graph.read(given.get("graph")).source()) is not None:
        return Source.model_validate(named)
    return Source(kind="webrtc") if mode == "video" and sends else before


def _sends_video(sdp: str) -> bool:
    """Whether the client's video section has a track: a transceiver without one names no stream."""
    video = sdp.partition("m=video")[2].partition("\nm=")[0]
    return "a=msid:" in video and "a=msid:-" not in video and "a=recvonly" not in video and "a=inactive" not in video

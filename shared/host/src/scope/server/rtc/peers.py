"""Peer connections: one session for each offer, from its answer to its end."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidStateError
from aiortc.sdp import MediaDescription, SessionDescription, candidate_from_sdp

from scope.engine.events import Died, Event
from scope.media.packet import Format
from scope.server.rooms import Rooms, View, Viewer
from scope.server.rtc import PeerError
from scope.server.rtc.sdp import NAME, with_start_bitrate, without_names
from scope.server.rtc.sound_track import SoundTrack
from scope.server.rtc.tracks import ViewTrack, feed, feed_sound
from scope.server.rtc.tuned import confine_ports, on_key_request, tune
from scope.server.senders import Senders
from scope.server.watch import Ears

MAX_PEERS = 8
PARAMETERS = "parameters"
log = logging.getLogger(__name__)

Hear = Callable[[str, str | bytes], None]


class Peer:
    """One client: its view of the show, its camera if it sends one, and its data channel."""

    def __init__(self, rooms: Rooms, senders: Senders, hear: Hear, servers: Sequence[RTCIceServer]) -> None:
        self.id = str(uuid.uuid4())
        # Without servers of our own none is asked: aiortc would go to one on the internet.
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=list(servers)))
        self._rooms, self._senders, self._hear = rooms, senders, hear
        self._viewer: Viewer | None = None
        self._view: ViewTrack | None = None
        self._sound: SoundTrack | None = None
        self._began = time.monotonic()
        self._channel: RTCDataChannel | None = None
        self._feeds: set[asyncio.Task[None]] = set()
        self.connection.on("track", self._on_track)
        self.connection.on("datachannel", self._on_channel)

    @property
    def elapsed(self) -> float:
        """Seconds since the offer."""
        return time.monotonic() - self._began

    @property
    def frames(self) -> int:
        """Pictures that the client was sent."""
        return self._view.sent if self._view else 0

    async def answer(self, offer: RTCSessionDescription) -> RTCSessionDescription:
        """Set everything up for an offer.

        Raises:
            PeerError: the offer cannot be read.
        """
        offer = RTCSessionDescription(without_names(offer.sdp), offer.type)
        try:
            described = SessionDescription.parse(offer.sdp)
        except (ValueError, IndexError, KeyError, AssertionError) as error:
            raise PeerError(f"the offer is not SDP: {type(error).__name__}: {error}") from error
        if not described.media:
            raise PeerError("the offer has no media section, so there is nothing to answer")
        codec = _codec(described)
        if codec is not None:
            # Before the remote description, or aiortc negotiates VP8 whatever is encoded.
            self._send_view(codec)
        if _takes(described, "audio"):
            self._send_sound()
        try:
            await self.connection.setRemoteDescription(offer)
            await self.connection.setLocalDescription(await self.connection.createAnswer())
        except (ValueError, InvalidStateError, AssertionError, AttributeError) as error:
            raise PeerError(f"the offer cannot be answered: {error}") from error
        made = self.connection.localDescription
        return RTCSessionDescription(with_start_bitrate(made.sdp), made.type)

    async def add(self, candidate: Mapping[str, Any]) -> None:
        """An ICE candidate of the client.

        Raises:
            PeerError: it cannot be read.
        """
        text = str(candidate["candidate"]).removeprefix("candidate:")
        if not text or NAME in text:
            return
        try:
            parsed = candidate_from_sdp(text)
            parsed.sdpMid, parsed.sdpMLineIndex = candidate.get("sdpMid"), candidate.get("sdpMLineIndex")
            await self.connection.addIceCandidate(parsed)
        except (ValueError, IndexError, AssertionError) as error:
            raise PeerError(f"this is no ICE candidate: {text!r}") from error

    async def close(self, error: str | None = None) -> None:
        """Tell the client that the stream has stopped, and why, then hang up."""
        if self._channel is not None and self._channel.readyState == "open":
            told = {"type": "stream_stopped"} | ({"error_message": error} if error else {})
            self._channel.send(json.dumps(told))
            # The message leaves with the loop's next turns; the connection closes behind it.
            await asyncio.sleep(0.05)
        for task in list(self._feeds):
            task.cancel()
        await self.connection.close()
        if self._viewer is not None:
            self._rooms.leave(self._viewer)
            self._viewer = None
        if self._sound is not None:
            self._rooms.watch.release(self)
            self._sound.stop()

    def _send_view(self, codec: Format) -> None:
        self._viewer = Viewer(View(format=codec))
        room = self._rooms.enter(self._viewer)
        self._view = ViewTrack(room, self._viewer)
        sender = self.connection.addTrack(self._view)
        on_key_request(sender, room.request_key)
        transceiver = next(t for t in self.connection.getTransceivers() if t.sender is sender)
        known = RTCRtpSender.getCapabilities("video").codecs
        wanted = {f"video/{codec}", "video/rtx"}
        transceiver.setCodecPreferences([c for c in known if c.mimeType.lower() in wanted])

    def _send_sound(self) -> None:
        self._rooms.watch.hear(self)
        self._sound = SoundTrack(Ears(self._rooms.engine))
        self.connection.addTrack(self._sound)

    def _on_track(self, track: Any) -> None:
        give = feed if track.kind == "video" else feed_sound
        taken = give(track, self._rooms.engine, self._senders, self.id)
        task = asyncio.create_task(taken, name=f"scope:rtc-{track.kind}:{self.id}")
        self._feeds.add(task)
        task.add_done_callback(self._feeds.discard)

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == PARAMETERS:
            self._channel = channel
            channel.on("message", lambda message: self._hear(f"webrtc-{self.id[:8]}", message))


class Peers:
    """Every session. Used on the event loop only. `ports`: for UDP; any without. Not `on`: every offer is refused."""

    def __init__(
        self,
        rooms: Rooms,
        senders: Senders,
        hear: Hear,
        servers: Sequence[str] = (),
        ports: range | None = None,
        *,
        on: bool = True,
    ) -> None:
        tune()
        if ports is not None:
            confine_ports(asyncio.get_running_loop(), ports)
        self._on = on
        self._servers = [RTCIceServer(urls=address) for address in servers]
        self._rooms, self._senders, self._hear = rooms, senders, hear
        self._peers: dict[str, Peer] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._deaf = rooms.engine.listen(self._on_event)

    @property
    def all(self) -> list[Peer]:
        return list(self._peers.values())

    async def offer(self, sdp: str, kind: str) -> tuple[str, RTCSessionDescription]:
        """A new session: its id and the answer.

        Raises:
            PeerError: the offer cannot be used, there are eight sessions, or WebRTC is switched off.
        """
        if not self._on:
            raise PeerError("WebRTC is switched off: the server was started with --no-webrtc")
        if len(self._peers) >= MAX_PEERS:
            raise PeerError(f"there are {MAX_PEERS} sessions already")
        peer = Peer(self._rooms, self._senders, self._hear, self._servers)
        try:
            answer = await peer.answer(RTCSessionDescription(sdp, kind))
        except (PeerError, ValueError) as error:
            await peer.close()
            raise PeerError(str(error)) from error
        self._peers[peer.id] = peer
        peer.connection.on("connectionstatechange", lambda: self._on_state(peer))
        return peer.id, answer

    def get(self, session: str) -> Peer | None:
        return self._peers.get(session)

    async def end(self, session: str, error: str | None = None) -> None:
        """Hang up; an unknown session is no error."""
        peer = self._peers.pop(session, None)
        if peer is not None:
            await peer.close(error)

    async def stop(self) -> None:
        """Hang up everywhere."""
        self._deaf()
        await self._end_all()

    async def _end_all(self, error: str | None = None) -> None:
        for session in list(self._peers):
            await self.end(session, error)

    def _on_event(self, event: Event) -> None:
        """On a thread of the engine: one that stays down ends every session, and clients are told why."""
        if isinstance(event, Died) and event.again_in is None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._give_up, event.text)

    def _give_up(self, error: str) -> None:
        task = asyncio.create_task(self._end_all(error), name="scope:rtc-end")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _on_state(self, peer: Peer) -> None:
        if peer.connection.connectionState in ("failed", "closed"):
            with suppress(ConnectionError):
                await self.end(peer.id)


def _codec(offer: SessionDescription) -> Format | None:
    """What to encode for a client: H.264 where it takes it, which costs least, else VP8; None if it wants no video."""
    video = _takes(offer, "video")
    names = {codec.mimeType.lower() for media in video for codec in media.rtp.codecs}
    if "video/h264" in names:
        return "h264"
    return "vp8" if "video/vp8" in names else None


def _takes(offer: SessionDescription, kind: str) -> list[MediaDescription]:
    """The sections of an offer in which the client wants to receive."""
    return [media for media in offer.media if media.kind == kind and media.direction not in ("inactive", "sendonly")]

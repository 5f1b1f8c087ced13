"""Clients of the host's WebRTC as aiortc makes them, and a server on their event loop."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from fractions import Fraction

import av
import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpreceiver import RTCRtpReceiver

from scope.server.app import create_app
from scope.server.guard import Rules
from scope.server.host import Host, Settings


class GreyCamera(MediaStreamTrack):
    """A client's camera: grey pictures, thirty a second."""

    kind = "video"

    def __init__(self, level: int = 90) -> None:
        super().__init__()
        self._count, self._level = 0, level

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(1 / 30)
        frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), self._level, np.uint8), "rgb24")
        frame.pts, frame.time_base = self._count * 3000, Fraction(1, 90_000)
        self._count += 1
        return frame


class Microphone(MediaStreamTrack):
    """A client's microphone: a tone in blocks of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(0.02)
        wave = (8000 * np.sin(np.arange(960) * 0.1)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, self._count * 960, Fraction(1, 48000)
        self._count += 1
        return frame


@asynccontextmanager
async def running(engine, setup, **more) -> AsyncGenerator[tuple[Host, httpx.AsyncClient]]:
    """A server on this event loop, and a client of its HTTP API."""
    host = Host(engine, setup, Settings(port=8000, rules=Rules(port=8000), **more))
    app = create_app(host)
    await host.start()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        try:
            yield host, http
        finally:
            await host.stop()


async def connect(http, pc, initial=None) -> str:
    """The client's part of the documented flow; the id of the session."""
    await pc.setLocalDescription(await pc.createOffer())
    body = {"sdp": pc.localDescription.sdp, "type": "offer", "initialParameters": initial}
    answer = (await http.post("/api/v1/webrtc/offer", json=body)).json()
    assert answer["type"] == "answer", answer
    await pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
    return answer["sessionId"]


class Viewer(RTCPeerConnection):
    """A client that wants to see, with these codecs, and creates the data channel as the original's page does."""

    def __init__(self, *codecs: str) -> None:
        super().__init__()
        self.parameters = self.createDataChannel("parameters", ordered=True)
        known = RTCRtpReceiver.getCapabilities("video")
        assert known is not None
        wanted = [codec for codec in known.codecs if codec.mimeType.split("/")[1].lower() in codecs]
        self.addTransceiver("video", direction="recvonly").setCodecPreferences(wanted)
        self.addTransceiver("audio", direction="recvonly")


async def loud(track) -> None:
    """Wait until sound comes."""
    while np.abs((await track.recv()).to_ndarray()).max() < 8000:
        continue


async def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)

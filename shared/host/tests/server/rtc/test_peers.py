"""An aiortc client does the documented flow: offer, candidates, parameters, pictures, end."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from fractions import Fraction

import av
import httpx
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpreceiver import RTCRtpReceiver

from scope.control.setup import Setup, Source, Stage
from scope.engine.events import Died, Heard
from scope.server.app import create_app
from scope.server.guard import Rules
from scope.server.host import Host, Settings
from scope.server.rtc import tuned
from scope.server.rtc.tuned import tune

pytestmark = pytest.mark.timeout(120)

TONE = np.tile(0.5 * np.sin(np.arange(480_000) * 0.1), (2, 1)).astype(np.float32)


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


@pytest.mark.parametrize("codecs", [("h264", "rtx"), ("vp8", "rtx")])
def test_a_client_hears_the_show_and_sees_it_in_the_codec_it_can_take(engine, setup, base, codecs):
    async def talk():
        async with running(engine, setup) as (_, http):
            pc = Viewer(*codecs)
            tracks = []
            pc.on("track", tracks.append)
            session = await connect(http, pc)
            await until(lambda: len(tracks) == 2)
            frame = await asyncio.wait_for(tracks[0].recv(), 60)
            assert (frame.width, frame.height) == (96, 64)
            assert abs(int(frame.to_ndarray(format="rgb24").mean()) - 128) < 6
            assert ("sound", True) in engine.said
            engine.say(Heard(TONE, time.monotonic_ns()))
            await asyncio.wait_for(loud(tracks[1]), 60)
            assert (await http.delete(f"/api/v1/webrtc/offer/{session}")).status_code == 204
            await pc.close()

    asyncio.run(talk())


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_who_joins_while_the_picture_stands_gets_it_at_once(engine, setup, base, monkeypatch, codec):
    """By a client that aiortc's own buffer serves: it shows a picture when the next one begins."""
    tune()
    monkeypatch.setattr(JitterBuffer, "_remove_frame", tuned._wait_for_next_frame)
    engine.stands = True

    async def talk():
        async with running(engine, setup) as (_, http):
            viewers = Viewer(codec), Viewer(codec)
            for pc in viewers:
                tracks = []
                pc.on("track", tracks.append)
                await connect(http, pc)
                await until(lambda tracks=tracks: tracks)
                frame = await asyncio.wait_for(tracks[0].recv(), 30)
                assert (frame.width, frame.height) == (96, 64)
            assert engine.shown == 1
            for pc in viewers:
                await pc.close()

    asyncio.run(talk())


def test_parameters_arrive_and_the_end_is_told_before_it_comes(engine, setup, base):
    async def talk():
        async with running(engine, setup) as (_, http):
            pc = Viewer("vp8")
            heard = []
            pc.parameters.on("message", heard.append)
            session = await connect(http, pc, {"trails": 0.25, "pipeline_ids": ["fx"], "input_mode": "video"})
            assert ("fx", {"trails": 0.25}) in [(p[0], p[1]) for p in engine.posts()]
            await until(lambda: pc.parameters.readyState == "open")
            pc.parameters.send("this is no JSON")
            pc.parameters.send(json.dumps({"trails": 0.75}))
            await until(lambda: ("fx", {"trails": 0.75}) in [(p[0], p[1]) for p in engine.posts()])
            await http.delete(f"/api/v1/webrtc/offer/{session}")
            await until(lambda: heard)
            assert json.loads(heard[-1]) == {"type": "stream_stopped"}
            await pc.close()

    asyncio.run(talk())


def test_an_engine_that_stays_down_ends_the_sessions_with_its_sentence(engine, setup, base):
    async def talk():
        async with running(engine, setup) as (host, http):
            pc = Viewer("vp8")
            heard = []
            pc.parameters.on("message", heard.append)
            await connect(http, pc)
            await until(lambda: pc.parameters.readyState == "open")
            engine.say(Died("the engine was killed", "fx", 2.0))
            engine.say(Died("the engine was killed, for the third time in a minute", "fx", None))
            await until(lambda: heard)
            told = {"type": "stream_stopped", "error_message": "the engine was killed, for the third time in a minute"}
            assert json.loads(heard[-1]) == told
            await until(lambda: host.peers.all == [])
            await pc.close()

    asyncio.run(talk())


def test_a_clients_camera_and_microphone_become_the_source(engine, setup, base):
    async def talk():
        async with running(engine, setup) as (host, http):
            pc = RTCPeerConnection()
            pc.addTrack(GreyCamera())
            pc.addTrack(Microphone())
            await connect(http, pc, {"input_mode": "video"})
            assert host.show.document.now["source"]["kind"] == "webrtc"
            await until(lambda: any(words[0] == "frame" for words in engine.said))
            pixels = next(words[1] for words in engine.said if words[0] == "frame")
            assert pixels.shape == (120, 160, 3)
            assert abs(int(pixels.mean()) - 90) < 6
            sounds = lambda: [words[1] for words in engine.said if words[0] == "sounds"]  # noqa: E731
            await until(lambda: any(np.abs(samples).max() > 0.1 for samples in sounds()))
            assert {samples.shape[0] for samples in sounds()} == {2}
            await pc.close()

    asyncio.run(talk())


def test_of_two_senders_the_last_one_feeds_and_after_both_have_left_the_source_is_what_it_was(
    engine, setup, base, monkeypatch
):
    monkeypatch.setattr("scope.server.senders.GRACE_SECONDS", 0.5)

    async def sender(http, level):
        pc = RTCPeerConnection()
        pc.addTrack(GreyCamera(level))
        await connect(http, pc, {"input_mode": "video"})
        await until(lambda: levels()[-1:] == [level])
        return pc

    def levels():
        return [round(float(words[1].mean()) / 10) * 10 for words in engine.said if words[0] == "frame"]

    async def talk():
        async with running(engine, setup) as (host, http):
            first, second = await sender(http, 60), await sender(http, 200)
            taken = len(levels())
            await until(lambda: len(levels()) > taken + 10)
            assert set(levels()[taken + 2 :]) == {200}
            await second.close()
            await until(lambda: levels()[-1] == 60)
            assert host.show.audience.state()["stream_problem"] is None
            await first.close()
            await until(lambda: host.senders.problem)
            assert host.show.audience.state()["stream_problem"] == (
                "nobody sends pictures any more; the last one stays, and after 0.5 seconds the source is 'pattern' again"
            )
            await until(lambda: host.show.document.now["source"]["kind"] == "pattern")
            assert host.senders.problem is None

    asyncio.run(talk())


def test_a_sender_that_comes_back_goes_on(engine, setup, base):
    async def talk():
        async with running(engine, setup) as (host, http):
            for _ in range(2):
                pc = RTCPeerConnection()
                pc.addTrack(GreyCamera())
                await connect(http, pc, {"input_mode": "video"})
                await until(lambda: host.senders.problem is None and engine.said[-1][0] == "frame")
                await pc.close()
                await until(lambda: host.senders.problem)
                engine.said.append(("left",))
            assert host.show.document.now["source"]["kind"] == "webrtc"

    asyncio.run(talk())


def test_an_offer_whose_addresses_are_hidden_behind_names_is_answered_with_the_servers_own(engine, setup, base):
    """As browsers do it for pages without a camera; names of mDNS seldom resolve."""

    async def main():
        async with running(engine, setup) as (_, http):
            client = Viewer("vp8")
            await client.setLocalDescription(await client.createOffer())
            sdp = re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+", r"\1 4f2c1d3e-hidden.local", client.localDescription.sdp)
            assert "hidden.local" in sdp
            answer = await http.post("/api/v1/whep", content=sdp, headers={"Content-Type": "application/sdp"})
            assert answer.status_code == 201
            assert "a=candidate:" in answer.text
            await client.close()

    asyncio.run(main())


def test_candidates_may_come_later_and_unknown_sessions_are_404(engine, setup, base):
    async def talk():
        async with running(engine, setup) as (_, http):
            pc = Viewer("vp8")
            session = await connect(http, pc)
            candidate = {"candidate": "candidate:1 1 UDP 2122252543 192.0.2.1 50000 typ host", "sdpMid": "0"}
            url = f"/api/v1/webrtc/offer/{session}"
            assert (await http.patch(url, json={"candidates": [candidate]})).status_code == 204
            bad = await http.patch(url, json={"candidates": [{"candidate": "candidate:nonsense"}]})
            assert bad.status_code == 400
            assert bad.json()["detail"] == "this is no ICE candidate: 'nonsense'"
            gone = await http.patch("/api/v1/webrtc/offer/nope", json={"candidates": [candidate]})
            assert gone.status_code == 404
            assert (await http.delete("/api/v1/webrtc/offer/nope")).status_code == 204
            await pc.close()

    asyncio.run(talk())


def test_an_offer_that_is_none_is_refused_in_a_sentence(engine, setup, base):
    async def talk():
        async with running(engine, setup) as (host, http):
            answer = await http.post("/api/v1/webrtc/offer", json={"sdp": "nonsense", "type": "offer"})
            assert answer.status_code == 400
            assert "offer" in answer.json()["detail"]
            assert host.peers.all == []

    asyncio.run(talk())


def test_without_anything_loaded_an_offer_is_refused_as_the_original_does(engine, base):
    async def talk():
        async with running(engine, Setup(source=Source(kind="pattern"))) as (_, http):
            pc = Viewer("vp8")
            await pc.setLocalDescription(await pc.createOffer())
            answer = await http.post("/api/v1/webrtc/offer", json={"sdp": pc.localDescription.sdp, "type": "offer"})
            assert (answer.status_code, answer.json()["detail"]) == (
                400,
                "Pipeline not loaded. Please load pipeline first.",
            )
            await pc.close()

    asyncio.run(talk())


def test_a_session_that_hangs_up_leaves_nothing_behind(engine, base):
    async def talk():
        setup = Setup(source=Source(kind="pattern"), stages=[Stage(id="fx", pipeline="fx")])
        async with running(engine, setup) as (host, http):
            pc = Viewer("vp8")
            tracks = []
            pc.on("track", tracks.append)
            await connect(http, pc)
            await until(lambda: tracks)
            await asyncio.wait_for(tracks[0].recv(), 60)
            assert host.rooms.count == 1
            await pc.close()
            await until(lambda: host.peers.all == [])
            assert host.rooms.count == 0

    asyncio.run(talk())


def test_obs_publishes_by_whip_and_a_player_watches_by_whep(engine, setup, base):
    async def talk():
        async with running(engine, setup) as (host, http):
            sends, watches = RTCPeerConnection(), RTCPeerConnection()
            sends.addTrack(GreyCamera())
            watches.addTransceiver("video", direction="recvonly")
            tracks = []
            watches.on("track", tracks.append)
            places = [await exchange(http, sends, "whip"), await exchange(http, watches, "whep")]
            assert host.show.document.now["source"]["kind"] == "webrtc"
            await until(lambda: any(words[0] == "frame" for words in engine.said))
            frame = await asyncio.wait_for(tracks[0].recv(), 60)
            assert (frame.width, frame.height) == (96, 64)
            for place in places:
                assert (await http.delete(place)).status_code == 200
            assert host.peers.all == []
            await sends.close()
            await watches.close()

    asyncio.run(talk())


async def exchange(http, pc, kind) -> str:
    """Offer and answer as plain SDP; where the session can be ended."""
    await pc.setLocalDescription(await pc.createOffer())
    sdp = {"content-type": "application/sdp"}
    answer = await http.post(f"/api/v1/{kind}", content=pc.localDescription.sdp, headers=sdp)
    assert answer.status_code == 201, answer.text
    await pc.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    return answer.headers["location"]


def test_udp_ports_are_those_that_were_allowed(engine, setup, base):
    async def flow() -> set[int]:
        async with running(engine, setup, rtc_ports=range(51700, 51740)) as (_, http):
            # The client is in this process too, so its sockets are confined as well: both take from the range.
            pc = Viewer("vp8")
            await connect(http, pc)
            lines = pc.remoteDescription.sdp.splitlines()
            await pc.close()
        return {int(line.split()[5]) for line in lines if line.startswith("a=candidate") and "typ host" in line}

    found = asyncio.run(flow())
    assert found
    assert found <= set(range(51700, 51740))


def test_webrtc_can_be_switched_off(engine, setup, base):
    async def flow() -> httpx.Response:
        async with running(engine, setup, webrtc=False) as (_, http):
            return await http.post("/api/v1/whep", content=b"v=0", headers={"Content-Type": "application/sdp"})

    answer = asyncio.run(flow())
    assert answer.status_code == 400
    assert answer.json()["detail"] == "WebRTC is switched off: the server was started with --no-webrtc"

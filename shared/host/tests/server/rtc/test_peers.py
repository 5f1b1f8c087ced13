"""An aiortc client does the documented flow: offer, candidates, parameters, pictures, end."""

import asyncio
import json
import re
import time

import httpx
import numpy as np
import pytest
from aiortc.jitterbuffer import JitterBuffer

from scope.control.setup import Setup, Source, Stage
from scope.engine.events import Died, Heard
from scope.server.rtc import tuned
from scope.server.rtc.tuned import tune

from .clients import Viewer, connect, loud, running, until

pytestmark = pytest.mark.timeout(120)

TONE = np.tile(0.5 * np.sin(np.arange(480_000) * 0.1), (2, 1)).astype(np.float32)


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

"""Clients that send become the source: their camera and microphone, and OBS by WHIP."""

import asyncio

import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from .clients import GreyCamera, Microphone, connect, running, until

pytestmark = pytest.mark.timeout(120)


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

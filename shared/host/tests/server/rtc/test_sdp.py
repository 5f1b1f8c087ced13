"""What is changed in answers, on the answers that aiortc gives."""

import asyncio

from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.sdp import SessionDescription

from scope.server.rtc.sdp import START_KBITS, with_start_bitrate


def test_an_answer_has_video_sent_at_full_rate_from_the_beginning():
    described = SessionDescription.parse(with_start_bitrate(asyncio.run(answered("video", "audio"))))
    codecs = {kind: [c for m in described.media if m.kind == kind for c in m.rtp.codecs] for kind in ("video", "audio")}
    pictures = [codec for codec in codecs["video"] if codec.name != "rtx"]
    assert {codec.name for codec in pictures} == {"VP8", "H264"}
    assert all(codec.parameters["x-google-start-bitrate"] == str(START_KBITS) for codec in pictures)
    assert all(codec.parameters.get("profile-level-id") for codec in pictures if codec.name == "H264")
    others = [codec for codec in codecs["video"] + codecs["audio"] if codec not in pictures]
    assert not [codec for codec in others if "x-google-start-bitrate" in codec.parameters]


def test_an_answer_without_video_stays_as_it_is():
    answer = asyncio.run(answered("audio"))
    assert with_start_bitrate(answer) == answer


async def answered(*kinds: str) -> str:
    """aiortc's answer to a client that sends these kinds of media."""
    client, server = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    for kind in kinds:
        client.addTransceiver(kind, direction="sendonly")
    await client.setLocalDescription(await client.createOffer())
    await server.setRemoteDescription(client.localDescription)
    answer = await server.createAnswer()
    await client.close()
    await server.close()
    return answer.sdp

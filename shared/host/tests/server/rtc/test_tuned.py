"""The two changes to aiortc take effect: frames leave the jitter buffer at their marker, and are shown at once."""

from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, RtpPacket, unpack_header_extensions

from scope.server.rtc.tuned import PLAYOUT_DELAY, PlayoutDelayMap, tune


def packet(number: int, time: int, *, marker: bool) -> RtpPacket:
    made = RtpPacket(sequence_number=number, timestamp=time, marker=int(marker))
    setattr(made, "_data", bytes([number]))  # noqa: B010 - what the depacketiser leaves in a received packet
    return made


def buffer() -> JitterBuffer:
    tune()
    return JitterBuffer(capacity=16, is_video=True)


def test_a_frame_is_handed_on_at_its_marker_not_with_the_next_frame():
    jitter = buffer()
    assert jitter.add(packet(1, 100, marker=False)) == (False, None)
    _, frame = jitter.add(packet(2, 100, marker=True))
    assert frame is not None
    assert (frame.data, frame.timestamp) == (b"\1\2", 100)
    _, frame = jitter.add(packet(3, 200, marker=True))
    assert frame is not None
    assert frame.data == b"\3"


def test_a_frame_with_a_gap_waits_until_it_is_filled():
    jitter = buffer()
    jitter.add(packet(1, 100, marker=True))
    assert jitter.add(packet(2, 200, marker=False))[1] is None
    assert jitter.add(packet(4, 200, marker=True))[1] is None
    _, frame = jitter.add(packet(3, 200, marker=False))
    assert frame is not None
    assert frame.data == b"\2\3\4"


def test_a_stream_without_markers_still_ends_frames_at_the_next_time():
    jitter = buffer()
    assert jitter.add(packet(1, 100, marker=False))[1] is None
    _, frame = jitter.add(packet(2, 200, marker=False))
    assert frame is not None
    assert frame.data == b"\1"


def test_packets_carry_the_playout_delay_zero_when_the_receiver_knows_it():
    tune()
    tune()
    extensions = PlayoutDelayMap()
    values = HeaderExtensions(mid="0")
    without = unpack_header_extensions(*extensions.set(values))
    parameters = [RTCRtpHeaderExtensionParameters(id=7, uri=PLAYOUT_DELAY)]
    extensions.configure(RTCRtpParameters(headerExtensions=parameters))
    assert unpack_header_extensions(*extensions.set(values)) == [*without, (7, b"\0\0\0")]

"""The only place that touches aiortc's insides: two changes that take a frame interval each off the latency, and ports.

aiortc is pinned to 1.16, and a test measures the effect, so that an update cannot undo it unnoticed.
"""

import asyncio
import errno
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpSender, rtp
from aiortc.codecs import HEADER_EXTENSIONS
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, pack_header_extensions, unpack_header_extensions

PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

# Lowest and highest delay, twelve bits each, in units of 10 ms: show every frame at once.
_AT_ONCE = bytes(3)
_wait_for_next_frame = JitterBuffer._remove_frame


class PlayoutDelayMap(HeaderExtensionsMap):
    """Header extensions of aiortc, and the playout delay 0 on every packet of a receiver that knows it."""

    def __init__(self) -> None:
        super().__init__()
        self._playout_delay: int | None = None

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == PLAYOUT_DELAY:
                self._playout_delay = extension.id

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        profile, packed = super().set(values)
        if self._playout_delay is None:
            return profile, packed
        known = unpack_header_extensions(profile, packed)
        return pack_header_extensions([*known, (self._playout_delay, _AT_ONCE)])


def tune() -> None:
    """Change aiortc for this process. Calling it again does nothing."""
    if any(extension.uri == PLAYOUT_DELAY for extension in HEADER_EXTENSIONS["video"]):
        return
    used = {extension.id for kind in HEADER_EXTENSIONS.values() for extension in kind}
    free = next(number for number in range(1, 15) if number not in used)
    HEADER_EXTENSIONS["video"].append(RTCRtpHeaderExtensionParameters(id=free, uri=PLAYOUT_DELAY))
    setattr(rtp, "HeaderExtensionsMap", PlayoutDelayMap)  # noqa: B010 - a class is replaced, which types do not allow
    setattr(JitterBuffer, "_remove_frame", remove_frame)  # noqa: B010


def remove_frame(buffer: JitterBuffer, sequence_number: int) -> JitterFrame | None:
    """A video frame as soon as its last packet is there; aiortc waits for the first packet of the next one.

    The last packet of a frame carries the RTP marker (RFC 7741 for VP8, RFC 6184 for H.264).
    """
    packets = _until_marker(buffer) if buffer._is_video else []
    if not packets:
        return _wait_for_next_frame(buffer, sequence_number)
    buffer.remove(len(packets))
    return JitterFrame(b"".join(packet._data for packet in packets), packets[0].timestamp)


def _until_marker(buffer: JitterBuffer) -> list[Any]:
    """The packets of the first frame in the buffer, if none is missing up to its marker."""
    assert buffer._origin is not None  # a packet has just been added
    packets: list[Any] = []
    for count in range(buffer.capacity):
        packet = buffer._packets[(buffer._origin + count) % buffer.capacity]
        if packet is None or (packets and packet.timestamp != packets[0].timestamp):
            return []
        packets.append(packet)
        if packet.marker:
            return packets
    return []


def on_key_request(sender: RTCRtpSender, request: Any) -> None:
    """Have `request()` called when the receiver asks for a key frame: aiortc does nothing for encoded packets."""
    setattr(sender, "_send_keyframe", request)  # noqa: B010


def confine_ports(loop: asyncio.AbstractEventLoop, ports: range) -> None:
    """Give UDP sockets of the loop that ask for any port one of these. aioice, which opens those of WebRTC, has no range.

    When all are taken the socket is refused, and aioice goes on without it.
    """
    anywhere = loop.create_datagram_endpoint

    async def confined(factory: Callable[[], Any], local_addr: Any = None, **options: Any) -> Any:
        if local_addr is None or local_addr[1] != 0:
            return await anywhere(factory, local_addr=local_addr, **options)
        for port in ports:
            try:
                return await anywhere(factory, local_addr=(local_addr[0], port), **options)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, f"every UDP port from {ports[0]} to {ports[-1]} is taken")

    setattr(loop, "create_datagram_endpoint", confined)  # noqa: B010

"""Frames of the view to a peer, and frames and sound of a peer to the engine."""

import asyncio
import time
from fractions import Fraction

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from av.video.reformatter import VideoReformatter

from scope.engine.link import Engine
from scope.media.arrivals import Arrivals
from scope.media.live_sound import LIVE_RATE
from scope.server.rooms import Room, Viewer
from scope.server.senders import Senders
from scope.server.wire import Frame

_RATE = 90_000
_CLOCK = Fraction(1, _RATE)
# A picture that stands is sent again after so long, and then each time after twice as long, up to a second. Receivers
# of aiortc show a picture when the next one begins, and a lost packet stays lost until a later one tells of it.
_STILL_SECONDS, _MOST_STILL_SECONDS = 0.1, 1.0


class ViewTrack(MediaStreamTrack):
    """Packets of an encoder room. The network paces it: a frame counts as seen when the sender has taken it."""

    kind = "video"

    def __init__(self, room: Room, viewer: Viewer) -> None:
        super().__init__()
        self._room, self._viewer = room, viewer
        self._last = self.sent = self._number = 0
        self._sent_at, self._patience = 0.0, _STILL_SECONDS

    async def recv(self) -> av.Packet:
        """The next packet, stamped with its time of capture; one that is sent again, with the time that it stood."""
        frame, now = await self._next(), time.monotonic()
        self._viewer.seen(frame.number)
        self._room.credit(self._viewer)
        stands = frame.number == self._number
        stamp = self._last + round((now - self._sent_at) * _RATE) if stands else frame.capture_us * 9 // 100
        packet = av.Packet(frame.payload)
        # Two pictures never share a time, or a receiver would take them for one.
        self._last, self._number, self._sent_at = max(self._last + 1, stamp), frame.number, now
        self._patience = min(2 * self._patience, _MOST_STILL_SECONDS) if stands else _STILL_SECONDS
        packet.pts, packet.time_base = self._last, _CLOCK
        self.sent += 1
        return packet

    async def _next(self) -> Frame:
        while True:
            try:
                return await asyncio.wait_for(self._viewer.next(), self._patience)
            except TimeoutError:
                self._room.repeat()


async def feed(track: RemoteStreamTrack, engine: Engine, senders: Senders, sender: str) -> None:
    """Give a peer's pictures to the engine until the track ends, while nobody else's come; the newest wins.

    aiortc's queue of a track has no bound, so it is emptied at every turn.
    """
    swscale = VideoReformatter()
    try:
        while True:
            frame = await track.recv()
            while not track._queue.empty():
                frame = await track.recv()
            if isinstance(frame, av.VideoFrame):
                senders.came(sender)
                if senders.feeds(sender):
                    await asyncio.to_thread(_put, frame, swscale, engine)
    except MediaStreamError:
        return
    finally:
        senders.gone(sender)


async def feed_sound(track: RemoteStreamTrack, engine: Engine, senders: Senders, sender: str) -> None:
    """Give a peer's sound to the engine until the track ends, while nobody else's pictures come.

    It is placed by when it comes: RTP's times of sound and pictures have nothing to do with each other (RFC 3550,
    section 5.1), and what would relate them, aiortc does not tell.
    """
    resampler, arrivals = av.AudioResampler("fltp", "stereo", LIVE_RATE), Arrivals()
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        if isinstance(frame, av.AudioFrame) and senders.feeds(sender):
            for part in resampler.resample(frame):
                sent, now = part.time or 0.0, time.monotonic()
                arrivals.note(sent, now)
                engine.put_sound(part.to_ndarray(), round((arrivals.here(sent) or now) * 1e9))


def _put(frame: av.VideoFrame, swscale: VideoReformatter, engine: Engine) -> None:
    arrived = time.monotonic_ns()
    engine.put_frame(swscale.reformat(frame, format="rgb24").to_ndarray(), arrived)

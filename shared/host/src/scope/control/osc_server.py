"""The UDP socket of OSC, in asyncio. A packet that cannot be read, and a value that is refused, harm nothing else."""

import asyncio
import logging
import time
from collections.abc import Callable

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from pythonosc.osc_packet import OscPacket

from scope.control.osc import OscError, Show, handle

logger = logging.getLogger(__name__)

Address = tuple[str, int]

# How far ahead a bundle's time may lie, and how many of its messages may wait.
MOST_SECONDS_AHEAD = 60.0
MOST_WAITING = 1000


class OscServer(asyncio.DatagramProtocol):
    """Hears packets and answers questions to whoever asked. What a bundle times for later waits until then.

    `on_refused` gets a sentence for each message that could not be taken; they are counted in `refused`.
    """

    def __init__(self, show: Show, on_refused: Callable[[str], None] = logger.info) -> None:
        self._show = show
        self._on_refused = on_refused
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: set[asyncio.TimerHandle] = set()
        self.taken = self.refused = 0

    @classmethod
    async def start(
        cls, show: Show, host: str, port: int, on_refused: Callable[[str], None] = logger.info
    ) -> "OscServer":
        """Bind the socket.

        Raises:
            OSError: the port is taken.
        """
        _, server = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(show, on_refused), local_addr=(host, port)
        )
        return server

    @property
    def port(self) -> int:
        """The port that is bound; 0 when closed."""
        return self._transport.get_extra_info("sockname")[1] if self._transport else 0

    def close(self) -> None:
        for timer in self._waiting:
            timer.cancel()
        self._waiting.clear()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        try:
            messages = OscPacket(data).messages
        except Exception as error:  # noqa: BLE001 - bytes from anybody, and the parser raises what it happens on
            self._refuse(f"a packet from {addr[0]} is not OSC: {error}")
            return
        for timed in messages:
            self._in_time(timed.message, timed.time - time.time(), addr)

    def _in_time(self, message: OscMessage, ahead: float, addr: Address) -> None:
        if ahead <= 0.0:
            self._one(message, addr)
        elif ahead > MOST_SECONDS_AHEAD:
            self._refuse(
                f"{message.address}: expected a time at most {MOST_SECONDS_AHEAD:g} s ahead, got {ahead:.0f} s"
            )
        elif len(self._waiting) >= MOST_WAITING:
            self._refuse(f"{message.address}: {MOST_WAITING} messages already wait for their time")
        else:
            self._later(message, ahead, addr)

    def _later(self, message: OscMessage, ahead: float, addr: Address) -> None:
        def due() -> None:
            self._waiting.discard(timer)
            self._one(message, addr)

        timer = asyncio.get_running_loop().call_later(ahead, due)
        self._waiting.add(timer)

    def _one(self, message: OscMessage, addr: Address) -> None:
        try:
            reply = handle(self._show, message.address, message.params)
        except (OscError, ValueError) as error:
            self._refuse(f"{message.address}: {error}")
            return
        self.taken += 1
        if reply is not None and self._transport is not None:
            self._transport.sendto(build_msg(reply.address, list(reply.values)).dgram, addr)

    def _refuse(self, sentence: str) -> None:
        self.refused += 1
        self._on_refused(sentence)

"""Everything a running server consists of, and how routes get at it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import psutil
from fastapi import Depends
from starlette.requests import HTTPConnection

from scope.control.presets import Presets
from scope.control.setup import Setup
from scope.core.config import get_base_dir
from scope.engine.link import Engine
from scope.server.address import is_loopback, reachable
from scope.server.commit import commit_of
from scope.server.guard import Rules
from scope.server.headless import HEADLESS, Headless, Session
from scope.server.ingests import Ingests
from scope.server.inputs import StreamInput
from scope.server.jobs import Jobs
from scope.server.messages import Desk, hear
from scope.server.osc import Osc
from scope.server.outputs import Outputs, told
from scope.server.outside import Outside
from scope.server.performance import Performance
from scope.server.plugins import Plugins
from scope.server.recorder import Recorder, Result
from scope.server.rooms import Rooms
from scope.server.senders import Senders
from scope.server.show import Show
from scope.server.sinks import Sinks
from scope.server.sound import Sound
from scope.server.watch import Watch

if TYPE_CHECKING:
    from scope.server.rtc.peers import Peers


log = logging.getLogger(__name__)


@dataclass
class Settings:
    """Where the server listens and what it allows. `logs`: the file that `/api/v1/logs/tail` reads.

    `ice_servers`: addresses of STUN servers for clients on other networks, none without. `webrtc`: whether WebRTC
    offers are answered; `rtc_ports`: the UDP ports for it, any without. `osc_port`: a UDP port to
    listen on from the start.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    rules: Rules = field(default_factory=lambda: Rules(port=8000))
    logs: Path | None = None
    ice_servers: Sequence[str] = ()
    webrtc: bool = True
    rtc_ports: range | None = None
    osc_port: int | None = None

    @property
    def loopback(self) -> bool:
        """Whether only programs on this machine can connect."""
        return is_loopback(self.host)

    @property
    def address(self) -> str:
        """What a person types into a browser on this machine."""
        return self._url("127.0.0.1" if self.rules.any_address else self.host)

    @property
    def address_with_token(self) -> str:
        """The same with the token behind `#`, which browsers do not send to anyone."""
        return self.address + self._fragment

    @property
    def public_addresses(self) -> list[str]:
        """What a person types into a browser on another machine."""
        return [self._url(name) + self._fragment for name in reachable(self.host)]

    @property
    def _fragment(self) -> str:
        return "" if self.rules.token is None else f"#t={self.rules.token}"

    def _url(self, name: str) -> str:
        name = f"[{name}]" if ":" in name else name
        return f"{'https' if self.rules.secure else 'http'}://{name}:{self.port}/"


class Host:
    """The show with its services. Made before the event loop runs, started and stopped on it."""

    def __init__(self, engine: Engine, setup: Setup, settings: Settings) -> None:
        self.settings = settings
        self.presets = Presets(get_base_dir() / "presets")
        self.show = Show(engine, setup, self._extra, self._figures)
        self.performance = Performance(self.show)
        self.watch = Watch(engine)
        self.rooms = Rooms(engine, self.watch)
        self.osc = Osc(self.performance)
        self.outside = Outside(self.performance, self.call_soon)
        self.show.audience.on_change(self.outside.follow)
        self.sound = Sound(
            lambda levels: self.call_soon(engine.levels, levels), lambda: self.call_soon(self.show.audience.tell_state)
        )
        self.ingests = Ingests()
        self.outputs = Outputs(engine, self.watch, lambda: self.call_soon(self.show.audience.tell_state))
        self.stream = StreamInput(engine, lambda: self.call_soon(self.show.audience.tell_state))
        self.show.audience.on_change(self.stream.follow)
        self.senders = Senders(self.show, self.show.audience.tell_state)
        self.show.audience.on_change(self.senders.follow)
        self.headless = Headless(engine, self.watch)
        self._peers: Peers | None = None
        self._engine = engine
        self.recorder = Recorder(get_base_dir() / "recordings", engine, self.watch, self._recording_changed)
        self.desk = Desk(self.performance, Sinks(self.outputs, self.show.audience.tell_state), self.recorder)
        self.jobs = Jobs(self._tell_job)
        self.plugins = Plugins(self.jobs, engine)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Start the engine; returns at once, before it is up."""
        self._loop = asyncio.get_running_loop()
        self.show.start()
        if self.settings.osc_port is not None and not await self.osc.listen(self.settings.host, self.settings.osc_port):
            log.warning("%s", self.osc.problem)

    async def stop(self) -> None:
        """End everything that runs, within about three seconds."""
        await self.osc.stop()
        self.outside.stop()
        await asyncio.to_thread(self.sound.stop)
        await self.performance.stop()
        if self._peers is not None:
            await self._peers.stop()
        self.senders.stop()
        if self.recorder.state is not None:
            await self.recorder.stop(seekable=False)
        blocking = (self.outputs.stop, self.stream.stop, self.jobs.stop)
        await asyncio.gather(self.rooms.stop(), self.ingests.stop(), *(asyncio.to_thread(stop) for stop in blocking))
        await self.show.stop()

    def call_soon(self, call: Callable[..., None], *arguments: Any) -> None:
        """Have something called on the event loop, from another thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    @cached_property
    def commit(self) -> str:
        """The commit of the host that runs, "unknown" outside a Git checkout or install."""
        return commit_of("scope-host")

    @property
    def peers(self) -> "Peers":
        """WebRTC sessions. The first to ask waits for the import of aiortc, so that the page does not."""
        from scope.server.rtc.peers import Peers

        if self._peers is None:
            ways = self.settings
            self._peers = Peers(self.rooms, self.senders, self._hear, ways.ice_servers, ways.rtc_ports, on=ways.webrtc)
        return self._peers

    @property
    def sessions(self) -> dict[str, Session]:
        """The original API's sessions that run, by id: WebRTC ones, and `headless`."""
        peers = [] if self._peers is None else self._peers.all
        sessions: dict[str, Session] = {peer.id: peer for peer in peers}
        return sessions | {HEADLESS: self.headless} if self.headless.running else sessions

    def _hear(self, client: str, message: str | bytes) -> None:
        hear(self.desk, client, message)

    def _extra(self) -> dict[str, Any]:
        ended = self.stream.ended or self.show.status.source_ended
        ports = {
            "outputs": told(self.outputs.states()),
            "stream_problem": self.stream.problem or self.senders.problem,
            "source_ended": ended,
        }
        sound = {"input": self.sound.listening, "problem": self.sound.problem}
        ins = {"ingests": self.ingests.names, "recording": self.recorder.state, "sound": sound}
        return ins | ports | self.performance.state()

    def _figures(self) -> dict[str, Any]:
        memory = psutil.Process().memory_info().rss / 2**20
        return {"server_mb": round(memory, 1), "viewers": self.rooms.count, "recording": self.recorder.state}

    def tell_fault(self, kind: str, text: str) -> None:
        """Tell every client what has gone wrong outside the stages."""
        fault = {"stage": "", "kind": kind, "text": text, "count": 1, "rests": None}
        self.show.clients.tell_all({"fault": fault})

    def _recording_changed(self, ended: Result | None) -> None:
        if ended is not None and ended.problem is not None:
            self.tell_fault("recording", ended.problem)
        self.show.audience.tell_state()

    def _tell_job(self, job: dict[str, Any]) -> None:
        self.call_soon(self.show.clients.tell_all, {"job": job})


def _host(connection: HTTPConnection) -> Host:
    return connection.app.state.host


HostDep = Annotated[Host, Depends(_host)]

"""A server with an engine that only notes what it is told, and answers when a test says so."""

import asyncio
import time
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from scope.control.setup import Setup, Source, Stage
from scope.engine.events import Event, Hello, Ready, Took
from scope.engine.link import Picture
from scope.server.app import create_app
from scope.server.guard import Rules
from scope.server.host import Host, Settings

SCHEMA = {
    "supports_prompts": False,
    "config_schema": {
        "properties": {
            "trails": {"type": "number", "default": 0.0},
            "glow": {"type": "number", "default": 0.0},
            "mirror": {"type": "string", "enum": ["off", "left", "up"], "default": "off"},
        }
    },
}
HELLO = Hello({"fx": SCHEMA, "synth": SCHEMA | {"supports_prompts": True}}, [], {"kind": "cpu"}, {}, 1)


@dataclass
class NotingEngine:
    """An engine without pipelines: every command is noted in `said`, and pictures are grey. `stands`: there is only one."""

    hello: Hello | None = None
    state: Any = "starting"
    said: list[tuple[Any, ...]] = field(default_factory=list)
    shown: int = 0
    stands: bool = False
    listeners: list[Callable[[Event], None]] = field(default_factory=list)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def say(self, event: Event) -> None:
        for listener in list(self.listeners):
            listener(event)

    def start(self, setup: Any) -> None:
        self.said.append(("start", setup))
        self.hello = HELLO
        self.say(HELLO)
        self.say(Ready([stage["id"] for stage in setup["stages"]]))

    def play(self, setup: Any) -> None:
        self.said.append(("play", setup))

    def post(self, stage: str, changes: Any, n: int = 0, by: str = "") -> None:
        self.said.append(("post", stage, dict(changes), n, by))

    def swap(self, stage: str, load: Any) -> None:
        self.said.append(("swap", stage, load))

    def pause(self, on: bool) -> None:
        self.said.append(("pause", on))

    def reset(self, stage: str | None = None) -> None:
        self.said.append(("reset", stage))

    def tempo(self, tempo: Any) -> None:
        self.said.append(("tempo", tempo))

    def levels(self, bands: Any) -> None:
        self.said.append(("levels", dict(bands)))

    def sound(self, on: bool) -> None:
        self.said.append(("sound", on))

    def renew(self) -> Future[Hello]:
        self.said.append(("renew",))
        return Future()

    def watch(self, taps: Any) -> None:
        self.said.append(("watch", dict(taps)))

    def put_frame(self, pixels: np.ndarray, captured_ns: int) -> None:
        self.said.append(("frame", pixels, captured_ns))

    def put_sound(self, samples: np.ndarray, captured_ns: int) -> None:
        self.said.append(("sounds", samples, captured_ns))

    def frame(self, tap: str = "out", after: int = 0, timeout: float = 0.0) -> Picture | None:
        if tap not in ("out", "in"):
            return None
        time.sleep(0.001)  # or a thread that waits for pictures would leave the others no time
        if self.stands and after:
            time.sleep(timeout)
            return None
        self.shown = 1 if self.stands else max(self.shown, after) + 1
        return Picture(np.full((64, 96, 3), 128, np.uint8), self.shown, 1_000_000 * self.shown, 1000)

    def restart(self) -> None:
        self.said.append(("restart",))

    def stop(self, timeout: float = 5.0) -> None:
        self.said.append(("stop",))

    def posts(self) -> list[tuple[Any, ...]]:
        return [words[1:] for words in self.said if words[0] == "post"]

    def took(self, values: dict[str, Any], refused: dict[str, str] | None = None, frame: int = 1) -> None:
        """Answer the last post."""
        stage, _, n, by = self.posts()[-1]
        self.say(Took(stage, values, refused or {}, n, by, frame))


@pytest.fixture
def engine() -> NotingEngine:
    return NotingEngine()


@pytest.fixture
def setup() -> Setup:
    return Setup(source=Source(kind="pattern"), stages=[Stage(id="fx", pipeline="fx", values={"trails": 0.5})])


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The host's folder."""
    monkeypatch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path / "base"))
    return tmp_path / "base"


@pytest.fixture
def client(engine: NotingEngine, setup: Setup, base: Path) -> Iterator[TestClient]:
    """A client of a running server."""
    settings = Settings(port=8000, rules=Rules(port=8000))
    with TestClient(create_app(Host(engine, setup, settings)), base_url="http://127.0.0.1:8000") as client:
        yield client


@dataclass
class Opening:
    """How an endless answer begins."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture
def opening(client: TestClient) -> Callable[..., Opening]:
    """`opening(path, count)`: the first bytes of an answer that has no end; then the client hangs up."""

    async def ask(path: str, query: str, count: int) -> Opening:
        answer, enough, asked = Opening(), asyncio.Event(), False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await enough.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            answer.body += message.get("body", b"")
            if len(answer.body) >= count or answer.status >= 400:
                enough.set()

        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "root_path": "",
        }
        scope |= {"path": path, "raw_path": path.encode(), "query_string": query.encode()}
        scope["headers"] = [(b"host", b"127.0.0.1:8000")]
        await client.app(scope, receive, send)
        return answer

    def run(path: str, query: str = "", count: int = 1) -> Opening:
        assert client.portal is not None
        return client.portal.call(ask, path, query, count)

    return run

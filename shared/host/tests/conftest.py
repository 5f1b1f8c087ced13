"""A hub-shaped and a Drive-shaped server on loopback that can misbehave, and an empty models folder."""

import hashlib
import json
import re
import resource
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the servers hold and how they fail.

    `members`: what is given to members only, as Civitai does: version → file name, whose content is in `drive`.

    `break_after`: bytes after which the connection is cut, once a file. `stall_after`: bytes after which a file stops
    coming, unless it is cut before. `announce`: sizes that the listing states instead of the true ones. `served`: file →
    bytes sent in all.
    """

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    drive: dict[str, bytes] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    break_after: dict[str, int] = field(default_factory=dict)
    stall_after: dict[str, int] = field(default_factory=dict)
    announce: dict[str, int] = field(default_factory=dict)
    corrupt: set[str] = field(default_factory=set)
    served: dict[str, int] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def environment(self, home: Path) -> dict[str, str]:
        """Variables of a process that downloads from here, with its cache in `home`."""
        endpoints = ("HF_ENDPOINT", "SCOPE_DRIVE_ENDPOINT", "SCOPE_CIVITAI_ENDPOINT")
        return dict.fromkeys(endpoints, self.address) | {"HF_HOME": str(home)}

    def listing(self, repo: str) -> dict:
        siblings = [self._sibling(name, content) for name, content in self.files[repo].items()]
        return {"id": repo, "sha": REVISION, "siblings": siblings, "cardData": {"license": "apache-2.0"}, "tags": []}

    def _sibling(self, name: str, content: bytes) -> dict:
        size = self.announce.get(name, len(content))
        sibling = {"rfilename": name, "size": size, "blobId": git_sha1(content)}
        if not name.endswith(".json"):
            sibling["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": size, "pointerSize": 130}
        return sibling


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        url = urlparse(self.path)
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/.*)?", url.path):
            self._listing(match[1])
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", url.path):
            self._file(match[2], self.hub.files.get(match[1], {}).get(match[2]), body=body)
        elif url.path == "/uc":
            name = parse_qs(url.query)["id"][0]
            self._file(name, self.hub.drive.get(name), body=body)
        elif match := re.fullmatch(r"/api/download/models/(\d+)", url.path):
            self._for_members(match[1])
        elif match := re.fullmatch(r"/storage/(.+)", url.path):
            # Storage behind a site takes no keys of the site.
            key = self.headers.get("Authorization")
            self._file(match[1], self.hub.drive.get(match[1]) if key is None else None, body=body)
        else:
            self._status(404)

    def _for_members(self, version: str) -> None:
        if self.headers.get("Authorization") != "Bearer sesame":
            self._status(401)
        elif version in self.hub.members:
            self._status(307, ("Location", f"/storage/{self.hub.members[version]}"))
        else:
            self._status(404)

    def _listing(self, repo: str) -> None:
        if repo in self.hub.gated:
            self._status(403, ("X-Error-Code", "GatedRepo"))
        elif repo not in self.hub.files:
            self._status(404, ("X-Error-Code", "RepoNotFound"))
        else:
            self._send(200, json.dumps(self.hub.listing(repo)).encode(), ("Content-Type", "application/json"))

    def _file(self, name: str, content: bytes | None, *, body: bool) -> None:
        if content is None:
            self._status(404, ("X-Error-Code", "EntryNotFound"))
            return
        etag = hashlib.sha256(content).hexdigest()
        if name in self.hub.corrupt:
            content = bytes(len(content))
        start = int(m[1]) if (m := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) else 0
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if body:
            self._pour(name, content, start)

    def _pour(self, name: str, content: bytes, start: int) -> None:
        cut = self.hub.break_after.pop(name, None)
        stall = self.hub.stall_after.get(name)
        end = min(x for x in (len(content), cut, stall) if x is not None)
        stalls = stall is not None and end == stall
        self.wfile.write(content[start:end])
        self.wfile.flush()
        self.hub.served[name] = self.hub.served.get(name, 0) + max(0, end - start)
        if stalls:
            self.hub.released.wait(60)
        if end < len(content):
            self.close_connection = True
            self.connection.close()

    def _status(self, code: int, *headers: tuple[str, str]) -> None:
        self._send(code, b"", *headers)

    def _send(self, code: int, content: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(code)
        for name, value in (*headers, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""


@contextmanager
def running_hub() -> Generator[Hub]:
    """A running server."""
    held = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"hub": held}))
    threading.Thread(target=server.serve_forever, name="test:hub", daemon=True).start()
    held.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield held
    held.released.set()
    server.shutdown()
    server.server_close()


@contextmanager
def only_hub(monkeypatch: pytest.MonkeyPatch, home: Path) -> Generator[Hub]:
    """A running server; downloads of processes that begin meanwhile go to it and nowhere else."""
    with running_hub() as held:
        for name, value in held.environment(home).items():
            monkeypatch.setenv(name, value)
        for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "CIVITAI_API_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        yield held


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A server for one test."""
    with only_hub(monkeypatch, tmp_path / "hf-home") as held:
        yield held


@pytest.fixture(scope="module")
def module_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A server for all tests of a module."""
    with pytest.MonkeyPatch.context() as patched, only_hub(patched, tmp_path_factory.mktemp("hf-home")) as held:
        yield held


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(folder))
    return folder


@contextmanager
def _files_no_larger_than(size: int) -> Generator[None]:
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture
def files_no_larger_than() -> Callable[[int], AbstractContextManager[None]]:
    """`with files_no_larger_than(1000):` the kernel refuses to write past this size, as it does on a full disk."""
    return _files_no_larger_than

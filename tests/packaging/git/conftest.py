"""A repository with two releases of every plugin, served over file:// and over HTTP on loopback."""

import os
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scope_release.checkout import find
from scope_release.release import prepare

LARGEST_REQUEST = 1_000_000
DAY = date(2026, 1, 1)
NEW_MODULE = "shared/gpu/src/scope_gpu/only_in_the_new_release.py"


class GitHttpBackend(BaseHTTPRequestHandler):
    """Hands each request to `git http-backend`, the CGI program that git brings along (RFC 3875)."""

    folder: Path

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", LARGEST_REQUEST + 1))
        if length > LARGEST_REQUEST:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        self._answer(self.rfile.read(length))

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name that the base class gives
        """Says nothing: pytest shows what the clients say when they fail."""

    def _answer(self, body: bytes) -> None:
        command = ["git", "http-backend"]
        done = subprocess.run(command, input=body, env=self._environment(), capture_output=True, timeout=60, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n"))
        self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _environment(self) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        return os.environ | {
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "REMOTE_ADDR": self.client_address[0],
        }


@contextmanager
def serve(folder: Path) -> Generator[str]:
    """The address under which the repositories in `folder` can be cloned from this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (GitHttpBackend,), {"folder": folder})) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Repository:
    """The addresses of the repository, and for each plugin its two releases as (tag, version, library version)."""

    file: str
    http: str
    commit: str
    old: dict[str, tuple[str, str, str]]
    new: dict[str, tuple[str, str, str]]

    def line(self, plugin: str, ref: str = "", scheme: str = "http") -> str:
        """What a person pastes into a host."""
        at = f"@{ref}" if ref else ""
        return f"git+{getattr(self, scheme)}{at}#subdirectory=packages/{plugin}"


@pytest.fixture(scope="session")
def repository(snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    folder = tmp_path_factory.mktemp("git")
    work = snapshot.copy(folder / "work")
    old = release_plugins(work)
    (work.root / NEW_MODULE).write_text("NEW = True\n", encoding="utf-8")
    release(work, "scope-gpu")
    commit = work.git("rev-parse", "HEAD")
    new = release_plugins(work)
    work.git("branch", "topic", commit)
    work.git("clone", "--quiet", "--bare", str(work.root), str(folder / "scope-plugins.git"))
    with serve(folder) as address:
        bare = (folder / "scope-plugins.git").as_uri()
        yield Repository(bare, f"{address}/scope-plugins.git", commit, old, new)


def release_plugins(work) -> dict[str, tuple[str, str, str]]:
    """Releases every plugin with the command that people use; gives tag, version and library version."""
    made = {package.name: release(work, package.name) for package in work.plugins}
    library = find(work.root, "scope-gpu").version
    return {name: (tag, find(work.root, name).version, library) for name, tag in made.items()}


def release(work, name: str) -> str:
    changelog = find(work.root, name).changelog
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## [Unreleased]\n", "## [Unreleased]\n\n- More.\n", 1), encoding="utf-8")
    work.git("add", "--all")
    work.git("commit", "--quiet", "--message", f"Say what {name} changes")
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Tester")
            patch.setenv(f"GIT_{role}_EMAIL", "tester@example.org")
        return prepare(work.root, name, "minor", DAY)

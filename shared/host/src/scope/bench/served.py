"""Starts the server that is measured, with the benchmark's own pipelines, and asks it things over HTTP."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PATIENCE_SECONDS = 120.0

# What makes `scope.bench.stages` a plugin in the server's environment, and only there.
_DISTRIBUTION = {
    "METADATA": "Metadata-Version: 2.1\nName: scope-bench-stages\nVersion: 0.1.0\n",
    "entry_points.txt": "[scope]\nscope_bench_stages = scope.bench.stages\n",
}


class BenchError(Exception):
    """Why nothing can be measured, in one sentence."""


@dataclass
class Served:
    """A running server. `address` ends with a slash."""

    address: str
    process: subprocess.Popen[str]

    def get(self, path: str) -> Any:
        """The JSON at a path below /api/v1/."""
        with urllib.request.urlopen(f"{self.address}api/v1/{path}", timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def put(self, path: str, body: Any) -> None:
        """Send JSON."""
        self._send("PUT", path, body)

    def post(self, path: str, body: Any) -> None:
        """Send JSON."""
        self._send("POST", path, body)

    def _send(self, method: str, path: str, body: Any) -> None:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}api/v1/{path}", data, headers, method=method)
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()

    def play(self, source: dict[str, Any], stages: Sequence[dict[str, Any]]) -> None:
        """Play a chain, and wait until it plays."""
        self.put("setup", {"setup": {"scope": 1, "source": source, "stages": list(stages)}})
        wanted = "loaded" if stages else "not_loaded"
        until(lambda: self.get("pipeline/status")["status"] == wanted, "the pipelines")

    def feed(self, width: int, height: int) -> None:
        """Have the server make pictures of its own; none with 0."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{width}x{height}\n")
        self.process.stdin.flush()

    def processes(self) -> tuple[psutil.Process, list[psutil.Process]]:
        """The server's process and those of the engine."""
        server = psutil.Process(self.process.pid)
        return server, server.children(recursive=True)


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait until `condition` returns something true, and return that.

    Raises:
        BenchError: two minutes were not enough.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise BenchError(f"waited {PATIENCE_SECONDS:g} seconds in vain for {what}")


@contextmanager
def serving() -> Generator[Served]:
    """A server with an engine that is up, in a folder of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="scope-bench-") as name:
        folder = Path(name)
        info = folder / "site" / "scope_bench_stages-0.1.0.dist-info"
        info.mkdir(parents=True)
        for file, text in _DISTRIBUTION.items():
            (info / file).write_text(text, encoding="utf-8")
        path = os.pathsep.join(filter(None, [str(info.parent), os.environ.get("PYTHONPATH")]))
        environment = os.environ | {"PYTHONPATH": path, "DAYDREAM_SCOPE_DIR": str(folder / "base")}
        command = [sys.executable, "-m", "scope.bench.server"]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)
        try:
            yield _up(process)
        finally:
            _end(process)


def _up(process: subprocess.Popen[str]) -> Served:
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        raise BenchError("the server did not start; what it printed says why")
    served = Served(address, process)
    until(lambda: served.get("pipelines")["ready"], "the engine")
    return served


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""Runs `scope.models.fetch`, and watches what arrives."""

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from scope.models.keys import Keys
from scope.models.sentences import FetchError

# How often progress is looked at, in seconds.
_PULSE = 0.2
_PARTIAL = (".incomplete", ".part")


class DownloadCancelledError(RuntimeError):
    """Somebody called `cancel`; the partial file stays."""


class Fetcher:
    """A process of `scope.models.fetch`: the first request starts it, the next ones find it, the end of `with` ends it."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel = cancel
        self._process: _Process | None = None

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.end()
        self._process = None

    def ask(
        self,
        request: dict[str, Any],
        on_progress: Callable[[int, dict[str, Any]], None] = lambda done, note: None,
    ) -> dict[str, Any]:
        """The answer to one request.

        `on_progress` gets the bytes of the file that lie in the staging folder, and what the process said last.

        Raises:
            FetchError: the request failed, with the sentence.
            DownloadCancelledError: `cancel` was set; nobody may ask again.
        """
        staging = Path(request["staging"])
        staging.mkdir(parents=True, exist_ok=True)
        process = self._process = self._process or _Process()
        process.send(request)
        while not self._cancel.is_set():
            try:
                message = process.next(request["source"])
            except queue.Empty:
                on_progress(arrived(staging), {})
                continue
            if "error" in message:
                raise FetchError(message["error"])
            if "files" in message or "listing" in message:
                return message
            on_progress(arrived(staging), message)
        raise DownloadCancelledError(request["source"])


class _Process:
    """The process, and the thread that hears it."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - until `end`
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "scope.models.fetch"],
            stdin=pipe,
            stdout=pipe,
            stderr=self._errors,
            text=True,
            env=Keys().environment(),
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._hear, name=f"scope:models:{self._process.pid}", daemon=True).start()

    def send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # a pipe
        # If it has just ended, `next` says so.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()

    def next(self, source: str) -> dict[str, Any]:
        """What it says next; raises queue.Empty when it is silent, FetchError when it has ended."""
        line = self._lines.get(timeout=_PULSE)
        if line is not None:
            return json.loads(line)
        code = self._process.wait()
        self._errors.seek(0)
        said = "".join(f": {line.strip()}" for line in self._errors.readlines()[-1:])
        raise FetchError(
            f"{source}: the download process ended with exit code {code}{said}; what came so far is kept and will be resumed"
        )

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _hear(self) -> None:
        assert self._process.stdout is not None  # a pipe
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)


def kept(staging: Path) -> int:
    """Bytes of whole and of partial files in a staging folder: what a later download need not fetch again."""
    whole = [path for path in staging.rglob("*") if path.is_file() and ".cache" not in path.relative_to(staging).parts]
    return arrived(staging) + sum(path.stat().st_size for path in whole if path.suffix not in _PARTIAL)


def arrived(staging: Path) -> int:
    """Bytes of partial files in a staging folder."""
    total = 0
    for path in staging.rglob("*"):
        if path.suffix in _PARTIAL:
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                continue  # finished between the listing and the look
    return total

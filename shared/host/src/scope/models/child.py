"""Runs `scope.models.fetch` for one request, and watches what arrives."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scope.models.sentences import FetchError

# How often progress is looked at, in seconds.
_PULSE = 0.2
_PARTIAL = (".incomplete", ".part")


class DownloadCancelledError(RuntimeError):
    """Somebody called `cancel`; the partial file stays."""


def ask(
    request: dict[str, Any],
    *,
    cancel: threading.Event,
    on_progress: Callable[[int, dict[str, Any]], None] = lambda done, note: None,
) -> dict[str, Any]:
    """The answer to one request.

    `on_progress` gets the bytes of the file that lie in the staging folder, and what the process said last.

    Raises:
        FetchError: the request failed, with the sentence.
        DownloadCancelledError: `cancel` was set; the process is gone.
    """
    staging = Path(request["staging"])
    staging.mkdir(parents=True, exist_ok=True)
    with (staging / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "scope.models.fetch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        return _answer(process, request, cancel, on_progress)
    finally:
        process.kill()
        process.communicate()


def _answer(
    process: subprocess.Popen[str],
    request: dict[str, Any],
    cancel: threading.Event,
    on_progress: Callable[[int, dict[str, Any]], None],
) -> dict[str, Any]:
    assert process.stdin is not None  # both are pipes
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    lines = _lines(process)
    while not cancel.is_set():
        try:
            line = lines.get(timeout=_PULSE)
        except queue.Empty:
            on_progress(arrived(Path(request["staging"])), {})
            continue
        if line is None:
            raise FetchError(f"{request['source']}: the download ended without a word (exit code {process.wait()})")
        message = json.loads(line)
        if "error" in message:
            raise FetchError(message["error"])
        if "files" in message or "listing" in message:
            return message
        on_progress(arrived(Path(request["staging"])), message)
    raise DownloadCancelledError(request["source"])


def _lines(process: subprocess.Popen[str]) -> "queue.Queue[str | None]":
    """What the process says, line by line, and None at its end."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, name=f"scope:models:{process.pid}", daemon=True).start()
    return lines


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

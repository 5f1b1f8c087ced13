"""A worker process of `scope batch`: jobs come in as lines of JSON, what becomes of them goes out as lines of JSON."""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO, Any

# One line a chunk would be many; a bar need not move oftener than this many times a second.
_UPDATES_A_SECOND = 5.0


def main() -> None:
    """Render what stdin asks for until it ends; the process goes with the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _own_stdout()
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), name="scope:batch:listen", daemon=True).start()
    from scope.batch.work import Worker

    worker = Worker()
    _tell(answers, {"event": "ready", "worker": worker.name})
    while True:
        _render(worker, json.loads(jobs.get()), answers)


def _own_stdout() -> IO[str]:
    """The stdout for answers alone; what plugins print goes to stderr."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own


def _listen(jobs: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        jobs.put(line)
    # The driver is gone, and nobody would take the result.
    os._exit(1)


class _Ticker:
    """Tells how far a job is, a few times a second."""

    def __init__(self, answers: IO[str]) -> None:
        self._answers, self._told = answers, 0.0

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._told > 1.0 / _UPDATES_A_SECOND:
            self._told = now
            _tell(self._answers, {"event": "moved", "done": done, "total": total})


def _tell(answers: IO[str], event: Mapping[str, Any]) -> None:
    answers.write(json.dumps(event) + "\n")
    answers.flush()


def _render(worker: Any, told: Mapping[str, Any], answers: IO[str]) -> None:
    from scope.batch.plan import Job
    from scope.batch.work import sentence

    ticker = _Ticker(answers)
    try:
        result = worker.render(Job.from_json(told), ticker)
    except Exception as error:  # noqa: BLE001 - plugin code; the batch goes on, and the manifest names the cause
        _tell(answers, {"event": "failed", "error": sentence(error)})
    else:
        _tell(answers, {"event": "done", "result": result})


if __name__ == "__main__":
    main()

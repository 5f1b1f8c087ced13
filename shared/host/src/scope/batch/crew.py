"""Workers on this machine: one process per GPU, or a few per CPU; a job that ends its worker costs only itself."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from scope.batch.plan import Job


@dataclass(frozen=True)
class Began:
    """A worker took a job."""

    worker: str
    job: Job


@dataclass(frozen=True)
class Moved:
    """So many frames of a job are written; `total`: how many there will be, if that is known."""

    worker: str
    job: Job
    done: int
    total: int | None


@dataclass(frozen=True)
class Ended:
    """An attempt at a job is over: its `result`, or the `error` that ended it."""

    worker: str
    job: Job
    result: Mapping[str, Any] | None = None
    error: str = ""


Event = Began | Moved | Ended


class CrewError(RuntimeError):
    """Workers that cannot work at all, in one sentence."""


class Crew(Protocol):
    """Those who work."""

    def work(self, jobs: deque[Job]) -> Iterator[Event]:
        """Take jobs from the left until there are none and all are ended; more may be appended meanwhile."""
        ...

    def close(self) -> None:
        """End every worker."""


@dataclass(frozen=True)
class Seat:
    """Where a worker sits: a GPU by its number, or None; and how many threads it may use for its sums."""

    gpu: int | None
    threads: int


def seats(count: int | None, gpus: int, cores: int) -> list[Seat]:
    """A seat per GPU; without one a worker for every four cores, at least one. `count` asks for another number."""
    if gpus:
        return [Seat(i % gpus, max(1, cores // (count or gpus))) for i in range(count or gpus)]
    workers = count or max(1, cores // 4)
    return [Seat(None, max(1, cores // workers)) for _ in range(workers)]


class LocalCrew:
    """Worker processes of this machine, started when there is work for them. `logs`: where they write what goes wrong."""

    def __init__(self, places: list[Seat], logs: Path) -> None:
        self._places, self._logs = places, logs
        self._events: queue.SimpleQueue[tuple[_Process, Mapping[str, Any] | None]] = queue.SimpleQueue()
        self._processes: list[_Process] = []

    def work(self, jobs: deque[Job]) -> Iterator[Event]:
        """Take jobs until there are none; a worker that a job has ended is replaced while there are more.

        Raises:
            CrewError: a worker does not even start.
        """
        idle = [_Process(i, seat, self._logs, self._events) for i, seat in enumerate(self._places[: len(jobs)])]
        self._processes = list(idle)
        while jobs or any(process.job for process in self._processes):
            while jobs and idle:
                process = idle.pop()
                process.give(jobs.popleft())
                yield Began(process.name, process.busy)
            process, told = self._events.get()
            if told is None:
                if process.job is not None:
                    yield process.died()
                idle = [other for other in idle if other is not process]
                if jobs:
                    self._processes[process.number] = process.successor()
                    idle.append(self._processes[process.number])
            elif told["event"] == "moved":
                yield Moved(process.name, process.busy, told["done"], told["total"])
            elif told["event"] == "ready":
                process.host = told["worker"]
            else:
                yield process.ended(told)
                idle.append(process)

    def close(self) -> None:
        """End every worker at once; what they were writing is left for the driver to remove."""
        for process in self._processes:
            process.end()
        self._processes = []


class _Process:
    """One worker process and the thread that hears it."""

    def __init__(self, number: int, seat: Seat, logs: Path, events: "queue.SimpleQueue") -> None:
        self.number, self._seat, self._logs, self._events = number, seat, logs, events
        self.name = f"worker {number + 1}" + (f" (GPU {seat.gpu})" if seat.gpu is not None else "")
        self.job: Job | None = None
        self.host = ""
        self._log = logs / f"worker-{number + 1}.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scope.batch.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment(),
                text=True,
                encoding="utf-8",
            )
        threading.Thread(target=self._listen, name=f"scope:batch:{number + 1}", daemon=True).start()

    @property
    def busy(self) -> Job:
        """The job it is at."""
        assert self.job is not None
        return self.job

    def give(self, job: Job) -> None:
        """Hand it a job."""
        self.job = job
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job.to_json()) + "\n")
            self._process.stdin.flush()
        except OSError:
            # It has just died; its thread says so.
            return

    def ended(self, told: Mapping[str, Any]) -> Ended:
        """What its answer says of the job."""
        job, self.job = self.busy, None
        return Ended(self.host or self.name, job, told.get("result"), told.get("error", ""))

    def died(self) -> Ended:
        """What the end of the process means for its job.

        Raises:
            CrewError: it ended before it could take a job.
        """
        how = _manner(self._process.wait())
        if not self.host:
            raise CrewError(f"a worker {how} before it could work; {self._log} says why")
        job, self.job = self.busy, None
        return Ended(self.host, job, error=f"its worker {how}; {self._log} may say why")

    def successor(self) -> "_Process":
        """Another process in the same seat."""
        return _Process(self.number, self._seat, self._logs, self._events)

    def end(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            # What was still to be said to it cannot be said any more.
            with suppress(OSError):
                if stream is not None:
                    stream.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._events.put((self, json.loads(line)))
        except ValueError:
            # Closed by `end`, or cut in the middle of a line by the death of the process.
            pass
        self._events.put((self, None))

    def _environment(self) -> dict[str, str]:
        threads = {name: str(self._seat.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        gpu = {} if self._seat.gpu is None else {"CUDA_VISIBLE_DEVICES": str(self._seat.gpu)}
        return {**threads, **os.environ, **gpu}


def _manner(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

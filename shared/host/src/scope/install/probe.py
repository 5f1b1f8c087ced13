"""Loads the plugins of a candidate in a process of its own, and says what became of each.

The child is started early: it imports what takes long (torch) while uv works, then reads from stdin which folder to
try. It is a test, not a sandbox: plugins run with the user's rights, here as later.
"""

import json
import re
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self

from scope.install.errors import InstallError
from scope.install.progress import Watch
from scope.install.uv import GROUP, stop_group

# What the child may need beside its own limit: importing torch on a busy machine.
_GRACE = 120.0
_TICK = 0.1
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_PYTHONS_OWN = (sysconfig.get_path("stdlib"), "<")


@dataclass(frozen=True)
class Probing:
    """How a candidate is tried: seconds for loading all plugins, modules to import beforehand, the interpreter."""

    limit: float = 60.0
    warm_up: Sequence[str] = ("torch",)
    python: str = sys.executable


PROBING = Probing()


class ProbeError(InstallError):
    """The candidate could not be tried at all."""


@dataclass(frozen=True)
class Report:
    """What became of one plugin: its version, its pipelines as (id, name), and its problems as sentences."""

    name: str
    version: str
    pipelines: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


class Prober:
    """Keeps one child ready once it is started. Use it as a context manager: leaving it ends the child."""

    def __init__(self, log: Path, watch: Watch, probing: Probing = PROBING) -> None:
        self._log, self._watch, self._probing = log, watch, probing
        self._ready: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ready is not None:
            self._ready.stop()

    def start(self) -> None:
        """Let a child import what takes long, for the next `probe`."""
        self._ready = self._ready or Child(self._log, self._probing)

    def probe(self, site: Path) -> list[Report]:
        """Load every plugin that a host would load with `site` activated; reports in the order of their names.

        A plugin that ends the process is reported, and the others are tried again without it.

        Raises:
            ProbeError: the child failed before it loaded a plugin.
            CancelledError: the watch was cancelled.
        """
        fatal: dict[str, Report] = {}
        while True:
            self.start()
            child, self._ready = self._ready, None
            assert child is not None
            try:
                reports = child.try_out(site, list(fatal), self._watch)
            finally:
                child.stop()
            if reports is not None:
                return sorted([*reports, *fatal.values()], key=lambda report: report.name)
            if not child.loading or child.loading in fatal:
                raise ProbeError(child.nothing_tried())
            fatal[child.loading] = Report(child.loading, child.version, problems=(child.how_it_ended(),))


class Child:
    """One process that loads plugins. `loading` and `version` say which was being loaded last."""

    def __init__(self, log: Path, probing: Probing) -> None:
        self.loading = self.version = ""
        self._limit, self._log = probing.limit, log
        self._reader: threading.Thread | None = None
        with log.open("a", encoding="utf-8") as errors:
            self._begin = errors.tell()
            self._process = subprocess.Popen(
                [probing.python, "-P", "-m", "scope.install.probe_child", str(probing.limit), *probing.warm_up],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                **GROUP,
                text=True,
                encoding="utf-8",
            )

    def stop(self) -> None:
        """End the process and what it started."""
        stop_group(self._process)
        if self._reader is not None:
            self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def try_out(self, site: Path, skip: Sequence[str], watch: Watch) -> list[Report] | None:
        """The reports of all plugins but those of `skip`; None if the process ended before it was done."""
        said = self._listen()
        self._tell({"site": str(site), "skip": list(skip)})
        deadline = time.monotonic() + self._limit + _GRACE
        while (message := self._next(said, watch, deadline)) is not None:
            if "reports" in message:
                return [_report(report) for report in message["reports"]]
            self.loading, self.version = message["loading"], message["version"]
        self._process.wait()
        return None

    def how_it_ended(self) -> str:
        """A sentence about the plugin that was being loaded when the process ended."""
        code, errors = self._process.returncode, self._errors()
        if "Timeout (" in errors:
            return f"did not finish loading in {self._limit:.0f} s{_where(errors)}."
        if code < 0:
            return f"crashed while it was loaded ({signal.Signals(-code).name})."
        return f"ended the process while it was loaded (exit code {code})."

    def nothing_tried(self) -> str:
        """A sentence about a process that ended before it loaded a plugin."""
        last = (self._errors().strip().splitlines() or ["it said nothing"])[-1]
        return f"The plugins could not be tried: the process that loads them ended ({last})."

    def _tell(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended already: reading from it says so

    def _listen(self) -> "SimpleQueue[dict[str, Any] | None]":
        said: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        name = f"scope:probe:{self._process.pid}"
        self._reader = threading.Thread(target=self._read, args=(said,), name=name, daemon=True)
        self._reader.start()
        return said

    def _read(self, said: "SimpleQueue[dict[str, Any] | None]") -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said.put(json.loads(line))
        said.put(None)

    def _next(self, said: "SimpleQueue[dict[str, Any] | None]", watch: Watch, deadline: float) -> dict[str, Any] | None:
        while True:
            watch.check()
            if time.monotonic() > deadline:
                raise ProbeError(f"The plugins could not be tried: no answer in {self._limit + _GRACE:.0f} s.")
            try:
                return said.get(timeout=_TICK)
            except Empty:
                continue

    def _errors(self) -> str:
        with self._log.open("rb") as file:
            file.seek(self._begin)
            return file.read().decode(errors="replace")


def _report(document: dict[str, Any]) -> Report:
    pipelines = tuple((pipeline_id, name) for pipeline_id, name in document["pipelines"])
    return Report(document["name"], document["version"], pipelines, tuple(document["problems"]))


def _where(dump: str) -> str:
    """The innermost line of the main thread, which faulthandler writes last, that is not Python's own."""
    frames = _FRAME.findall(dump.rpartition("hread 0x")[2])
    own = [frame for frame in frames if not frame[0].startswith(_PYTHONS_OWN)]
    return f"; it was at {'/'.join(Path(own[0][0]).parts[-2:])}:{own[0][1]}" if own else ""

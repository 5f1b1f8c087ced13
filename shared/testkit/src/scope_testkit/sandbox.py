"""Runs the worker in a process of its own, watches time and memory, and turns its end into findings."""

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from scope_testkit.findings import Finding

_RESTARTS = 4
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Limits:
    """`seconds` for a step without a sign of life; `gibibytes` of resident memory of the process and its children.

    Resident memory is watched from outside rather than limited with RLIMIT_AS, because CUDA and torch reserve far more
    address space than they use; this works the same on Linux, macOS and Windows.
    """

    seconds: float = 120.0
    gibibytes: float = 8.0


@dataclass
class Report:
    """All that came out of one plugin."""

    plugin: str
    findings: list[Finding] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    pipelines: list[dict[str, str]] = field(default_factory=list)
    panels: list[str] = field(default_factory=list)
    speed: list[dict[str, Any]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)


def run_worker(python: str, arguments: list[str], report: Report, limits: Limits) -> None:
    """Examine with the worker of an interpreter; after a hang or a crash go on behind the step that caused it."""
    for _ in range(_RESTARTS):
        with tempfile.TemporaryDirectory() as folder:
            ended = _once(python, arguments, report, limits, Path(folder))
        if ended is None:
            return
        report.findings.append(ended)
        if report.steps and ": " not in report.steps[-1]:
            # Before the first pipeline there is nothing to go on with.
            return
    report.skipped.append({"what": "the remaining steps", "why": f"the plugin ended its process {_RESTARTS} times"})


def _once(python: str, arguments: list[str], report: Report, limits: Limits, folder: Path) -> Finding | None:
    done, events, output = folder / "done", folder / "events", folder / "output"
    done.write_text("\n".join(report.steps), encoding="utf-8")
    events.touch()
    command = [python, "-X", "faulthandler", "-m", "scope_testkit.worker", "--events", str(events), "--done", str(done)]
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [*command, *arguments], stdout=sink, stderr=subprocess.STDOUT, cwd=folder, env=_environment()
        )
        reason = _watch(process, events, limits)
    _read(events, report)
    if reason is None and process.returncode == 0:
        return None
    return _ended(report, reason, process.returncode, output)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _watch(process: subprocess.Popen, events: Path, limits: Limits) -> str | None:
    """The code of the limit that was passed, None if the process ended by itself."""
    size, since = -1, time.monotonic()
    while process.poll() is None:
        time.sleep(_POLL_SECONDS)
        now = events.stat().st_size
        if now != size:
            size, since = now, time.monotonic()
        if time.monotonic() - since > limits.seconds:
            return _kill(process, "X003")
        if _resident(process.pid) > limits.gibibytes * 2**30:
            return _kill(process, "X005")
    return None


def _resident(pid: int) -> int:
    try:
        root = psutil.Process(pid)
        return sum(p.memory_info().rss for p in [root, *root.children(recursive=True)])
    except psutil.Error:
        return 0


def _kill(process: subprocess.Popen, code: str) -> str:
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        children = []
    for child in children:
        child.kill()
    process.kill()
    process.wait()
    return code


def _read(events: Path, report: Report) -> None:
    places = {"panel": report.panels, "speed": report.speed, "skipped": report.skipped, "pipeline": report.pipelines}
    for line in events.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        match kind := event.pop("kind"):
            case "begin":
                report.steps.append(event["step"])
            case "finding":
                report.findings.append(Finding.from_json(event["finding"]))
            case "panel":
                report.panels.append(event["text"])
            case "beat":
                pass
            case _:
                places[kind].append(event)


def _ended(report: Report, reason: str | None, status: int, output: Path) -> Finding:
    step = report.steps[-1] if report.steps else "start"
    tail = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    if reason == "X003":
        return Finding("X003", f"no sign of life in the step '{step}'")
    if reason == "X005":
        return Finding("X005", f"too much resident memory in the step '{step}'")
    return Finding("X004", f"the process ended with status {status} in the step '{step}': {' / '.join(tail)}")

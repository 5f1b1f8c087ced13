"""Runs inside the sandbox: examines one installed plugin and writes what it finds, a JSON object a line.

Each event has a `kind`: `begin` (a step starts), `finding`, `skipped`, `pipeline`, `speed`, `panel`. A step that the
parent names in `--done` is not made again.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from scope_testkit.findings import Finding
from scope_testkit.heavy import heavy_imports
from scope_testkit.owners import Owner, taken


@dataclass
class Journal:
    """Where events go, and which steps an earlier process has made."""

    file: TextIO
    done: frozenset[str] = frozenset()
    _last_beat: float = 0.0

    def write(self, kind: str, **what: Any) -> None:
        self.file.write(json.dumps({"kind": kind, **what}) + "\n")
        self.file.flush()

    def beat(self) -> None:
        """A sign of life, about once a second."""
        if time.monotonic() - self._last_beat > 1.0:
            self._last_beat = time.monotonic()
            self.write("beat")

    def step(self, name: str, make: Callable[[], Iterable[Any]]) -> None:
        """Make a step unless it is done, and write its results."""
        if name in self.done:
            return
        self.write("begin", step=name)
        for result in make():
            if isinstance(result, Finding):
                self.write("finding", finding=result.to_json())
            else:
                self.write("skipped", **asdict(result))


def main(argv: list[str] | None = None) -> None:
    options = _options().parse_args(argv)
    if not options.gpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    done = frozenset(Path(options.done).read_text(encoding="utf-8").split("\n")) if options.done else frozenset()
    with Path(options.events).open("a", encoding="utf-8") as file:
        _examine(Journal(file, done), options)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scope_testkit.worker")
    parser.add_argument("--dist", required=True)
    parser.add_argument("--events", required=True)
    parser.add_argument("--done")
    parser.add_argument("--owners")
    parser.add_argument("--source")
    parser.add_argument("--pipeline")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--gpu", action="store_true")
    return parser


def _examine(journal: Journal, options: argparse.Namespace) -> None:
    from scope_testkit.checks import packaging

    distribution = metadata.distribution(options.dist)
    points = packaging.entry_points(distribution)
    journal.step("metadata", lambda: packaging.described(distribution))
    if len(points) != 1:
        return
    package = points[0].module.split(".")[0]
    journal.step("imports", lambda: packaging.imported(distribution, package))
    journal.step("heavy imports", lambda: heavy_imports(points[0].module, [p for p in sys.path if p]))
    found: list[Any] = []

    def register() -> list[Finding]:
        given = packaging.registered(points[0], taken(_owners(options.owners), distribution.name, package))
        found.extend(given.pipelines)
        for name in given.nodes:
            journal.write("skipped", what=f"the node {name}", why="not run by this host")
        return [_from_wheel(finding, points[0].module, options.source) for finding in given.findings]

    journal.step("register", register)
    if "register" in journal.done:
        register()
    _pipelines(journal, found, options)


def _from_wheel(finding: Finding, module: str, source: str | None) -> Finding:
    """A plugin that cannot be imported from its wheel but from its source lacks something in the wheel."""
    if finding.code != "P003" or not source:
        return finding
    import subprocess

    roots = [str(Path(source)), str(Path(source) / "src")]
    code = f"import sys; sys.path[:0] = {roots!r}; import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False)
    return replace(finding, code="P016") if done.returncode == 0 else finding


def _owners(file: str | None) -> list[Owner]:
    """Other plugins' pipeline ids, as the parent process found them."""
    return [Owner(*row) for row in json.loads(Path(file).read_text(encoding="utf-8"))] if file else []


def _pipelines(journal: Journal, pipelines: list[Any], options: argparse.Namespace) -> None:
    import torch

    from scope_testkit.checks import schema
    from scope_testkit.subject import Subject

    # The frames of the checks are small: threads would only wait for each other, most of all on a busy machine.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    wanted = [p for p in pipelines if options.pipeline in (None, p.get_config_class().pipeline_id)]
    subjects = [Subject(pipeline, fast=options.fast, beat=journal.beat) for pipeline in wanted]
    names = {s.config.pipeline_id: {f.name for f in s.live} for s in subjects}
    journal.step("shared names", lambda: schema.shared_names(subjects, names))
    for subject in subjects:
        _describe(journal, subject)
        if check_pipeline(journal, subject) and not options.fast and subject.config.produces_video:
            torch.set_num_threads(threads)
            _measure(journal, subject)
            torch.set_num_threads(1)


def check_pipeline(journal: Journal, subject: Any) -> bool:
    """Make the checks of one pipeline; False where it cannot be called, as without its model files."""
    from scope.models import missing_files
    from scope_testkit import suite
    from scope_testkit.play import attempt
    from scope_testkit.subject import Skipped

    name = subject.config.pipeline_id
    lacking = missing_files(subject.config)
    if lacking and attempt(subject.build)[1] is not None:
        journal.step(f"{name}: schema", lambda: suite.run(suite.FIRST[0], subject))
        journal.write("skipped", **asdict(Skipped(f"{name}: frames, parameters, state and modes", _absent(lacking))))
        return False
    for check in suite.CHECKS:
        journal.step(f"{name}: {check.name}", lambda c=check: _named(subject, suite.run(c, subject)))
    return attempt(lambda: subject.carrier)[0] is not None


def _named(subject: Any, results: Iterable[Any]) -> Iterator[Any]:
    """The results, with the pipeline's id in what was not examined."""
    for result in results:
        named = isinstance(result, Finding)
        yield result if named else replace(result, what=f"{subject.config.pipeline_id}: {result.what}")


def _absent(files: list[Path]) -> str:
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"model files are not in the models folder: {files[0]}{more}"


def _describe(journal: Journal, subject: Any) -> None:
    from scope_testkit.panel import panel, roles

    config = subject.config
    if f"{config.pipeline_id}: panel" in journal.done:
        return
    journal.write("begin", step=f"{config.pipeline_id}: panel")
    journal.write("pipeline", id=config.pipeline_id, name=config.pipeline_name, version=config.pipeline_version)
    for role in roles(config):
        for mode in config.modes:
            journal.write("panel", text=panel(config, role, mode))


def _measure(journal: Journal, subject: Any) -> None:
    from scope_testkit.speed import measure

    step = f"{subject.config.pipeline_id}: speed"
    if step not in journal.done:
        journal.write("begin", step=step)
        for row in measure(subject):
            journal.write("speed", **asdict(row))


if __name__ == "__main__":
    main()

"""The process that `probe` starts: it activates a folder of plugins, loads them all, and writes a line about each.

    python -P -m scope.install.probe_child LIMIT MODULE…

It imports the modules, reads `{"site", "skip"}` from stdin, and answers on what was stdout. Whatever plugins print goes
to stderr. If it takes longer than LIMIT seconds from then on, it writes where it was and ends; it also ends with its
parent.
"""

import contextlib
import faulthandler
import importlib
import io
import json
import logging
import os
import re
import site
import sys
import threading
from importlib import metadata
from typing import Any, TextIO

from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import RegistrationError, Registry
from scope.core.plugins.manager import PluginReport, load_plugins

_PTH_ERROR = re.compile(r"Error processing line \d+ of (?P<file>.+\.pth):(?P<trace>(?:\n .*|\n)*)\n  (?P<cause>\w.*)")


class Witness(Registry):
    """A registry that remembers which plugin registered which id, and who wanted an id that was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.loading = ""
        self.owners: dict[str, str] = {}
        self.clashes: list[tuple[str, str, str]] = []

    def register(self, pipeline_class: type[Pipeline], pipeline_id: str | None = None) -> str:
        """As the registry of the host."""
        try:
            found = super().register(pipeline_class, pipeline_id)
        except RegistrationError:
            self._note_clash(pipeline_class, pipeline_id)
            raise
        self.owners.setdefault(found, self.loading)
        return found

    def _note_clash(self, pipeline_class: type[Pipeline], pipeline_id: str | None) -> None:
        wanted = pipeline_id or getattr(pipeline_class.get_config_class(), "pipeline_id", "")
        if self.owners.get(wanted, self.loading) != self.loading:
            self.clashes.append((wanted, self.owners[wanted], self.loading))


def main(arguments: list[str]) -> None:
    """Serve one order."""
    orders, answers = _apart()
    # Tracebacks of plugins that fail are told at this level; stderr is the log that the refusal names.
    logging.basicConfig(level=logging.INFO)
    for module in arguments[1:]:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    order = json.loads(orders.readline() or "null")
    if order is None:
        return
    threading.Thread(target=_end_with_the_parent, args=(orders,), name="scope:probe:parent", daemon=True).start()
    faulthandler.dump_traceback_later(float(arguments[0]), exit=True)
    _answer(answers, {"reports": _reports(order, answers)})
    # Threads and exit handlers of plugins must not keep this process alive.
    os._exit(0)


def _apart() -> tuple[TextIO, TextIO]:
    """What were stdin and stdout; plugins find an empty stdin, and their stdout is the log."""
    orders, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull) as empty:  # noqa: PTH123 - no path, a device
        os.dup2(empty.fileno(), 0)
    os.dup2(2, 1)
    return orders, answers


def _end_with_the_parent(orders: TextIO) -> None:
    """The pipe closes when the installer ends, however it ends."""
    orders.read()
    os._exit(1)


def _reports(order: dict[str, Any], answers: TextIO) -> list[dict[str, Any]]:
    registry = Witness()

    def before(name: str, version: str) -> None:
        registry.loading = name
        _answer(answers, {"loading": name, "version": version})

    broken = _activate(order["site"])
    reports = load_plugins(registry, before=before, skip=order["skip"])
    found = {report.package: _document(report, registry, before) for report in reports}
    for name, problem in broken.items():
        empty = {"name": name, "version": metadata.version(name), "pipelines": [], "problems": []}
        found.setdefault(name, empty)["problems"].append(problem)
    _tell_both(found, registry)
    return list(found.values())


def _activate(folder: str) -> dict[str, str]:
    """Put the folder on the path as a host does; gives the distributions whose `.pth` file raised, and what."""
    with contextlib.redirect_stderr(io.StringIO()) as said:
        site.addsitedir(folder)
    importlib.invalidate_caches()
    sys.stderr.write(said.getvalue())
    return {
        _owner(folder, os.path.basename(match["file"])): f"has a path file that raised: {match['cause']}."  # noqa: PTH119
        for match in _PTH_ERROR.finditer(said.getvalue())
    }


def _owner(folder: str, file: str) -> str:
    for distribution in metadata.distributions(path=[folder]):
        if any(str(path) == file for path in distribution.files or ()):
            return distribution.name
    return file


def _document(report: PluginReport, registry: Registry, before: Any) -> dict[str, Any]:
    before(report.package, report.version)
    pipelines, problems = [], [text for text in report.problems if "is taken by" not in text]
    for pipeline_id in report.pipelines:
        try:
            config = registry.config(pipeline_id)
            config.get_schema_with_metadata()
            pipelines.append((pipeline_id, config.pipeline_name))
        except Exception as error:  # noqa: BLE001 - the schema is plugin code
            problems.append(f"pipeline {pipeline_id!r} has no usable schema: {type(error).__name__}: {error}.")
    return {"name": report.package, "version": report.version, "pipelines": pipelines, "problems": problems}


def _tell_both(found: dict[str, dict[str, Any]], registry: Witness) -> None:
    """Load order decides whom the registry blames for an id that two want; here neither is."""
    for pipeline_id, one, other in registry.clashes:
        for name in (one, other):
            others = other if name == one else one
            found[name]["problems"].append(f"registers the pipeline id {pipeline_id!r}, and so does {others}.")


def _answer(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

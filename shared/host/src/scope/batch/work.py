"""One process's share of a batch: renders jobs one after another and keeps its pipelines loaded in between."""

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from importlib import metadata
from pathlib import Path
from typing import Any

from scope.batch.film import Film
from scope.batch.plan import Job, Part
from scope.batch.setup import film_of
from scope.batch.stores import StoreError, content, delivered, fetched, film_at, size
from scope.core.causes import cause
from scope.core.config import get_models_dir
from scope.core.pipelines.registry import Registry, UnknownPipelineError
from scope.core.plugins.manager import load_plugins
from scope.install.activate import activate
from scope.media import MediaError, open_source
from scope.media.joining import JoinedFilm
from scope.media.remote import Remote
from scope.media.sound import FileTrack
from scope.media.spans import WHOLE, Span
from scope.models import Download, declared_files, missing_files
from scope.models.records import Records
from scope.models.sentences import FetchError
from scope.runtime.faults import PipelineError
from scope.runtime.graph import Graph, GraphError
from scope.runtime.pool import Pool
from scope.runtime.values import RefusedValueError

# Frames written so far, and how many there will be.
Progress = Callable[[int, int | None], None]


class Worker:
    """The plugins of this environment and of the current `generation`, and the instances loaded so far.

    `download`: model files that are missing are fetched, once for all workers that share a models folder.
    """

    def __init__(self, *, generation: bool = True, download: bool = False) -> None:
        self.registry = Registry()
        self._active = activate(safe=not generation)
        reports = load_plugins(self.registry, before=lambda name, _version: self._active.loading(name))
        self._active.loaded()
        self._owners = {pipeline: report.package for report in reports for pipeline in report.pipelines}
        self._pool = Pool()
        self._loads, self._download = "", download

    @property
    def name(self) -> str:
        """Where it runs: host and process."""
        return f"{socket.gethostname()}:{os.getpid()}"

    def render(self, job: Job, progress: Progress) -> dict[str, Any]:
        """Render a job; the fields of a manifest entry that only the worker knows.

        Raises:
            Exception: whatever the pipeline, the files or the stores raise.
        """
        if job.joins:
            return self._join(job)
        start = time.perf_counter()
        if job.loads != self._loads:
            # Two large models rarely fit side by side.
            self._pool.unload()
            self._loads = job.loads
        with ExitStack() as files:
            source = None if job.input is None else _source(job.input, job.part, files)
            target = files.enter_context(delivered(job.output))
            film = self._film(job, str(target), source)
            if self._download:
                fetch_models(film.graph)
            summary = film.render(self._pool, lambda _chunk, done, total: progress(done, total))
            read = None if job.input is None else _content(job.input, job.part, source)
        seconds = time.perf_counter() - start
        return {
            "input": read,
            "plugins": self._plugins(film.graph),
            "models": _models(film.graph),
            "frames": summary.frames,
            "size": summary.size,
            "rate": float(summary.rate),
            "seconds": seconds,
            "loading": max(0.0, seconds - summary.seconds),
            "notes": summary.notes,
        }

    def _join(self, job: Job) -> dict[str, Any]:
        """The films of the parts in one, with the sound of the input."""
        start = time.perf_counter()
        with ExitStack() as files:
            source = files.enter_context(fetched(str(job.input)))
            parts = [files.enter_context(fetched(part)) for part in job.joins]
            target = files.enter_context(delivered(job.output))
            told = _joined(parts, source, target, sound=job.options.sound)
            graph, read = self._film(job, str(target), source).graph, content(source)
        made_with = {"plugins": self._plugins(graph), "models": _models(graph)}
        return {"input": read, **made_with, **told, "seconds": time.perf_counter() - start, "parts": len(parts)}

    def _film(self, job: Job, target: str, source: Path | Remote | None) -> Film:
        options = job.options
        film = film_of(self.registry, job.setup, target, str(source) if isinstance(source, Path) else source)
        if options.size is not None:
            film.graph.load_everywhere({"width": options.size[0], "height": options.size[1]})
        return replace(
            film,
            size=options.size or film.size,
            rate=film.rate if options.fps is None else Fraction(options.fps).limit_denominator(100_000),
            frames=options.frames,
            seconds=film.seconds if options.frames is None and options.seconds is None else options.seconds,
            strict=options.strict,
            sound=options.sound,
            span=WHOLE if job.part is None else Span(job.part.start, job.part.end),
        )

    def _plugins(self, graph: Graph) -> dict[str, str]:
        packages = {self._owners.get(node.config.pipeline_id) for node in graph} - {None}
        return {package: metadata.version(package) for package in sorted(map(str, packages))}


def _source(place: str, part: Part | None, files: ExitStack) -> Path | Remote:
    """A clip on this machine; a part of one is read where it lies, for all of it would come once for each part."""
    return files.enter_context(fetched(place)) if part is None else film_at(place)


def _content(place: str, part: Part | None, source: Path | Remote | None) -> dict[str, Any]:
    """What was read. A part has no checksum: that of the whole clip is taken once, where its film is joined."""
    if part is None and isinstance(source, Path):
        return content(source)
    return {"bytes": size(place), "blake2b": ""}


def _joined(parts: Sequence[Path], source: Path, target: Path, *, sound: bool) -> dict[str, Any]:
    with open_source(source) as whole, open_source(parts[0]) as first:
        kept = sound and whole.sound is not None and first.rate == whole.rate
        track = FileTrack(whole.sound) if kept and whole.sound is not None else None
        with JoinedFilm(target, track) as joined:
            for part in parts:
                joined.append(part)
    size, notes = (first.width, first.height), tuple(track.notes) if track else ()
    return {"frames": joined.frames, "size": size, "rate": float(first.rate), "notes": notes}


def fetch_models(graph: Graph) -> None:
    """Download the model files of a graph that are missing; of several processes one does, and the others wait.

    Raises:
        FetchError: a source cannot be reached, or there is no room.
    """
    if any(missing_files(node.config) for node in graph):
        progress = Download([artifact for node in graph for artifact in node.config.artifacts]).run()
        if progress.error:
            raise FetchError(progress.error)


def sentence(error: BaseException) -> str:
    """Why a job failed. The host's own errors are sentences; for others the type and the place are said too."""
    own = (PipelineError, MediaError, StoreError, FetchError, GraphError, RefusedValueError, UnknownPipelineError)
    return str(error) if isinstance(error, own) else cause(error)


def _models(graph: Graph) -> Mapping[str, str]:
    """The checksums that the downloads of the declared files were recorded with; "unknown" for the others."""
    folder, records = get_models_dir(), Records(get_models_dir()).read()
    files = {path.relative_to(folder).as_posix() for node in graph for path in declared_files(node.config.artifacts)}
    known = {name: record.digest for name, record in records.items() if any(_within(name, file) for file in files)}
    missing = {file for file in files if not any(_within(name, file) for name in known)}
    return known | dict.fromkeys(sorted(missing), "unknown")


def _within(name: str, file: str) -> bool:
    return name == file or name.startswith(f"{file}/")

"""Long clips in parts, so that several workers render one film: where no stage keeps state from frame to frame."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scope.batch.plan import Job, Part
from scope.batch.setup import graph_of
from scope.batch.stores import film_at
from scope.core.pipelines.base_schema import field_defaults
from scope.core.pipelines.registry import Registry
from scope.media.spans import key_frame_spans
from scope.runtime.graph import Graph, Node

# The parts of a film, none where it stays whole.
Split = Callable[[Job], Sequence[Job]]
DEFAULT_SECONDS = 60.0


def whole(_job: Job) -> Sequence[Job]:
    """Every film in one piece."""
    return ()


@dataclass
class Splitter:
    """Splits long clips into parts of about so many `seconds`; their films lie in `folder`, a path or URL, until joined."""

    registry: Registry
    folder: str
    seconds: float = DEFAULT_SECONDS

    def __post_init__(self) -> None:
        self._may: dict[str, bool] = {}

    def __call__(self, job: Job) -> Sequence[Job]:
        if not self.seconds or not _could_be_parts(job) or not self._keeps_no_state(job):
            return ()
        try:
            spans = key_frame_spans(film_at(str(job.input)), self.seconds)
        except Exception:  # noqa: BLE001 - every store has errors of its own; the film's own attempt says what is wrong
            return ()
        options = replace(job.options, sound=False)
        return [
            replace(
                job,
                name=f"{job.name}, part {number} of {len(spans)}",
                output=f"{self.folder}/{job.name}/{number:04}-{len(spans):04}.mp4",
                options=options,
                part=Part(job.name, *span),
            )
            for number, span in enumerate(spans if len(spans) > 1 else [], start=1)
        ]

    def _keeps_no_state(self, job: Job) -> bool:
        if job.setup_hash not in self._may:
            graph = graph_of(self.registry, job.setup, job.input)
            self._may[job.setup_hash] = not any(map(keeps_state, graph)) and _shows_pictures_only(graph)
        return self._may[job.setup_hash]


def joined(job: Job, parts: Sequence[Job]) -> Job:
    """The job that joins the films of the parts."""
    return replace(job, joins=tuple(part.output for part in parts))


def keeps_state(node: Node) -> bool:
    """Whether a stage says so, under any of the values that it has in the course of the film."""
    return any(node.config.keeps_state(values) for values in _values(node))


def _values(node: Node) -> Iterator[Mapping[str, Any]]:
    values = {**field_defaults(node.config), **node.load}
    times = sorted({setting.time for setting in node.settings} | {0.0})
    for time in times:
        values |= {setting.name: setting.value for setting in node.settings if setting.time == time}
        yield dict(values)


def _could_be_parts(job: Job) -> bool:
    """All of the clip, and nothing but time and values given for the whole of it."""
    options, setup = job.options, job.setup
    films = job.input is not None and job.output.endswith(".mp4")
    limited = options.frames is not None or options.seconds is not None or options.fps is not None
    beaten = (setup.get("tempo") or {}).get("source", "off") != "off"
    return films and not limited and not beaten and not setup.get("modulation")


def _shows_pictures_only(graph: Graph) -> bool:
    return all(node.config.produces_video and not node.config.produces_audio for node in graph)

"""What a batch renders: every combination of inputs, swept values, prompts and seeds, each a job of its own."""

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from scope.runtime.graph import Graph

Setup = Mapping[str, Any]
Edit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Options:
    """How every film of a batch is rendered; the fields of `Film` that fit into JSON."""

    frames: int | None = None
    seconds: float | None = None
    size: tuple[int, int] | None = None
    fps: float | None = None
    strict: bool = False
    sound: bool = True


@dataclass(frozen=True)
class Part:
    """Of which film a job renders a part, and from where to where on its input, as in `scope.media.spans.Span`."""

    film: str
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Sweep:
    """One parameter of one stage, and the values that it takes in turn. `label` stands in the names of the films."""

    stage: str
    field: str
    values: Sequence[Any]
    label: str


@dataclass(frozen=True)
class Job:
    """One film: a complete set-up document, where its pictures come from, and where it goes.

    `name`: the output relative to the batch's folder, unique in the batch. `input`: a path or URL, None for the
    set-up's own source. `part`: it renders no more than that. `joins`: it renders nothing and joins these films.
    """

    name: str
    setup: Setup
    output: str
    input: str | None = None
    options: Options = field(default_factory=Options)
    part: Part | None = None
    joins: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What the film depends on, apart from the bytes of its input: 16 hexadecimal digits."""
        told = {"setup": self.setup, "input": self.input, "options": asdict(self.options)}
        if self.part is not None:
            told["part"] = asdict(self.part)
        return digest(json.dumps(told, sort_keys=True).encode())

    @property
    def setup_hash(self) -> str:
        """The set-up document alone: 16 hexadecimal digits."""
        return digest(json.dumps(self.setup, sort_keys=True).encode())

    @property
    def loads(self) -> str:
        """What its pipelines are loaded with: jobs that agree in it can share the instances."""
        stages = self.setup.get("stages", ())
        return json.dumps([(stage["pipeline"], stage.get("load")) for stage in stages], sort_keys=True)

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Job":
        """From another process."""
        told = dict(value["options"])
        size = told.pop("size")
        options = Options(size=size and (size[0], size[1]), **told)
        part = Part(**value["part"]) if value["part"] else None
        return cls(value["name"], value["setup"], value["output"], value["input"], options, part, tuple(value["joins"]))


def digest(data: bytes) -> str:
    """16 hexadecimal digits that stand for some bytes."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


@dataclass(frozen=True)
class Variation:
    """A set-up that differs from the batch's own, and the words for how."""

    setup: Setup
    labels: tuple[str, ...] = ()


def variations(
    setup: Setup, graph: Graph, sweeps: Sequence[Sweep], prompts: Sequence[str], seeds: Sequence[int]
) -> Iterator[Variation]:
    """Every combination, the last one varying fastest; the set-up itself if there is nothing to combine.

    Raises:
        RefusedValueError: a value does not fit its field.
    """
    axes = [
        *(_swept(graph, sweep) for sweep in sweeps),
        [(f"prompt-{number}", _prompting(text)) for number, text in enumerate(prompts, 1)],
        [(f"seed-{seed}", _seeding(seed)) for seed in seeds],
    ]
    for chosen in itertools.product(*filter(None, axes)):
        document = deepcopy(dict(setup))
        for _, edit in chosen:
            edit(document)
        yield Variation(document, tuple(label for label, _ in chosen))


def jobs_of(
    inputs: Sequence[str], varied: Sequence[Variation], folder: str, options: Options, suffix: str = ".mp4"
) -> list[Job]:
    """A job for every input and variation; without inputs one for every variation of the set-up's own source.

    Jobs with the same load parameters follow each other, so that pipelines stay loaded.
    """
    jobs = []
    for place, stem in zip(inputs, _stems(inputs), strict=True) if inputs else [(None, "film")]:
        for variation in varied:
            name = "__".join((stem, *variation.labels)) + suffix
            jobs.append(Job(name, variation.setup, f"{folder.rstrip('/')}/{name}", place, options))
    turn: dict[str, int] = {}
    return sorted(jobs, key=lambda job: turn.setdefault(job.loads, len(turn)))


def _swept(graph: Graph, sweep: Sweep) -> list[tuple[str, Edit]]:
    fields = graph[sweep.stage].fields
    load = sweep.field in fields and fields[sweep.field].is_load
    values = [fields.checked(sweep.field, value, load=load) for value in sweep.values]
    home = "load" if load else "values"
    return [(f"{sweep.label}-{_short(value)}", _setting(sweep, home, value)) for value in values]


def _setting(sweep: Sweep, home: str, value: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        stage = next(stage for stage in document["stages"] if stage["id"] == sweep.stage)
        stage[home] = {**stage.get(home, {}), sweep.field: value}

    return edit


def _prompting(text: str) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        document["prompts"] = [{"text": text, "weight": 1.0}]

    return edit


def _seeding(seed: int) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        for stage in document["stages"]:
            stage["load"] = {**stage.get("load", {}), "base_seed": seed}

    return edit


def _short(value: Any) -> str:
    """A value as part of a file's name."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return "".join(c if c.isalnum() or c in ".-+" else "_" for c in text)[:40]


def _stems(inputs: Sequence[str]) -> list[str]:
    """Names for the films of inputs: their paths below the folder that they share, without ending where that is unique."""
    paths = [PurePosixPath(place.split("://", 1)[-1].replace("\\", "/")) for place in inputs]
    shared = len(_common(path.parts[:-1] for path in paths))
    below = [PurePosixPath(*path.parts[shared:]) for path in paths]
    bare = [str(path.with_suffix("")) for path in below]
    taken = Counter(bare)
    return [b if taken[b] == 1 else str(p).replace(".", "_") for b, p in zip(bare, below, strict=True)]


def _common(folders: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    first, *others = list(folders) or [()]
    count = len(first)
    for other in others:
        same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, other, strict=False)))
        count = min(count, same)
    return first[:count]

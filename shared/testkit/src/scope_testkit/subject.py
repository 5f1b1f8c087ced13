"""The pipeline under examination, and the plain call that works on it and that the checks vary."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.interface import Pipeline
from scope.runtime.build import schema_defaults
from scope_testkit import inputs, values
from scope_testkit.clock import FakeClock
from scope_testkit.fields import Field, controls_of, fields_of
from scope_testkit.findings import Finding
from scope_testkit.play import Call, Film, Session, attempt, fault, play
from scope_testkit.source import class_place, raised_at

DEFAULT_SIZE = (64, 96)
_QUICK = 0.2


@dataclass(frozen=True)
class Skipped:
    """Something that was not examined, and why."""

    what: str
    why: str


Results = Iterator[Finding | Skipped]


@dataclass(frozen=True)
class Carrier:
    """A way to call the pipeline; checks take one that works and change one thing about it at a time."""

    floats: bool = False
    bare: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Subject:
    """A pipeline class in one of its modes.

    `make(**load)` builds an instance; `size` is (height, width) of the frames in most checks; `seconds` bounds what one
    check may cost on a slow pipeline. `beat` is called before each call of the pipeline: a sign of life.
    """

    pipeline: type[Pipeline]
    mode: str = ""
    make: Callable[..., Pipeline] | None = None
    size: tuple[int, int] = DEFAULT_SIZE
    seconds: float = 60.0
    fast: bool = False
    beat: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.mode = self.mode or self.config.get_default_mode()
        self._views = {self.mode: self}

    @cached_property
    def config(self) -> type[BasePipelineConfig]:
        return self.pipeline.get_config_class()

    @cached_property
    def fields(self) -> list[Field]:
        return fields_of(self.config)

    @cached_property
    def controls(self) -> list[Field]:
        """The fields with a control, in panel order."""
        return controls_of(self.config)

    @cached_property
    def live(self) -> list[Field]:
        """The controls that may move while streaming in this mode."""
        return [f for f in self.controls if not f.is_load and (not f.modes or self.mode in f.modes)]

    @cached_property
    def load(self) -> list[Field]:
        return [f for f in self.controls if f.is_load]

    @property
    def modes(self) -> list[str]:
        return list(self.config.modes)

    def view(self, mode: str) -> "Subject":
        """The same pipeline in another of its modes."""
        if mode not in self._views:
            self._views[mode] = replace(self, mode=mode)
        return self._views[mode]

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """What a host passes to the constructor: every default that is not None."""
        return schema_defaults(self.config)

    @cached_property
    def frame_size(self) -> tuple[int, int]:
        least = self.config.min_dimension
        return max(self.size[0], least), max(self.size[1], least)

    def build(self, **load: Any) -> Pipeline:
        """An instance as a host makes it: schema defaults, then load parameters.

        Where the size of the picture is a load parameter it is that of the frames, so that checks stay quick. It is built
        at the moment at which a session's clock begins: a constructor that reads the time reads the same each time.
        """
        with FakeClock().installed():
            return (self.make or self.pipeline)(**{**self.defaults, **self._small, **load})

    @cached_property
    def sizes(self) -> list[Field]:
        """The load parameters that say how large the picture is."""
        return [f for f in self.load if f.name in ("height", "width")]

    @cached_property
    def _small(self) -> dict[str, int]:
        wanted = dict(zip(("height", "width"), self.frame_size, strict=True))
        return {f.name: max(wanted[f.name], int(f.low or 1)) for f in self.sizes}

    def size_with(self, field: Field, value: Any) -> tuple[int, int]:
        """(height, width) of the picture that an instance makes with a value for one of `sizes`: clamped, and the
        schema's default in place of what is no number."""
        is_number = isinstance(value, int | float) and math.isfinite(value)
        asked = value if is_number else self.defaults[field.name]
        side = int(min(max(asked, field.low or 1), field.high or asked))
        return (side, self.frame_size[1]) if field.name == "height" else (self.frame_size[0], side)

    def costs(self, size: tuple[int, int]) -> float:
        """Seconds that a new instance and one call at a size take, more than in proportion to the area as attention does."""
        larger = size[0] * size[1] / (self.frame_size[0] * self.frame_size[1])
        return self.build_cost + self.cost * max(1.0, larger) ** 1.25

    @cached_property
    def input_size(self) -> int:
        """Frames a call in video mode, as `prepare` says; 1 where it says nothing usable."""
        instance, error = attempt(self.build)
        asked = None if error else attempt(self.session(instance, Carrier()).need)[0]
        return asked or 1

    def carriers(self) -> dict[str, Carrier]:
        """Ways to call, by the code of the rule that a pipeline breaks where only that way works."""
        given = {f.name: self.defaults[f.name] for f in self.live if f.name in self.defaults}
        return {"": Carrier(), "F001": Carrier(floats=True), "V003": Carrier(bare=True), "V009": Carrier(params=given)}

    @cached_property
    def carrier(self) -> Carrier | None:
        """The plainest way to call that gives pictures, or sound where that is all there is; None where none does."""
        films = ((c, self.film(self.calls(2, carrier=c), carrier=c)) for c in self.carriers().values())
        return next((carrier for carrier, film in films if fault(film) is None), None)

    @cached_property
    def cost(self) -> float:
        """Seconds that one more plain call takes; on a busy machine the best of a few quick ones."""
        instance, spent = self.build(), []
        self.film(self.calls(1), instance=instance)
        while len(spent) < (1 if spent and spent[0] > _QUICK else 5):
            start = time.perf_counter()
            self.film(self.calls(1), instance=instance)
            spent.append(time.perf_counter() - start)
        return min(spent)

    @cached_property
    def build_cost(self) -> float:
        """Seconds that one more instance takes."""
        start = time.perf_counter()
        self.build()
        return time.perf_counter() - start

    def affords(self, calls: int, size: tuple[int, int] | None = None, *, builds: int = 0) -> bool:
        """Whether so many calls at a size, and so many new instances, fit into the time of one check."""
        area = self.frame_size[0] * self.frame_size[1]
        larger = size[0] * size[1] / area if size else 1.0
        return calls * self.cost * max(1.0, larger) + builds * self.build_cost <= self.seconds

    @cached_property
    def contexts(self) -> list[dict[str, Any]]:
        """Parameters under which checks are made: none given, then mixtures that turn the effects on."""
        widest = max((len(f.choices) for f in self.live), default=0)
        wanted = min(max(2, widest), 2 if self.fast else 8)
        kept = wanted if self.affords(12 * wanted, builds=4 * wanted) else 1
        return [{}, *values.mixtures(self.live, kept)]

    @cached_property
    def switched_on(self) -> dict[str, Any]:
        """Parameters under which no control waits for a toggle; none where the pipeline fails on them."""
        given = values.switched_on(self.live)
        return given if given and fault(self.film(self.calls(1, params=given))) is None else {}

    def calls(
        self,
        count: int = 3,
        *,
        content: inputs.Content = inputs.photo_clip,
        params: Mapping[str, Any] | None = None,
        size: tuple[int, int] | None = None,
        frames: int | None = None,
        carrier: Carrier | None = None,
    ) -> list[Call]:
        """So many calls with parameters over the carrier's own, and with moving frames in video mode."""
        carrier = carrier or self.carrier or Carrier()
        given = {**carrier.params, **(params or {})}
        if self.mode == "text":
            return [Call(None, given) for _ in range(count)]
        each = frames or self.input_size
        clip = content(count * each, size or self.frame_size)
        clip = inputs.as_float(clip) if carrier.floats else clip
        return [Call(clip[index * each : (index + 1) * each], given) for index in range(count)]

    def film(
        self,
        calls: Sequence[Call],
        *,
        load: Mapping[str, Any] | None = None,
        instance: Pipeline | None = None,
        carrier: Carrier | None = None,
        seed: int = 0,
    ) -> Film:
        """Play the calls in a new session, on a new instance unless one is given.

        A constructor that refuses load parameters is the film's error; one that fails without any raises.
        """
        if load:
            instance, error = attempt(self.build, **load)
            if error is not None:
                return Film(error=error)
        instance = instance or self.build()
        return play(self.session(instance, carrier), calls, seed=seed)

    def session(
        self,
        instance: Pipeline,
        carrier: Carrier | None = None,
        *,
        live: bool = False,
        start: float = 0,
        waited: float = 0.0,
    ) -> Session:
        """A new session with an instance, built `waited` seconds ago; `start` calls of the film lie before it."""
        bare = (carrier or self.carrier or Carrier()).bare
        return Session(instance, live=live, bare=bare, beat=self.beat, start=start, waited=waited)

    def shrink(self, params: Mapping[str, Any], fails: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The parameters without those that the failure does not need."""
        kept = dict(params)
        for name in params if self.affords(4 * len(params)) else ():
            without = {key: value for key, value in kept.items() if key != name}
            if fails(without):
                kept = without
        return kept

    def finding(
        self, code: str, message: str, *, error: BaseException | None = None, field: str | None = None
    ) -> Finding:
        """A finding at the field's line, at the plugin's line that raised, or at the pipeline class."""
        raised = raised_at(error, self.pipeline.__module__.split(".")[0])
        place = class_place(self.config, field) if field else raised
        if error is not None:
            message = f"{message}: {type(error).__name__}: {_first_line(error)}"
        cause = str(raised) if raised else None
        return Finding(code, message, place or class_place(self.pipeline), self.config.pipeline_id, cause)


def told(params: Mapping[str, Any]) -> str:
    """Parameters for a message; empty for none."""
    return f" with {', '.join(f'{name}={value!r}' for name, value in params.items())}" if params else ""


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0][:200] if text else "(no message)"

"""Plays a pipeline on the host's own stage and keeps what came of it, errors included."""

import random
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
import torch
from torch import Tensor

from scope.core.pipelines.interface import Pipeline
from scope.runtime import checks
from scope.runtime.faults import PipelineError
from scope.runtime.frames import Frame, Stamp
from scope.runtime.stage import Conditions, Stage
from scope_testkit.clock import FakeClock

FRAME_SECONDS = 1.0 / 30.0
# A generator that is paced by time says "nothing yet" with an empty dict; this many times in a row is two seconds.
PATIENCE = 120

# What a stage passes on its own account, and what only the original host does.
HOST_KEYWORDS = frozenset({"init_cache", "input_mode", "pipeline_ids", "frame_time"})
ORIGINAL_KEYWORDS: Mapping[str, Any] = {"graph": None}


@dataclass(frozen=True)
class Call:
    """One call of a host: the frames it gathered (None in text mode) and the parameters set so far."""

    frames: Sequence[Tensor] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def clip(self) -> list[Tensor]:
        """The frames, none in text mode."""
        return list(self.frames or ())


@dataclass
class Film:
    """What a sequence of calls gave. `error` is what the last call raised; `pictures` has one THWC tensor for each
    earlier call, float32 on the CPU, made showable as the host does it: NaN to black, clamped to [0, 1].

    Of a pipeline that makes sound only (`key` is "audio") `pictures` has its samples, (channels, N) in [-1, 1].
    """

    results: list[Any] = field(default_factory=list)
    pictures: list[Tensor] = field(default_factory=list)
    error: BaseException | None = None
    key: Literal["video", "audio"] = "video"

    @property
    def ok(self) -> bool:
        """True if no call raised and every result held a picture, or sound where that is all there is."""
        return self.error is None and len(self.pictures) == len(self.results) > 0


class Session:
    """A pipeline instance on a stage of the host, in the kit's time.

    Parameters of a call stay for the later ones, as in every host. `live`: the pipeline follows the clock and gets no
    `frame_time`. `bare`: it gets frames and parameters alone. `beat` is called before each call: a sign of life.
    `start`: how many calls of the film lie before the first one. `waited`: seconds that passed since the instance was built.
    """

    def __init__(
        self,
        instance: Pipeline,
        *,
        live: bool = False,
        bare: bool = False,
        beat: Callable[[], None] = lambda: None,
        start: float = 0,
        waited: float = 0.0,
    ) -> None:
        self.clock = FakeClock()
        self.clock.advance(waited + start * FRAME_SECONDS)
        self._watched = _Watched(instance, self.clock, bare)
        conditions = Conditions(1.0 / FRAME_SECONDS, live=live, pipeline_ids=["under-test"])
        self._stage = Stage(cast("Pipeline", self._watched), conditions)
        self._beat = beat
        self._calls = start
        self.key: Literal["video", "audio"] = "video" if instance.get_config_class().produces_video else "audio"

    def watch(self, around: AbstractContextManager[Any]) -> None:
        """From now on each call of the pipeline itself, without what the stage does, runs inside this context."""
        self._watched.around = around

    def need(self) -> int:
        """Frames that a call in video mode takes; raises where `prepare` gives no usable answer."""
        return self._stage.need()

    def call(self, call: Call) -> Any:
        """The result of one call; an empty dict is asked again while time passes, as a host does.

        Raises whatever the pipeline raises. A result that the stage refuses is returned as it is.
        """
        self._beat()
        result = {}
        for _ in range(PATIENCE):
            result = self.once(call)
            if result != {}:
                break
            self.clock.advance(FRAME_SECONDS / 2)
        self._calls += 1
        self.clock.advance(FRAME_SECONDS)
        return result

    def once(self, call: Call) -> Any:
        """The result of one call, "nothing yet" included. No time passes."""
        frames = [Frame(pixels, Stamp(self._calls * FRAME_SECONDS)) for pixels in call.clip]
        self._stage.mode = "text" if call.frames is None else "video"
        self._stage.frame_dtype = "float32" if any(f.pixels.is_floating_point() for f in frames) else "uint8"
        self._stage.mailbox.post(call.params)
        try:
            self._stage.call(frames, self._calls * FRAME_SECONDS)
        except PipelineError as refused:
            if refused.__cause__ is not None:
                raise refused.__cause__ from None
        return self._watched.result


class _Watched:
    """An instance as the stage sees it; keeps what came out."""

    def __init__(self, instance: Pipeline, clock: FakeClock, bare: bool) -> None:
        self._instance, self._clock, self._bare = instance, clock, bare
        self.around: AbstractContextManager[Any] = nullcontext()
        self.result: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._instance, name)

    def __call__(self, **keywords: Any) -> Any:
        given = {name: value for name, value in keywords.items() if name not in HOST_KEYWORDS}
        self.result = None
        with self._clock.installed(), self.around:
            self.result = self._instance(**(given if self._bare else {**ORIGINAL_KEYWORDS, **keywords}))
        return self.result


def play(session: Session, calls: Sequence[Call], *, seed: int = 0) -> Film:
    """Make the calls one after another until one raises.

    `seed` fixes the global random generators before each call, so that unseeded randomness does not blur comparisons.
    """
    film = Film(key=session.key)
    for index, call in enumerate(calls):
        with seeded(seed + index):
            result, film.error = attempt(session.call, call)
        if film.error is not None:
            break
        film.results.append(result)
        picture = showable(result) if film.key == "video" else audible(result)
        if picture is not None:
            film.pictures.append(picture)
    return film


def attempt(function: Any, *args: Any, **kwargs: Any) -> tuple[Any, BaseException | None]:
    """The function's value and no error, or None and the error that a plugin raised."""
    try:
        return function(*args, **kwargs), None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - code under test may raise anything
        return None, error


def showable(result: Any) -> Tensor | None:
    """The picture in a result as a host shows it, on the CPU, or None where the host refuses it."""
    try:
        video = checks.Checks("under-test").video(result)
    except PipelineError:
        return None
    return None if video is None else checks.showable(video).cpu()


def audible(result: Any) -> Tensor | None:
    """The samples in a result as a host plays them, (channels, N), or None where it has none or the host refuses them."""
    try:
        sound = checks.sound_in("under-test", result) if isinstance(result, dict) else None
    except PipelineError:
        return None
    return sound.samples if sound else None


@contextmanager
def seeded(seed: int) -> Generator[None]:
    """Fix the global generators of torch, numpy and random, and put them back afterwards."""
    # torch.random.fork_rng and torch.manual_seed do the same and cost more than a call of many a pipeline.
    generators = [torch.default_generator, *(torch.cuda.default_generators if torch.cuda.is_initialized() else ())]
    states = [generator.get_state() for generator in generators]
    others = random.getstate(), np.random.get_state()
    for generator in generators:
        generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)
        random.setstate(others[0])
        np.random.set_state(others[1])


def differ(one: Film, other: Film, tolerance: float = 1e-3) -> bool:
    """Whether two films show anything different: another size, another length, or a value off by more than that."""
    if len(one.pictures) != len(other.pictures):
        return True
    pairs = zip(one.pictures, other.pictures, strict=True)
    return any(a.shape != b.shape or bool((a - b).abs().max() > tolerance) for a, b in pairs)


def fault(film: Film) -> str | None:
    """Why a film is not fit to be shown, in words; None if it is."""
    if film.error is not None:
        lines = str(film.error).strip().splitlines()
        return f"raises {type(film.error).__name__}: {lines[0][:160] if lines else '(no message)'}"
    if not film.ok:
        return "gives no THWC picture of 3 channels" if film.key == "video" else "gives no sound"
    if any(not bool(torch.isfinite(result[film.key]).all()) for result in film.results):
        return "gives values that are not finite"
    return None

"""Plays a pipeline the way a host does and keeps what came of it, errors included."""

import random
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from scope_testkit.clock import FakeClock

FRAME_SECONDS = 1.0 / 30.0
# A generator that is paced by time says "nothing yet" with an empty dict; this many times in a row is two seconds.
PATIENCE = 120

# What the original host passes besides frames and parameters, and the embedded host's time of the frame.
HOST_KEYWORDS: Mapping[str, Any] = {"pipeline_ids": ["under-test"], "graph": None}


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
    earlier call, float32 on the CPU, made showable as the host does it: NaN to black, clamped to [0, 1]."""

    results: list[Any] = field(default_factory=list)
    pictures: list[Tensor] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def ok(self) -> bool:
        """True if no call raised and every result held a picture."""
        return self.error is None and len(self.pictures) == len(self.results) > 0


class Stage:
    """One session of a host with one pipeline instance. `beat` is called before each call: a sign of life."""

    def __init__(self, instance: Any, *, bare: bool = False, beat: Callable[[], None] = lambda: None) -> None:
        self._instance = instance
        self._bare = bare
        self._beat = beat
        self._clock = FakeClock()
        self._calls = 0

    def call(self, call: Call) -> Any:
        """The result of one call; an empty dict is asked again while time passes, as a host does."""
        self._beat()
        keywords = self._keywords(call)
        for _ in range(PATIENCE):
            with self._clock.installed():
                result = self._instance(**keywords)
            if result != {}:
                break
            self._clock.advance(FRAME_SECONDS / 2)
            keywords.pop("init_cache", None)
        self._calls += 1
        self._clock.advance(FRAME_SECONDS)
        return result

    def _keywords(self, call: Call) -> dict[str, Any]:
        frames = {} if call.frames is None else {"video": list(call.frames)}
        if self._bare:
            return {**call.params, **frames}
        mode = "text" if call.frames is None else "video"
        timing = {"init_cache": self._calls == 0, "frame_time": self._calls * FRAME_SECONDS, "input_mode": mode}
        return {**HOST_KEYWORDS, **timing, **call.params, **frames}


def play(stage: Stage, calls: Sequence[Call], *, seed: int = 0) -> Film:
    """Make the calls one after another until one raises.

    `seed` fixes the global random generators before each call, so that unseeded randomness does not blur comparisons.
    """
    film = Film()
    for index, call in enumerate(calls):
        with seeded(seed + index):
            result, film.error = attempt(stage.call, call)
        if film.error is not None:
            break
        film.results.append(result)
        picture = showable(result)
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
    """The picture in a result as a host shows it, or None where the original host could not show it."""
    video = result.get("video") if isinstance(result, dict) else None
    if not isinstance(video, Tensor) or video.ndim != 4 or video.shape[-1] != 3 or video.numel() == 0:
        return None
    return torch.nan_to_num(video.detach().to("cpu", torch.float32, copy=True), 0.0).clamp(0.0, 1.0)


@contextmanager
def seeded(seed: int) -> Generator[None]:
    """Fix the global generators of torch, numpy and random, and put them back afterwards."""
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])


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
        return "gives no THWC picture of 3 channels"
    if any(not bool(torch.isfinite(result["video"]).all()) for result in film.results):
        return "gives values that are not finite"
    return None

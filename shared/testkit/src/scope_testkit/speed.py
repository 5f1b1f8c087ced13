"""How fast a pipeline is: a table to read, not a verdict."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from scope_testkit.play import Call, attempt
from scope_testkit.subject import Subject

# Each is (height, width).
SIZES = ((512, 512), (720, 1280))
_SECONDS = 3.0
_CALLS = 20


@dataclass(frozen=True)
class Row:
    """One line of the table. `syncs` is None without a GPU; `allocations` counts new tensor storages, `mebibytes` their
    size, both a frame. `ms` is the fastest of the calls, a frame."""

    pipeline: str
    mode: str
    size: str
    first_ms: float
    ms: float
    allocations: float
    mebibytes: float
    syncs: float | None


class _Allocations(TorchDispatchMode):
    """Counts the storages that operations bring into being."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        known = {t.untyped_storage().data_ptr() for t in _tensors((args, tuple(kwargs.values())))}
        result = func(*args, **kwargs)
        for tensor in _tensors((result,)):
            if tensor.untyped_storage().data_ptr() not in known:
                self.count += 1
                self.bytes += tensor.untyped_storage().nbytes()
        return result


def measure(subject: Subject) -> Iterator[Row]:
    """The table's rows: every mode at 512x512 and 1280x720, text modes at their own size."""
    for mode in subject.modes:
        view = subject.view(mode)
        if view.carrier is None:
            continue
        for size in SIZES if mode == "video" else (None,):
            if view.affords(2, size):
                yield _row(view, size)


def _row(view: Subject, size: tuple[int, int] | None) -> Row:
    own = {name: view.defaults[name] for name in ("height", "width") if name in view.defaults}
    stage = view.stage(view.build(**own))
    calls = view.calls(_CALLS, size=size) if view.affords(_CALLS, size) else view.calls(2, size=size)
    first, result = _timed(lambda: stage.call(calls[0]))
    frames = len(result["video"])
    best = _best(lambda call: stage.call(call), calls[1:])
    allocations = _Allocations()
    with allocations:
        attempt(stage.call, calls[-1])
    height, width = result["video"].shape[1:3]
    return Row(
        pipeline=view.config.pipeline_id,
        mode=view.mode,
        size=f"{width}x{height}",
        first_ms=first * 1000,
        ms=best * 1000 / frames,
        allocations=allocations.count / frames,
        mebibytes=allocations.bytes / frames / 2**20,
        syncs=_syncs(lambda: stage.call(calls[-1]), frames),
    )


def _best(function: Callable[[Call], Any], calls: list[Call]) -> float:
    best, begun = float("inf"), time.perf_counter()
    for call in calls:
        best = min(best, _timed(lambda call=call: function(call))[0])
        if time.perf_counter() - begun > _SECONDS:
            break
    return best


def _timed(function: Callable[[], Any]) -> tuple[float, Any]:
    _wait()
    start = time.perf_counter()
    result = function()
    _wait()
    return time.perf_counter() - start, result


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _syncs(function: Callable[[], Any], frames: int) -> float | None:
    """Times a frame that the host waits for the GPU, as torch itself warns of them."""
    if not torch.cuda.is_available():
        return None
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            function()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return sum("synchroniz" in str(warning.message) for warning in caught) / frames


def _tensors(things: Any) -> Iterator[torch.Tensor]:
    for thing in things:
        if isinstance(thing, torch.Tensor):
            yield thing
        elif isinstance(thing, list | tuple):
            yield from _tensors(thing)

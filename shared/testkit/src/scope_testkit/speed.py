"""How fast a pipeline is: a table to read, not a verdict."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter  # the function itself: while a pipeline runs the module's is the kit's clock
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from scope_testkit.play import Call, Session
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


class _Timer:
    """Real seconds of the last call, until the GPU has done its part."""

    seconds = 0.0

    def __enter__(self) -> None:
        _wait()
        self._begun = perf_counter()

    def __exit__(self, *exception: object) -> None:
        _wait()
        self.seconds = perf_counter() - self._begun


class _SyncWarnings:
    """Lets torch warn of each wait for the GPU."""

    def __enter__(self) -> None:
        torch.cuda.set_sync_debug_mode("warn")

    def __exit__(self, *exception: object) -> None:
        torch.cuda.set_sync_debug_mode("default")


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
    session, timer = view.session(view.build(**own)), _Timer()
    calls = view.calls(_CALLS, size=size) if view.affords(_CALLS, size) else view.calls(2, size=size)
    session.watch(timer)
    result = session.call(calls[0])
    frames, (height, width) = len(result["video"]), result["video"].shape[1:3]
    first, best = timer.seconds, _best(session, timer, calls[1:])
    session.watch(allocations := _Allocations())
    session.call(calls[-1])
    return Row(
        pipeline=view.config.pipeline_id,
        mode=view.mode,
        size=f"{width}x{height}",
        first_ms=first * 1000,
        ms=best * 1000 / frames,
        allocations=allocations.count / frames,
        mebibytes=allocations.bytes / frames / 2**20,
        syncs=_syncs(session, calls[-1]) / frames if torch.cuda.is_available() else None,
    )


def _best(session: Session, timer: _Timer, calls: list[Call]) -> float:
    best, begun = float("inf"), perf_counter()
    for call in calls:
        session.call(call)
        best = min(best, timer.seconds)
        if perf_counter() - begun > _SECONDS:
            break
    return best


def _syncs(session: Session, call: Call) -> int:
    """Times that the pipeline waits for the GPU, as torch itself warns of them."""
    session.watch(_SyncWarnings())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        session.call(call)
    return sum("synchroniz" in str(warning.message) for warning in caught)


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _tensors(things: Any) -> Iterator[torch.Tensor]:
    for thing in things:
        if isinstance(thing, torch.Tensor):
            yield thing
        elif isinstance(thing, list | tuple):
            yield from _tensors(thing)

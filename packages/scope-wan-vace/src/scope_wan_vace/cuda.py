"""CUDA streams and graphs; on every other device the same calls run at once, one after the other."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from torch.cuda.graphs import _POOL_HANDLE

logger = logging.getLogger(__name__)


class Lane:
    """A CUDA stream that starts after whatever the caller has queued so far."""

    def __init__(self, device: torch.device):
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    @contextmanager
    def run(self) -> Generator[None]:
        """Queue what happens inside on this lane."""
        if self._stream is None:
            yield
            return
        self._stream.wait_stream(torch.cuda.current_stream(self._stream.device))
        with torch.cuda.stream(self._stream):
            yield

    def hand_over(self, *results: Tensor) -> None:
        """Let the caller's stream wait for this lane, and keep the memory of `results` until the caller is done."""
        if self._stream is None:
            return
        current = torch.cuda.current_stream(self._stream.device)
        current.wait_stream(self._stream)
        for result in results:
            result.record_stream(current)


class Replay[ResultT]:
    """A function of tensors at fixed addresses, replayed as one CUDA graph.

    The first call runs it plainly, which compiles and picks kernels; the second records it. Results lie at fixed
    addresses too and are overwritten by the next call.

    Args:
        enabled: False calls the function every time, as on devices without CUDA.
        pool: memory to share with graphs that never run at the same time and whose results are copied out.
    """

    def __init__(self, function: Callable[[], ResultT], enabled: bool, pool: "_POOL_HANDLE | None" = None):
        self._function, self._enabled, self._pool = function, enabled, pool
        self._called = False
        self._graph: torch.cuda.CUDAGraph | None = None
        self._result: ResultT | None = None

    def __call__(self) -> ResultT:
        if not self._enabled or not self._called:
            self._called = True
            return self._function()
        if self._graph is None and not self._record():
            return self._function()
        assert self._graph is not None
        self._graph.replay()
        return self._result  # ty: ignore[invalid-explicit-return]

    def _record(self) -> bool:
        graph = torch.cuda.CUDAGraph()
        try:
            # Other threads of the host go on using the device meanwhile.
            with torch.cuda.graph(
                graph, pool=self._pool, stream=_recording_stream(), capture_error_mode="thread_local"
            ):
                self._result = self._function()
        except RuntimeError as error:
            logger.warning("scope-wan-vace: CUDA graph not recorded, running without: %s", error)
            self._enabled = False
            return False
        self._graph = graph
        return True


def _recording_stream() -> torch.cuda.Stream | None:
    """The current stream, for cuBLAS keeps scratch memory by stream: graphs of two lanes that were recorded on one would
    share it while they run side by side. None: a stream of PyTorch's own, since nothing can be recorded on the default.
    """
    current = torch.cuda.current_stream()
    return None if current == torch.cuda.default_stream() else current

"""`torch.compile` for one owner of a function."""

from collections.abc import Callable
from types import FunctionType

import torch


def compiled_apart(function: Callable, backend: str | Callable, *, dynamic: bool, fullgraph: bool = False) -> Callable:
    """A compiled copy of `function` with code of its own.

    PyTorch keeps compiled versions by code object, eight at most, and then refuses to compile or runs plainly for good.
    Copies do not use up each other's: a stream of another size or model gets all eight, and they go with their owner.

    Args:
        dynamic, fullgraph: as of `torch.compile`.
    """
    assert isinstance(function, FunctionType)
    copy = FunctionType(function.__code__.replace(), function.__globals__, function.__name__)
    return torch.compile(copy, backend=backend, dynamic=dynamic, fullgraph=fullgraph)

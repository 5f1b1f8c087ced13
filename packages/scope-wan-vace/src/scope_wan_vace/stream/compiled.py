"""How blocks are run: as they are, or compiled once for all thirty.

Compiled code is kept by function, a handful of versions each. So chunks of a full window, whose shapes never change,
have functions of their own; whatever varies (a window that fills, references, a recache) is compiled with symbolic
sizes, in other functions, and can never use up the versions of the first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from scope_wan_vace.model.dit import RunBlock, run_plain


@dataclass(frozen=True)
class Runners:
    """How main and VACE blocks are run, for chunks of a full window (`steady`) and for all others (`varying`)."""

    steady: RunBlock = run_plain
    steady_vace: RunBlock = run_plain
    varying: RunBlock = run_plain
    varying_vace: RunBlock = run_plain


PLAIN = Runners()


def _steady(block: nn.Module, *arguments: object) -> Tensor:
    return block(*arguments)


def _steady_vace(block: nn.Module, *arguments: object) -> Tensor:
    return block(*arguments)


def _varying(block: nn.Module, *arguments: object) -> Tensor:
    return block(*arguments)


def _varying_vace(block: nn.Module, *arguments: object) -> Tensor:
    return block(*arguments)


def compiled(backend: str | Callable = "inductor") -> Runners:
    """Runners that compile each function at its first use.

    A model is a loop over equal blocks, so compiling one costs a thirtieth of compiling the whole and loses nothing:
    a block's kernels take far longer than launching them.
    """

    def fixed(function: RunBlock) -> RunBlock:
        return torch.compile(function, backend=backend, fullgraph=True, dynamic=False)

    def symbolic(function: RunBlock) -> RunBlock:
        return torch.compile(function, backend=backend, fullgraph=True, dynamic=True)

    return Runners(fixed(_steady), fixed(_steady_vace), symbolic(_varying), symbolic(_varying_vace))

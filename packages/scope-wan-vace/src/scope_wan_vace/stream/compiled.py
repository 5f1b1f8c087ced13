"""How blocks are run: as they are, or compiled once for all thirty.

Compiled code is kept by function, a handful of versions each. So chunks of a full window, whose shapes never change,
have functions of their own; whatever varies (a window that fills, references, a recache) is compiled with symbolic
sizes, in other functions, and can never use up the versions of the first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scope_wan_vace.compiling import compiled_apart
from scope_wan_vace.model.dit import RunBlock, run_plain


@dataclass(frozen=True)
class Runners:
    """How main and VACE blocks are run, for chunks of a full window (`steady`) and for all others (`varying`)."""

    steady: RunBlock = run_plain
    steady_vace: RunBlock = run_plain
    varying: RunBlock = run_plain
    varying_vace: RunBlock = run_plain


PLAIN = Runners()


def compiled(backend: str | Callable = "inductor") -> Runners:
    """Runners of one stream that compile each function at its first use.

    A model is a loop over equal blocks, so compiling one costs a thirtieth of compiling the whole and loses nothing:
    a block's kernels take far longer than launching them.
    """
    apart = partial(compiled_apart, run_plain, backend, fullgraph=True)
    return Runners(apart(dynamic=False), apart(dynamic=False), apart(dynamic=True), apart(dynamic=True))

"""What an effect is: its controls and its function, side by side in one module."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.plugin.clock import Beat

type Memory = dict[str, Tensor]
"""What an effect keeps from frame to frame. Empty at the start, after a reset, with a new size, and while it is off."""


@dataclass(frozen=True)
class Context:
    """What an effect is told of a frame beside its controls.

    `seconds` and `index`: time and number of the frame since the last reset. `elapsed`: seconds since the frame before.
    `seed`: the pipeline's `base_seed`. `beat`: where the music is, None without a tempo. `bytes`: whether the effect gets
    a host's bytes, see `Effect.takes_bytes`.
    """

    height: int
    width: int
    seconds: float
    index: int
    elapsed: float
    seed: int
    beat: Beat | None
    bytes: bool = False


class Effect(ABC):
    """One effect of a chain: short methods, of which only `apply` must be written.

    An instance holds no state; a `Chain` calls it for every frame, in this order:

    1. `is_on`: does it do anything at these controls? If not, it costs nothing and the frame passes through untouched.
    2. `variant`: which of its discrete forms is asked for: a menu's choice, a number of segments.
    3. `maps`: what depends only on the picture's size and on the variant. Kept until the size changes.
    4. `numbers`: the controls as the tensors need them, by ordinary arithmetic on the host (`2.0**exposure`).
    5. `plan`: what depends on maps and numbers but not on the picture. Kept while the numbers that it reads rest.
    6. `beside`: what of the plan this frame needs; all of it, unless overridden.
    7. `look`, of an effect that `looks`: what of the whole picture its pixels need, such as a blur at a low size.
    8. `apply`: the picture.

    `plan`, `beside`, `look` and `apply` get each number as a float on a CPU and as a 0-dim tensor on a GPU, so that a compiled
    effect is never compiled again while sliders move. That sets their one rule: tensor operators only on numbers, no `if`, no
    `math`, no `float()`. A decision between forms belongs into `variant`, arithmetic into `numbers`.
    """

    fields: ClassVar[type[BaseModel]]
    """The controls. They become a part of the pipeline's schema; the first one is the amount."""

    pointwise: ClassVar[bool] = False
    """Whether each pixel of `apply`'s result depends only on the same pixel of the frame and of the plan's tensors."""

    looks: ClassVar[bool] = False
    """Whether `apply` gets for the plan what `look` has made of it. A pointwise effect that looks shares the bands of those
    after it: on a CPU their pass over the picture costs no more than one."""

    keeps_state: ClassVar[bool] = True
    """Whether its picture depends on more than the frame, the controls and the time: on `memory`, or on the number of the
    frame or the time since the one before. Where every effect that is on says False a host may split a long film."""

    apply_only: ClassVar[frozenset[str]] = frozenset()
    """Names of numbers that `plan` does not read, such as an offset that changes with every frame: a plan outlives them."""

    pulses: ClassVar[bool] = True
    """Whether a pipeline's beat may move the amount; not for an amount that is a choice, or that memory hangs on."""

    takes_bytes: ClassVar[bool] = False
    """Whether `apply_bytes` stands in for `apply` where it can: on a CPU, where a host sends bytes, of the first effect that is
    on, if it is pointwise and does not look. `variant` and `numbers` learn of it by the context.
    """

    def is_on(self, p: Any) -> bool:
        """Whether the effect does anything; unless overridden, whether its first control is not 0."""
        return bool(getattr(p, self._amount))

    @cached_property
    def _amount(self) -> str:
        # Asked for with every frame, and a model takes its time to list its fields.
        return next(iter(self.fields.model_fields))

    def variant(self, p: Any, context: Context) -> Hashable:
        """The discrete choices behind `maps`, small and hashable. Sliders do not belong here."""
        return None

    def maps(self, size: tuple[int, int], device: torch.device, variant: Any) -> Any:
        """Tensors and choices for pictures of `size` (height, width): a tensor, a tuple, or None."""
        return None

    def numbers(self, p: Any, context: Context) -> tuple[Any, ...]:
        """What sliders and time come to: floats, in a `NamedTuple` best, which may hold tuples of floats."""
        return ()

    def plan(self, n: Any, maps: Any) -> Any:
        """What follows from numbers and maps alone. Of a pointwise effect: a tensor or a tuple."""
        return maps

    def beside(self, n: Any, plan: Any) -> Any:
        """What `apply` gets for the plan: of a plan that outlives numbers what this frame needs, such as a window of it."""
        return plan

    def look(self, frame: Tensor, n: Any, plan: Any, memory: Memory) -> Any:
        """What `apply` gets for the plan, once the whole frame is there: a tensor, `Rows`, or a tuple. `frame`, 1CHW in
        [0, 1], is not written to, and not kept: `apply` writes over it.
        """
        return plan

    @abstractmethod
    def apply(self, frame: Tensor, n: Any, plan: Any, memory: Memory) -> Tensor:
        """1CHW float32 in [0, 1] to the same, within [0, 1] but for rounding.

        `frame` may be written over and returned, and what is returned may be written over by others: into `memory` goes
        what nobody else has, or a copy.
        """

    def apply_bytes(self, host: Tensor, into: Tensor, n: Any, plan: Any) -> Tensor:
        """As `apply`, but of a host's 1CHW uint8 in [0, 255], in any layout; `into` is 1CHW float32 to be written to and
        returned. An effect that `takes_bytes` has to have it.
        """
        raise NotImplementedError

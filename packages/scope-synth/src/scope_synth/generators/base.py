"""What a generator is: a name in the menu, its controls, and its function, side by side in one module."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel

from scope_gpu.plugin.clock import Beat
from scope_gpu.plugin.controls import unit_slider
from scope_synth.typography.lettering import Lettering
from scope_synth.view import Field, View

type Memory = dict[str, Any]
"""What a generator keeps from frame to frame. Empty at the start, after a reset, and with another generator or size."""


class SharedFields(BaseModel):
    """Controls that mean the same in all generators, as far as they can."""

    synth_detail: float = unit_slider(
        "Detail",
        "Fineness: octaves of noise, rings in cells, the number of stars, drops, bars or lines, echoes or rows of type",
        0.5,
        order=10,
    )
    synth_warp: float = unit_slider(
        "Warp",
        "Distortion: bends noise and cells, winds the tunnel, frays the fractal, draws out stars, ripples type",
        0.5,
        order=11,
    )


@dataclass(frozen=True)
class Scene:
    """What a generator is told of a frame beside its controls.

    `phase`: seconds of motion, at the pace of the speed control. `seed`: another one, another film. `text`: what can be
    drawn of the text or the prompt, never empty, and the `lettering` to draw it with. `beat`: where the music is, None
    while it stands still.
    """

    view: View
    phase: float
    seed: int
    text: str
    lettering: Lettering
    beat: Beat | None = None


class Generator(ABC):
    """One entry of the menu. An instance holds no state.

    `fields` are controls of this generator alone; every generator may also read those of `SharedFields`.
    """

    name: ClassVar[str]
    fields: ClassVar[type[BaseModel] | None] = None

    @abstractmethod
    def draw(self, scene: Scene, p: Any, memory: Memory) -> Field:
        """The field of one frame under the controls `p`."""

"""Type: the words of a text or prompt, in motion over dim clouds."""

from pydantic import BaseModel

from scope_gpu.plugin.controls import choice
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.typography.backdrop import over_clouds
from scope_synth.typography.layouts import LAYOUTS
from scope_synth.view import Field


class TypeFields(BaseModel):
    synth_layout: str = choice(
        "Type layout",
        "How type moves: word by word, on rippling cloth, in running rows, in turning rings",
        "words",
        order=3,
    )


class _Controls(SharedFields, TypeFields):
    """Everything that type reads."""


class Type(Generator):
    """Text, laid out and moved as the menu of layouts says."""

    name = "type"
    fields = TypeFields

    def draw(self, scene: Scene, p: _Controls, memory: Memory) -> Field:
        view, phase, seed = scene.view, scene.phase, scene.seed
        layout = LAYOUTS[p.synth_layout]
        letters = layout(view, phase, seed, scene.text, scene.lettering, p.synth_detail, p.synth_warp)
        return over_clouds(letters, view, phase, seed)

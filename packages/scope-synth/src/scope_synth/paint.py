"""From a field to color."""

import logging

import torch
from torch import Tensor

from scope_gpu.image.palette import PaletteError, colorize, loop_table, palette_table
from scope_synth.view import Field

logger = logging.getLogger(__name__)


def paint(field: Field, table: Tensor, *, hue: float, bands: float, intensity: float, contrast: float) -> Tensor:
    """Color a field: 1CHW sRGB in [0, 1] and somewhat above.

    Args:
        table: a palette, (3, N).
        hue: added to the field's place in the palette, which `bands` multiplies about the palette's middle.
        intensity: multiplies light.
        contrast: the exponent of light.
    """
    place = (field.hue - 0.5) * bands + (0.5 + hue)
    light = (field.light.clamp(min=0.0) ** contrast).mul_(intensity)
    picture = colorize(place, table).mul_(light).add_((light - 1.0).clamp_(min=0.0))
    if field.fixed is not None:
        picture.mul_(1.0 - field.fixed.cover).add_(field.fixed.rgb)
    return picture[None]


class PaletteBox:
    """The table of the palette in use, on the device; colors that cannot be read are reported once."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._key: tuple[str, str] | None = None
        self._table = torch.empty(0)

    def table(self, name: str, colors: str) -> Tensor:
        """The palette `name`, or for "custom" the loop through `colors`, as (3, N). Where `colors` make no palette, the
        last one stays (mono at the start).
        """
        key = (name, colors if name == "custom" else "")
        if key != self._key:
            self._table = self._made(*key).to(self._device)
            self._key = key
        return self._table

    def _made(self, name: str, colors: str) -> Tensor:
        if name != "custom":
            return palette_table(name)
        try:
            return loop_table(colors)
        except PaletteError as error:
            logger.warning("synth: parameter 'synth_colors' %s; the last palette stays", error)
            return self._table if self._key else palette_table("mono")

"""From a field to color."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from scope_gpu.image.oklab import oklab_to_srgb, srgb_to_oklab
from scope_gpu.image.palette import PaletteError, colorize, loop_table, palette_table
from scope_synth.view import Field

logger = logging.getLogger(__name__)

_KEPT = 8


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
    """The tables of the palettes in use, on the device; colors that cannot be read are reported once."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._tables: OrderedDict[tuple[str, str], Tensor] = OrderedDict()
        self._last = palette_table("mono")
        self._blend: tuple[Any, Tensor] = (None, self._last)

    def blend(self, palettes: Sequence[tuple[str, str, float]]) -> Tensor:
        """Palettes by name and colors, with shares that sum to 1, blended in OKLab: (3, N).

        A name "custom" is the loop through its colors. Where colors make no palette, the last one that could be read
        stands in (mono at the start).
        """
        shares: dict[tuple[str, str], float] = {}
        for name, colors, share in palettes:
            key = (name, colors if name == "custom" else "")
            shares[key] = shares.get(key, 0.0) + share
        tables = [self._table(key) for key in shares]
        if len(tables) == 1:
            return tables[0]
        if self._blend[0] != shares:
            labs = [srgb_to_oklab(t[:, None]) * share for t, share in zip(tables, shares.values(), strict=True)]
            self._blend = (shares, oklab_to_srgb(torch.stack(labs).sum(0))[:, 0].clamp_(0.0, 1.0))
        return self._blend[1]

    def _table(self, key: tuple[str, str]) -> Tensor:
        if key not in self._tables:
            self._tables[key] = self._made(*key).to(self._device)
            if len(self._tables) > _KEPT:
                self._tables.popitem(last=False)
        self._tables.move_to_end(key)
        self._last = self._tables[key]
        return self._last

    def _made(self, name: str, colors: str) -> Tensor:
        if name != "custom":
            return palette_table(name)
        try:
            return loop_table(colors)
        except PaletteError as error:
            logger.warning("synth: parameter 'synth_colors' %s; the last palette stays", error)
            return self._last

"""From a field to color."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.oklab import oklab_to_srgb, srgb_to_oklab
from scope_gpu.image.palette import PaletteError, colorize, loop_table, palette_table
from scope_synth.view import Field, strips

logger = logging.getLogger(__name__)

_KEPT = 8
# Of how many places of a palette the shadows are computed, which lightnesses count as alike, and how far a hue turns.
_PLACES = 256
_DARKER, _ALIKE = 0.65, 0.1
_TURNED = 0.85


def paint(
    field: Field, table: Tensor, noise: Tensor | None, *, hue: float, bands: float, intensity: float, contrast: float
) -> Tensor:
    """Color a field: 1CHW sRGB in [0, 1].

    Args:
        table: a palette with its shadows, (6, N), see `with_shadows`.
        noise: what keeps slow gradients from breaking into bands at 8 bits, HW (`dither` of `scope_gpu`).
        hue: added to the field's place in the palette, which `bands` multiplies about the palette's middle.
        intensity: multiplies light.
        contrast: the exponent of light.
    """
    hues, lights = torch.broadcast_tensors(field.hue, field.light)
    picture = torch.empty((3, *lights.shape), device=lights.device)
    for rows in strips(lights.shape[-2], lights):
        place = (hues[rows] - 0.5).mul_(bands).add_(0.5 + hue)
        light = lights[rows].clamp(min=0.0).pow_(contrast)
        color, shadow = colorize(place, table).split(3)
        color = torch.lerp(shadow, color, light.clamp(max=1.0), out=picture[:, rows])
        light.mul_(intensity)
        color.mul_(light).add_(light.sub_(1.0).clamp_(min=0.0))
        if noise is not None:
            color.add_(noise[rows])
        color.clamp_(0.0, 1.0)
    if field.fixed is not None:
        picture.mul_(1.0 - field.fixed.cover).add_(field.fixed.rgb)
    return picture[None]


def with_shadows(table: Tensor) -> Tensor:
    """A palette (3, N) and under it the colors that it darkens towards, (6, N).

    Dark yellow is olive, and mud beside red and purple. So a color darkens as painters have it, towards the darker colors
    of its own palette, those of about two thirds of its lightness, as far as they agree on a hue.
    """
    lab = srgb_to_oklab(table[:, None])[:, 0]
    few = F.interpolate(lab[None], _PLACES, mode="area")[0]
    lightness = few[0]
    near = torch.exp(-((lightness - _DARKER * lightness[:, None]) / _ALIKE).square())
    mean = (near @ few.T / near.sum(1, keepdim=True)).T
    chroma = near @ torch.hypot(few[1], few[2]) / near.sum(1)
    agreed = torch.hypot(mean[1], mean[2]) / chroma.clamp(min=1e-4)
    mean[1:] /= agreed.clamp(min=0.2)
    shadow = torch.lerp(few, mean * (lightness / mean[0].clamp(min=1e-4)), agreed * _TURNED)
    # The loop is closed: the last place runs on into the first.
    around = torch.cat((shadow[:, -1:], shadow, shadow[:, :1]), 1)
    wide = F.interpolate(around[None], table.shape[1] * (_PLACES + 2) // _PLACES, mode="linear")[0]
    cut = (wide.shape[1] - table.shape[1]) // 2
    shadows = oklab_to_srgb(wide[:, None, cut : cut + table.shape[1]])[:, 0].clamp(min=0.0)
    return torch.cat((table, shadows))


class PaletteBox:
    """The tables of the palettes in use, on the device; colors that cannot be read are reported once."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._tables: OrderedDict[tuple[str, str], Tensor] = OrderedDict()
        self._last = palette_table("mono")
        self._blend: tuple[Any, Tensor] = (None, self._last)
        self._shaded: tuple[Tensor, Tensor] = (self._last, with_shadows(self._last))

    def shaded(self, palettes: Sequence[tuple[str, str, float]]) -> Tensor:
        """As `blend`, with its shadows: (6, N)."""
        table = self.blend(palettes)
        if self._shaded[0] is not table:
            self._shaded = (table, with_shadows(table))
        return self._shaded[1]

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

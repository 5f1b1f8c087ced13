"""LUT: looks of film, built in or from a `.cube` file."""

import logging
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope.core.config import get_assets_dir
from scope_fx.effects.cube import CubeError, nearest, neutral, packed, read_cube, resized, tetrahedral
from scope_fx.effects.film_looks import look
from scope_fx.effects.thresholds import blue_noise, laid_out
from scope_gpu.plugin.controls import choice, text, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

logger = logging.getLogger(__name__)

# Steps of the cube of which the nearest color is taken.
_FAST = 64


class LutFields(BaseModel):
    group: ClassVar[str] = "Color"

    lut: float = unit_slider("LUT", "Give the picture a look of film, or that of a .cube file")
    lut_look: Literal[
        "film", "teal and orange", "bleach bypass", "cross process", "day for night", "noir", "faded", "neon"
    ] = choice("LUT look", "The look, unless a file is named", "film")
    lut_file: str = text("LUT file", "A .cube file: its path, or its name in the host's folder of assets")
    lut_quality: Literal["fine", "fast"] = choice(
        "LUT quality", "Colors between the steps of the look, or the nearest step with a little noise", "fine"
    )


class Variant(NamedTuple):
    """`changed`: when the file was written, so that it is read again after that."""

    look: str
    file: str
    changed: int
    quality: str


class Numbers(NamedTuple):
    amount: float


class Maps(NamedTuple):
    """Two cubes, the neutral one and the look, and noise for the nearest color, three planes of it."""

    neutral: Tensor
    cube: Tensor
    noise: Tensor | None


class Lut(Effect):
    """A cube of colors between neutral and the look, as the amount says, so that a part of a look costs no more.

    "fine" is tetrahedral interpolation. "fast" takes the nearest of 64 steps after blue noise of half a step, which is
    right in the mean and looks like fine grain: about 9 clones of a frame instead of 32. A file
    that is no cube leaves the picture as it is.
    """

    fields = LutFields
    keeps_state = False
    pointwise = True

    def variant(self, p: LutFields, context: Context) -> Variant:
        path = _path(p.lut_file)
        return Variant(p.lut_look, str(path or ""), _changed(path), p.lut_quality)

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        cube = _cube(variant).to(device)
        if variant.quality == "fine":
            return Maps(neutral(cube.shape[-1]).to(device), cube, None)
        noise = laid_out(blue_noise(), *size)
        # The same noise at three places: as good as three noises.
        planes = torch.stack([noise.roll(shifts, (0, 1)) for shifts in ((0, 0), (23, 41), (47, 19))])
        return Maps(neutral(_FAST).to(device), resized(cube, _FAST), planes[None].to(device))

    def numbers(self, p: LutFields, context: Context) -> Numbers:
        return Numbers(p.lut)

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor, Tensor | None]:
        cube = torch.lerp(maps.neutral, maps.cube, n.amount)
        return cube if maps.noise is None else packed(cube), maps.noise

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Tensor | None], memory: Memory) -> Tensor:
        cube, noise = plan
        return tetrahedral(frame, cube) if noise is None else nearest(frame, cube, _FAST, noise)


def _path(file: str) -> Path | None:
    """A relative name is one in the folder of assets."""
    return get_assets_dir() / Path(file.strip()).expanduser() if file.strip() else None


def _changed(path: Path | None) -> int:
    try:
        return path.stat().st_mtime_ns if path else 0
    except (OSError, ValueError):
        return 0


def _cube(variant: Variant) -> Tensor:
    if not variant.file:
        return look(variant.look)
    try:
        return read_cube(Path(variant.file))
    except CubeError as error:
        logger.warning("fx: 'lut_file': %s; the picture stays as it is", error)
        return neutral(2)

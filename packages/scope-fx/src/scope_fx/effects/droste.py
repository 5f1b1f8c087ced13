"""Droste: the picture within itself, again and again, straight or as a spiral; moving, an endless zoom."""

import math
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import Whole
from scope_gpu.image.blur import shrink
from scope_gpu.image.warp import coordinates, mix_in, read
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# The least and the greatest size of a picture within the one around it.
_SMALLEST, _LARGEST = 0.15, 0.85
# The rim of the iris, in units of half the height.
_RIM = 0.06
# The shadow of a picture on the one around it, and the dark line along its own rim, as shares of the distance from the
# center: they hide the steps of a hard edge.
_SHADOW, _LINE, _DARK = 0.16, 0.014, 0.65
_OCTAVE = math.log(2.0)
# From so many halvings on a copy is read more and more from a picture of a quarter of the size.
_FAR = 0.5


class DrosteFields(BaseModel):
    group: ClassVar[str] = "Geometry"

    droste: float = unit_slider("Droste", "The picture within itself, from the center outwards")
    droste_size: float = unit_slider("Droste size", "How large it is within itself", 0.45)
    droste_twist: int = slider("Droste twist", "Arms of the spiral, to either side; 0 is straight", 1, -3, 3)
    droste_zoom: float = unit_slider("Droste zoom", "Nearer, until at 1 the inner picture has become the outer")
    droste_rate: float = slider("Droste rate", "Pictures that pass a second", 0.15, -1.0, 1.0)


class Numbers(NamedTuple):
    """`depth`: the logarithm of a picture's size within itself, and to the base of 2 `octaves`. `twist`: the imaginary part
    of the power. `near`: the zoom in pictures; `step`: how much it grows with this frame.
    """

    amount: float
    depth: float
    octaves: float
    twist: float
    near: float
    step: float


class Maps(NamedTuple):
    """Distance from the center and its logarithm, angle, and width by height; `whole`: whether the iris is wide open."""

    radius: Tensor
    distance: Tensor
    angle: Tensor
    aspect: float
    whole: bool


class Rings(NamedTuple):
    """What rests while the picture zooms: how many rims of pictures a point is within, the point of the rim in its
    direction, (2, H, W), how many doublings of its own distance that is away, and the distances an iris is of, None where
    it is wide open.
    """

    inwards: Tensor
    rim: Tensor
    outwards: Tensor
    radius: Tensor | None
    aspect: float


class Seen(NamedTuple):
    """The rings, the zoom, and what is read: the picture and a smaller one."""

    rings: Rings
    near: Tensor
    picture: Any
    small: Any


class Droste(Effect):
    """Points are taken as complex numbers z to z^(1 + i t log(r) / 2 pi), r the inner size and t the arms, so that once
    around leads t pictures inwards (de Smit & Lenstra, "The mathematical structure of Escher's Print Gallery", 2003); then
    into the ring between the picture's rim and the inner one by powers of r. Opens like an iris.
    """

    fields = DrosteFields
    pointwise = True
    looks = True
    apply_only = frozenset({"amount", "near", "step"})

    def variant(self, p: DrosteFields, context: Context) -> bool:
        return p.droste == 1.0

    def maps(self, size: tuple[int, int], device: torch.device, variant: bool) -> Maps:
        x, y = coordinates(*size, device)
        # In the very middle there is no direction, and the logarithm has to end somewhere.
        radius = torch.hypot(x, y).clamp_(min=1e-3)
        return Maps(radius, radius.log(), torch.atan2(y, x), size[1] / size[0], variant)

    def numbers(self, p: DrosteFields, context: Context) -> Numbers:
        depth = math.log(_SMALLEST + (_LARGEST - _SMALLEST) * p.droste_size)
        twist = p.droste_twist * depth / math.tau
        return Numbers(p.droste, depth, depth / _OCTAVE, twist, p.droste_zoom, p.droste_rate * context.elapsed)

    def plan(self, n: Numbers, maps: Maps) -> Rings:
        angle = maps.angle + maps.distance * n.twist
        x, y = angle.cos().div_(maps.aspect), angle.sin()
        # How far the rim of the picture is in this direction.
        rim = torch.maximum(x.abs(), y.abs()).reciprocal_()
        far = rim.log()
        inwards = (maps.distance - maps.angle * n.twist - far) / n.depth
        outwards = far.sub_(maps.distance).div_(_OCTAVE)
        points = torch.stack((x.mul_(rim), y.mul_(rim)))
        return Rings(inwards, points, outwards, None if maps.whole else maps.radius, maps.aspect)

    def look(self, frame: Tensor, n: Numbers, plan: Rings, memory: Memory) -> Seen:
        phase = memory.get("phase", frame.new_zeros(()))
        memory["phase"] = (phase + n.step).remainder(1.0)
        if "picture" not in memory:
            memory["picture"] = torch.empty_like(frame)
        return Seen(plan, phase + n.near, Whole(memory["picture"].copy_(frame)), Whole(shrink(frame, 2)))

    def apply(self, frame: Tensor, n: Numbers, plan: Seen, memory: Memory) -> Tensor:
        rings = plan.rings
        where, far, light = nested(rings, n, plan.near)
        inner = mix_in(read(plan.picture, where, "border"), plan.small, where, far).mul_(light)
        return inner if rings.radius is None else frame.lerp_(inner, iris(rings.radius, rings.aspect, n.amount))


def nested(rings: Rings, n: Numbers, near: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where to read the picture, (H, W, 2), how much of it from a smaller one, and what is left of its light, (H, W)."""
    part = rings.inwards + near
    part.sub_(part.floor())
    far = (part * n.octaves).add_(rings.outwards).sub_(_FAR).clamp_(0.0, 1.0)
    light, scale = _light(part, n), part.mul_(n.depth).exp_()
    return (rings.rim * scale).movedim(0, -1), far, light


def _light(part: Tensor, n: Numbers) -> Tensor:
    """What is left of it in the shadow and on the line, by how far inside its own rim a point is, in parts of the way in."""
    shadow = (part * (n.depth * (-1.0 / _SHADOW))).add_(n.depth * (1.0 / _SHADOW) + 1.0).clamp_(min=0.0).square_()
    line = (part * (n.depth * (1.0 / _LINE))).add_(1.0)
    return torch.maximum(shadow, line, out=line).mul_(-_DARK).add_(1.0)


def iris(radius: Tensor, aspect: float, amount: float) -> Tensor:
    """1 inside a disc that grows with the amount and fills the picture at 1, 0 outside, (H, W)."""
    corner = math.hypot(aspect, 1.0)
    return (((corner + _RIM) * amount - radius) / _RIM).clamp_(0.0, 1.0)

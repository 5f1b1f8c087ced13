"""Cave: a flight through a gyroid, ray by ray."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import enlarge
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, turns

_FAR = 12.0
_PACE = 0.55
# Of the picture's size, the part that a pass covers, and how many steps its rays go on top of the pass before.
_PASSES = ((0.25, 26), (0.5, 7), (1.0, 3))
# Radians a unit in which the way winds, sideways and up and down.
_BENDS = (0.57, 0.43)
# The way is kept free so far around the camera.
_FREE = 0.5
_WALL = 0.35


class Cave(Generator):
    """A flight through a cave without end."""

    name = "cave"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return cave(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def cave(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Sphere tracing (Hart, "Sphere Tracing", The Visual Computer 12, 1996) of a gyroid (Schoen 1970), hollowed out along a
    winding way; from a quarter of the size to the whole, each pass going on from where the one before it came.

    Args:
        phase: seconds of flight.
        seed: where in the cave the flight starts.
        detail: 0 to 1, from wide halls to narrow ones.
        warp: how far the way winds; 0 is straight.
    """
    way = Way(1.9 + 1.6 * detail, 1.1 * warp, phase * _PACE + seed % 97 * 5.3)
    reached = torch.full((1, 1, 1, 1), 0.2, device=view.device)
    for share, steps in _PASSES:
        rays = _rays(view, way, turns(phase, 0.017), share)
        reached = enlarge(_nearest(reached), *rays.shape[-2:])
        for _ in range(steps):
            left = way.distance(rays * reached[0, 0])
            reached = (reached + left).clamp_(0.0, _FAR)
    return _lit(view, way, rays, reached[0, 0], left, turns(phase, 0.25))


def _nearest(reached: Tensor) -> Tensor:
    """What the neighbours' rays reached at least, so that no ray of the next pass starts behind a wall."""
    return F.max_pool2d(reached.neg(), 3, 1, 1).neg_()


@dataclass(frozen=True)
class Way:
    """A gyroid of `fineness` radians a unit, and a way through it that winds by `winding`; `travel` is how far the camera
    came. Positions are relative to the camera, angles are cut to a turn on the host: exact however far it is.
    """

    fineness: float
    winding: float
    travel: float

    def bend(self, ahead: float = 0.0) -> tuple[float, float]:
        """Where the middle of the way is, `ahead` of the camera."""
        z = self.travel + ahead
        return self.winding * math.sin(_angle(z, _BENDS[0])), self.winding * math.cos(_angle(z, _BENDS[1]))

    def phases(self, place: Tensor) -> Tensor:
        """The angles of the gyroid at relative places (3, H, W)."""
        start = (*self.bend(), self.travel)
        offsets = [_angle(value, self.fineness) for value in start]
        return place * self.fineness + torch.tensor(offsets, device=place.device)[:, None, None]

    def distance(self, place: Tensor) -> Tensor:
        """A step that stays before the next wall: negative within one."""
        sine, cosine = (angles := self.phases(place)).sin(), angles.cos_()
        wall = (sine * cosine.roll(-1, 0)).sum(0).abs_().mul_(-1.0).add_(1.5 - _WALL * 2.0)
        x, y = self.bend()
        across = place[0] + x - self.winding * torch.sin(place[2] * _BENDS[0] + _angle(self.travel, _BENDS[0]))
        down = place[1] + y - self.winding * torch.cos(place[2] * _BENDS[1] + _angle(self.travel, _BENDS[1]))
        hollow = _FREE - torch.hypot(across, down)
        return torch.maximum(wall.mul_(0.6 / self.fineness), hollow.mul_(0.8))


def _angle(value: float, rate: float) -> float:
    return math.fmod(value * rate, 2.0 * math.pi)


def _rays(view: View, way: Way, roll: float, share: float) -> Tensor:
    """Unit directions (3, H, W) in the axes of the cave for every pixel of a picture of a share of the size."""
    size = max(1, round(view.height * share)), max(1, round(view.width * share))
    small = View(*size, view.scale, view.device)
    x, y = small.grid()
    x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
    (here_x, here_y), (there_x, there_y) = way.bend(), way.bend(1.2)
    z = torch.full_like(x, 1.15)
    # Turned about the vertical and the horizontal axis towards the way ahead.
    z, y = _turned(z, y, math.atan2(there_y - here_y, 1.2))
    z, x = _turned(z, x, math.atan2(there_x - here_x, 1.2))
    rays = torch.stack((x, y, z))
    return rays / rays.square().sum(0).sqrt_()


def _turned(ahead: Tensor, aside: Tensor, angle: float) -> tuple[Tensor, Tensor]:
    return ahead * math.cos(angle) - aside * math.sin(angle), aside * math.cos(angle) + ahead * math.sin(angle)


def _lit(view: View, way: Way, rays: Tensor, reached: Tensor, left: Tensor, pulse: float) -> Field:
    """Light from the camera, veins that glow, and rings that run ahead along the walls; far walls drown in light. Where a
    ray has some way `left`, at the rim of a near wall, it is dark.
    """
    place = rays * reached
    angles = way.phases(place)
    sine, cosine = angles.sin(), angles.cos()
    gradient = cosine * cosine.roll(-1, 0) - sine * sine.roll(1, 0)
    facing = (gradient * rays).sum(0).abs_().div_(gradient.square().sum(0).sqrt_().add_(1e-3))
    vein = _veins(angles.mul_(4.0), reached * (view.pixel * 4.0 * way.fineness))
    fog = torch.exp(reached * -0.36)
    ring = torch.exp((torch.cos(place[2] * 1.1 - pulse) - 1.0) * 5.0)
    solid = (1.0 + (left * 25.0).clamp_(min=0.0).square_()).reciprocal_()
    wall = 0.16 + 0.75 * facing * facing + 0.5 * (1.0 - facing) ** 3
    light = (wall * (0.8 + 0.5 * ring) + vein * (0.9 + 1.6 * ring)) * fog * solid
    return Field(0.16 + 0.26 * facing + 0.34 * (1.0 - fog) + 0.3 * vein, light + 1.2 * (1.0 - fog) ** 3)


def _veins(angles: Tensor, blur: Tensor) -> Tensor:
    """Lines of light where a fine gyroid is 0, one pixel soft and no thinner."""
    value = (angles.sin() * angles.cos_().roll(-1, 0)).sum(0).abs_()
    wide = 0.1 + blur
    return torch.exp(-(value / wide).square()) * (0.1 / wide)

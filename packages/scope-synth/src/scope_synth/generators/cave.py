"""Cave: a flight through a gyroid, ray by ray."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import convolve, enlarge
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, in_strips, turns

_FAR = 12.0
# Radians of the gyroid a second.
_PACE = 1.5
# Of the picture's size, the part that a pass before the last one covers, and how many steps its rays go on.
_PASSES = ((0.125, 20), (0.25, 8), (0.5, 6))
# How often the way winds, sideways and up and down, to one wave of the gyroid.
_BENDS = (0.21, 0.16)
# The way is kept free so far around the camera.
_FREE = 0.5
_WALL = 0.35
# Of the way to the next wall, what a step dares: the gyroid bends.
_STRIDE = 0.8
_SOFT = [0.0625, 0.25, 0.375, 0.25, 0.0625]


class Cave(Generator):
    """A flight through a cave without end."""

    name = "cave"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return cave(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def cave(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Sphere tracing (Hart, "Sphere Tracing", The Visual Computer 12, 1996) of a gyroid (Schoen 1970), hollowed out along a
    winding way; from an eighth of the size to the whole, each pass going on from where the one before it came.

    Args:
        phase: seconds of flight.
        seed: where in the cave the flight starts.
        detail: 0 to 1, from wide halls to narrow ones.
        warp: how far the way winds; 0 is straight.
    """
    way = Way(1.9 + 1.6 * detail, 1.1 * warp, phase * _PACE + seed % 97 * 14.3)
    roll, pulse, reached = turns(phase, 0.017), turns(phase, 0.25), torch.full((1, 1), 0.2, device=view.device)
    for share, count in _PASSES:
        planes = _set_out(view, share, reached)
        (reached,) = in_strips(lambda x, y, s, n=count: way.traced(_rays(way, roll, x, y), s, n)[:1], *planes)
    planes = _set_out(view, 1.0, reached)
    # The rims of small pictures, wide for their pixels, take more steps.
    last = max(1, 2 * (720 // min(view.height, view.width)) - 1)
    hue, light, left = in_strips(lambda x, y, s: _lit(view, way, _rays(way, roll, x, y), s, last, pulse), *planes)
    # A ray that has some way left passes close by the rim of a near wall, which is drawn as a soft dark line.
    left = convolve(convolve(left[None, None], _SOFT, -1), _SOFT, -2)[0, 0]
    return Field(hue, light.div_(left.mul_(25.0).square_().add_(1.0)))


def _set_out(view: View, share: float, reached: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For a pass over a share of the size x and y of its pixels, and what the neighbours' rays of the pass before reached at
    least, so that none starts behind a wall.
    """
    size = max(1, round(view.height * share)), max(1, round(view.width * share))
    x, y = View(*size, view.scale, view.device).axes()
    nearest = F.max_pool2d(reached.neg()[None, None], 3, 1, 1).neg_()
    return x.expand(size), y.expand(size), enlarge(nearest, *size)[0, 0]


@dataclass(frozen=True)
class Way:
    """A gyroid of `fineness` radians a unit, and a way through it that winds by `winding` units; `travel` is how many radians
    the camera came, so that another fineness shows the same place in another size. Positions are relative to the camera,
    angles are cut to a turn on the host: exact however far it is.
    """

    fineness: float
    winding: float
    travel: float

    def bend(self, ahead: float = 0.0) -> tuple[float, float]:
        """Where the middle of the way is, so many units `ahead` of the camera."""
        z = self.travel + ahead * self.fineness
        return self.winding * math.sin(_angle(z, _BENDS[0])), self.winding * math.cos(_angle(z, _BENDS[1]))

    def angles(self, place: Sequence[Tensor]) -> list[Tensor]:
        """The angles of the gyroid at relative places x, y, z."""
        start = (*(side * self.fineness for side in self.bend()), _angle(self.travel, 1.0))
        return [(p * self.fineness).add_(s) for p, s in zip(place, start, strict=True)]

    def distance(self, place: Sequence[Tensor]) -> Tensor:
        """A step that stays before the next wall: negative within one."""
        angles = self.angles(place)
        wall = _gyroid([angle.sin() for angle in angles], [angle.cos_() for angle in angles])
        wall.abs_().mul_(-1.0).add_(1.5 - _WALL * 2.0)
        x, y = self.bend()
        across_pace, down_pace = (bend * self.fineness for bend in _BENDS)
        across = (place[2] * across_pace).add_(_angle(self.travel, _BENDS[0])).sin_().mul_(-self.winding)
        down = (place[2] * down_pace).add_(_angle(self.travel, _BENDS[1])).cos_().mul_(-self.winding)
        hollow = across.add_(place[0]).add_(x).square_().add_(down.add_(place[1]).add_(y).square_()).sqrt_()
        return torch.maximum(wall.mul_(_STRIDE / self.fineness), hollow.neg_().add_(_FREE).mul_(0.8))

    def traced(self, rays: Tensor, reached: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """How far rays (3, H, W) come in some steps after what they reached before, and how far the last step was."""
        for _ in range(steps):
            left = self.distance((rays * reached).unbind())
            reached = (reached + left).clamp_(0.0, _FAR)
        return reached, left


def _gyroid(sine: Sequence[Tensor], cosine: Sequence[Tensor]) -> Tensor:
    """sin x cos y + sin y cos z + sin z cos x."""
    return (sine[0] * cosine[1]).addcmul_(sine[1], cosine[2]).addcmul_(sine[2], cosine[0])


def _angle(value: float, rate: float) -> float:
    return math.fmod(value * rate, 2.0 * math.pi)


def _rays(way: Way, roll: float, x: Tensor, y: Tensor) -> Tensor:
    """Unit directions (3, H, W) in the axes of the cave, for places x and y in the plane of the view."""
    x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
    (here_x, here_y), (there_x, there_y) = way.bend(), way.bend(1.2)
    z = torch.full_like(x, 1.15)
    # Turned about the vertical and the horizontal axis towards the way ahead.
    z, y = _turned(z, y, math.atan2(there_y - here_y, 1.2))
    z, x = _turned(z, x, math.atan2(there_x - here_x, 1.2))
    rays = torch.stack((x, y, z))
    return rays.mul_(rays.square().sum(0).rsqrt_())


def _turned(ahead: Tensor, aside: Tensor, angle: float) -> tuple[Tensor, Tensor]:
    return ahead * math.cos(angle) - aside * math.sin(angle), aside * math.cos(angle) + ahead * math.sin(angle)


def _lit(view: View, way: Way, rays: Tensor, start: Tensor, steps: int, pulse: float) -> tuple[Tensor, Tensor, Tensor]:
    """Light from the camera, veins that glow, and rings that run ahead along the walls; far walls drown in light. Gives hue,
    light, and how much way a ray has left.
    """
    reached, left = way.traced(rays, start, steps)
    place = (rays * reached).unbind()
    angles = way.angles(place)
    sine, cosine = [angle.sin() for angle in angles], [angle.cos_() for angle in angles]
    facing = _facing(rays, sine, cosine)
    vein = _veins(sine, cosine, reached * (view.pixel * 4.0 * way.fineness))
    fog = torch.exp(reached * -0.36)
    ring = (place[2] * 1.1).sub_(pulse).cos_().sub_(1.0).mul_(5.0).exp_()
    wall = (facing.square().mul_(0.75).add_(0.16)).add_((1.0 - facing) ** 3, alpha=0.5)
    light = wall.mul_(0.5 * ring + 0.8).add_(vein * ring.mul_(1.6).add_(0.9)).mul_(fog)
    clear = 1.0 - fog
    hue = facing.mul_(0.2).add_(0.14).add_(clear, alpha=0.2).add_(vein, alpha=0.34)
    return hue, light.add_(clear**3, alpha=1.2), left.clamp_(min=0.0).mul_(fog)


def _facing(rays: Tensor, sine: Sequence[Tensor], cosine: Sequence[Tensor]) -> Tensor:
    """How squarely a ray meets the wall, whose normal is the gradient of the gyroid: 0 to 1."""
    along, square = torch.zeros_like(sine[0]), torch.full_like(sine[0], 1e-6)
    for axis in range(3):
        slope = (cosine[axis] * cosine[axis - 2]).addcmul_(sine[axis], sine[axis - 1], value=-1.0)
        along.addcmul_(slope, rays[axis])
        square.addcmul_(slope, slope)
    return along.abs_().mul_(square.rsqrt_())


def _veins(sine: Sequence[Tensor], cosine: Sequence[Tensor], blur: Tensor) -> Tensor:
    """Lines of light where a gyroid of four times the angles is 0, one pixel soft and no thinner."""
    twice = [(s * c).mul_(2.0) for s, c in zip(sine, cosine, strict=True)]
    half = [s.square().mul_(-2.0).add_(1.0) for s in sine]
    fine = _gyroid(
        [(s * c).mul_(2.0) for s, c in zip(twice, half, strict=True)], [s.square_().mul_(-2.0).add_(1.0) for s in twice]
    )
    thin = blur.add_(0.1).reciprocal_()
    return fine.mul_(thin).square_().neg_().exp_().mul_(thin).mul_(0.1)

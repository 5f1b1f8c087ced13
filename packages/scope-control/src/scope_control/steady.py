"""Less flicker: picture and map are averaged over time along the movement; what changes otherwise is followed at once."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_control.compensation import GAUGE, SIDE, places, taken_from, vectors
from scope_control.levels import smoothstep
from scope_gpu.image.blur import grow, shrink
from scope_gpu.image.color import luma

TOLERANCE = 0.03
"""Change of luma, [0, 1], at which a pixel begins to count as another one."""
FURTHEST = 0.025
"""How far a moved picture may draw a pixel towards itself, [0, 1]: about as far as noise reaches."""
LONGEST = 0.95
"""Share of the last picture that stays at full strength, so that even then nothing freezes."""
FADING = 0.85
"""How much less lately a frame before was, at full strength."""
NEAR = 3
"""How far the line of an edge may reach, in pixels of luma that has been halved `GAUGE` times."""
CUT_HALVINGS = 2
"""How often a picture, its luma `GAUGE` times halved, is halved again before it is held against the one before a cut."""
CUT_CHANGE = 0.1
CUT_SHARE = 0.5
"""A new shot: in more than this share of the picture luma has changed by more than `CUT_CHANGE`."""


class Step(NamedTuple):
    """From one frame to the next."""

    share: Tensor
    """How much of the past stays in each pixel, 11HW."""
    places: Tensor | None
    """Where in the last picture each run of pixels was (see `compensation.places`); None where it was before."""


class Smoothing:
    """Averages a film's frames and their maps. Holds what was shown last, of one size and one map."""

    def __init__(self) -> None:
        self._calmed: Tensor | None = None
        self._map: Tensor | None = None
        self._moved: Tensor | None = None

    def __call__(self, frames: Tensor, draw: Callable[[Tensor], Tensor], strength: float, halvings: int = 0) -> Tensor:
        """The map of calmed frames, itself calmed: the first leaves less to flicker, the second what is left fades.

        Args:
            frames: TCHW [0, 1], in the order of time, `halvings` times halved. They are written over, and the last one
                is held until the next call.
            draw: makes maps of the frames' size.
            strength: 0 to 1.
        """
        if self._calmed is not None and self._moved is None:
            self._moved = torch.empty_like(self._calmed)
        calmed, steps = calm(frames, self._calmed, strength, halvings, self._moved)
        maps = steady(draw(calmed), self._map, steps)
        self._calmed, self._map = calmed[-1:], maps[-1:]
        return maps


def lingering(maps: Tensor, last: Tensor | None, strength: float, cuts: Tensor) -> Tensor:
    """How lately maps of movement, TCHW, were white: 1 now, less with every frame. `lit` shows it.

    Args:
        last: 1CHW, the result for the frame before the first one, None if there is none.
        strength: 0 to 1.
        cuts: T111, 1 for a frame that begins a new shot, where nothing is left of the last one.
    """
    results = []
    for current, cut in zip(maps.split(1), cuts.split(1), strict=True):
        last = current if last is None else torch.maximum(current, last * (FADING * strength * (1.0 - cut)))
        results.append(last)
    return torch.cat(results) if len(results) > 1 else results[0]


def lit(lingering: Tensor) -> Tensor:
    """The map that stays white for some frames, so that what stops for a moment does not blink: at full strength for three."""
    return smoothstep(lingering, 0.35, 0.55)


def cuts(change: Tensor, halvings: int = CUT_HALVINGS) -> Tensor:
    """Which frames begin a new shot, T111 of 0 and 1, from the change of luma T1HW since the frame before."""
    moved = (shrink(change, halvings).abs() > CUT_CHANGE).to(change.dtype)
    return (moved.mean(dim=(-3, -2, -1), keepdim=True) > CUT_SHARE).to(change.dtype)


def same_shot(frames: Tensor, before: Tensor, halvings: int = 0) -> Tensor:
    """`before`, TCHW, but a frame that begins a new shot is its own predecessor: nothing moves in it."""
    return torch.where(new_shots(frames, before, halvings) > 0.5, frames, before)


def new_shots(frames: Tensor, before: Tensor, halvings: int = 0) -> Tensor:
    """Which frames TCHW begin a new shot, T111 of 0 and 1, from the ones before them, all `halvings` times halved."""
    return cuts(_gray(frames) - _gray(before), max(0, GAUGE + CUT_HALVINGS - halvings))


def calm(
    frames: Tensor, last: Tensor | None, strength: float, halvings: int = 0, scratch: Tensor | None = None
) -> tuple[Tensor, list[Step]]:
    """Average each frame with the calmed one before it, moved along with the picture.

    Args:
        frames: TCHW [0, 1], in the order of time, `halvings` times halved; written over.
        last: 1CHW, the result for the frame before the first one, None if there is none.
        strength: 0 to 1.
        scratch: memory for one picture, 1CHW.

    Returns:
        The calmed frames, TCHW, the same tensor, and the way to each. The same however the frames are cut into calls.
    """
    steps = []
    for frame in frames.split(1):
        if last is None:
            steps.append(Step(frame.new_zeros(1, 1, *frame.shape[-2:]), None))
        else:
            step, past = _step(frame, last, strength, halvings, scratch)
            _approach(frame, past, step)
            steps.append(step)
        last = frame
    return frames, steps


def steady(maps: Tensor, last: Tensor | None, steps: list[Step]) -> Tensor:
    """Average each map, TCHW, with the one before it, on the way that their frames went."""
    results = []
    for current, step in zip(maps.split(1), steps, strict=True):
        last = current if last is None else torch.lerp(current, _moved(last, step.places), step.share)
        results.append(last)
    return torch.cat(results) if len(results) > 1 else results[0]


def _step(frame: Tensor, last: Tensor, strength: float, halvings: int, scratch: Tensor | None) -> tuple[Step, Tensor]:
    """The way from the last picture to a frame, and that picture moved along."""
    halved = max(0, GAUGE - halvings)
    gauge, before = _gauge(frame, halved), _gauge(last, halved)
    change, taken = gauge - before, None
    # On a CPU a look at the change costs nothing, and spares pictures at rest the search for movement.
    if frame.device.type != "cpu" or float(change.abs().max()) > TOLERANCE:
        paths = vectors(gauge, before)
        taken = places(paths, *frame.shape[-2:], halvings)
    past = _moved(last, taken, scratch)
    left = change if taken is None else gauge - _gauge(past, halved)
    # A line is wider than the edge it stands for, and must go with it.
    around = _highest_around(left.abs())
    if taken is not None:
        around = torch.maximum(around, _passing(change, paths))
    share = torch.exp(-(around / TOLERANCE).square()) * (1.0 - cuts(change)) * (LONGEST * strength)
    return Step(grow(share, halved, *frame.shape[-2:]), taken), past


def _passing(change: Tensor, paths: Tensor) -> Tensor:
    """The highest change near each pixel of a block that rests: what moves past it takes its line out of the block as well."""
    near = change.abs()
    for _ in range(NEAR):
        near = _highest_around(near)
    rests = (paths == 0.0).all(dim=1, keepdim=True).to(change.dtype)
    side = SIDE >> GAUGE
    rests = rests.repeat_interleave(side, dim=-2).repeat_interleave(side, dim=-1)
    return near * rests[..., : change.shape[-2], : change.shape[-1]]


def _approach(frame: Tensor, past: Tensor, step: Step) -> None:
    """Lead a frame, in place, towards the picture before it; one that was moved is written over, and leads less far."""
    if step.places is None:
        frame.lerp_(past, step.share)
        return
    # A block's rim is off by a pixel here and there: too little for the share, enough for a ghost of a line.
    frame.addcmul_(past.sub_(frame).clamp_(-FURTHEST, FURTHEST), step.share)


def _moved(picture: Tensor, places: Tensor | None, into: Tensor | None = None) -> Tensor:
    return picture if places is None else taken_from(picture, places, into)


def _gauge(frames: Tensor, halved: int) -> Tensor:
    return shrink(_gray(frames), halved)


def _gray(frames: Tensor) -> Tensor:
    return luma(frames) if frames.shape[1] == 3 else frames


def _highest_around(planes: Tensor) -> Tensor:
    """The highest of each pixel and its eight neighbours, by shifts: on CPUs faster than pooling."""
    padded = F.pad(planes, (1, 1, 1, 1))
    rows = torch.maximum(torch.maximum(padded[..., :-2, :], padded[..., 2:, :]), padded[..., 1:-1, :])
    return torch.maximum(torch.maximum(rows[..., :-2], rows[..., 2:]), rows[..., 1:-1])

"""Feedback trails: how they fade, move and forget."""

import math
from typing import NamedTuple

import pytest
import torch

from scope_fx.effects.trails import Trails, TrailsFields, meet
from scope_gpu.plugin.chain import Chain


class Motion(NamedTuple):
    zoom: float
    rotation: float
    hue: float


class Stream:
    """One stream of frames through trails."""

    def __init__(self):
        self._chain = Chain([Trails()], "cpu")

    def __call__(self, frames, amount, mode, motion):
        moves = {f"trails_{name}": value for name, value in motion._asdict().items()}
        return self._chain(frames, TrailsFields(trails=amount, trails_mode=mode, **moves))


STILL = Motion(zoom=0.0, rotation=0.0, hue=0.0)


def flash(frames: int, size: int = 9) -> torch.Tensor:
    """One white frame, then black ones."""
    film = torch.zeros(frames, 3, size, size)
    film[0] = 1.0
    return film


@pytest.mark.parametrize("mode", ["lighten", "screen", "blend"])
@pytest.mark.parametrize("amount", [0.25, 0.9, 1.0])
def test_a_flash_fades_by_the_amount_with_every_frame(mode, amount):
    levels = Stream()(flash(6), amount, mode, STILL)[:, 0, 4, 4]
    assert levels.tolist() == pytest.approx([amount**n for n in range(6)], abs=1e-6)


def test_lighten_shows_the_brighter_of_frame_and_trail():
    frame, last = torch.tensor([0.3, 0.8, 0.5]).view(1, 3, 1, 1), torch.full((1, 3, 1, 1), 0.8)
    assert meet(frame, last, 0.5, "lighten").flatten().tolist() == pytest.approx([0.4, 0.8, 0.5])


def test_screen_adds_light_and_never_clips():
    frame, last = torch.full((1, 3, 1, 1), 0.5), torch.full((1, 3, 1, 1), 0.5)
    assert meet(frame, last, 0.8, "screen").mean().item() == pytest.approx(1.0 - 0.5 * 0.6)


def test_blend_weighs_frame_and_trail():
    frame, last = torch.full((1, 3, 1, 1), 0.2), torch.full((1, 3, 1, 1), 1.0)
    assert meet(frame, last, 0.75, "blend").mean().item() == pytest.approx(0.8)


def centre_of(picture: torch.Tensor) -> tuple[float, float]:
    """Centre of mass of CHW's first channel from the middle: x to the right, y downwards, in pixels."""
    light = picture[0]
    size = light.shape[-1]
    place = torch.arange(size) - (size - 1) / 2
    return ((light.sum(0) * place).sum() / light.sum()).item(), ((light.sum(1) * place).sum() / light.sum()).item()


def dot_film(frames: int, x: int, y: int) -> torch.Tensor:
    film = torch.zeros(frames, 3, 101, 101)
    film[0, :, 50 + y - 1 : 50 + y + 2, 50 + x - 1 : 50 + x + 2] = 1.0
    return film


def test_zoom_carries_the_trail_outwards_by_its_percentage():
    out = Stream()(dot_film(4, 20, -10), 1.0, "lighten", Motion(zoom=10.0, rotation=0.0, hue=0.0))
    assert centre_of(out[3]) == pytest.approx((20 * 1.1**3, -10 * 1.1**3), abs=0.3)


def test_rotation_turns_the_trail_clockwise_by_its_degrees():
    out = Stream()(dot_film(4, 30, 0), 1.0, "lighten", Motion(zoom=0.0, rotation=10.0, hue=0.0))
    angle = math.radians(30)
    assert centre_of(out[3]) == pytest.approx((30 * math.cos(angle), 30 * math.sin(angle)), abs=0.3)


def test_hue_turns_the_colour_of_the_trail_only():
    film = torch.zeros(5, 3, 3, 3)
    film[0] = torch.tensor([0.6, 0.3, 0.3]).view(3, 1, 1)
    first, *_, last = Stream()(film, 1.0, "lighten", Motion(zoom=0.0, rotation=0.0, hue=30.0))
    assert torch.equal(first, film[0])
    assert last[1].mean() > last[0].mean()


def test_the_grouping_of_frames_does_not_matter(picture):
    film = torch.cat([picture, picture.flip(-1)])
    motion = Motion(zoom=3.0, rotation=2.0, hue=5.0)
    together, one_by_one = Stream(), Stream()
    single = torch.cat([one_by_one(frame, 0.8, "lighten", motion) for frame in film.split(1)])
    assert torch.equal(together(film, 0.8, "lighten", motion), single)


@pytest.mark.parametrize("size", [(9, 10), (5, 9)])
def test_another_size_starts_anew(size):
    trails = Stream()
    trails(flash(1), 0.9, "lighten", STILL)
    assert trails(torch.zeros(1, 3, *size), 0.9, "lighten", STILL).max() == 0.0


def test_amount_zero_forgets():
    trails = Stream()
    trails(flash(1), 0.9, "lighten", STILL)
    trails(torch.zeros(1, 3, 9, 9), 0.0, "lighten", STILL)
    assert trails(torch.zeros(1, 3, 9, 9), 0.9, "lighten", STILL).max() == 0.0

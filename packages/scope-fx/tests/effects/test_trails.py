"""Feedback trails: how they fade, move and forget."""

import math
from typing import NamedTuple

import pytest
import torch

from scope_fx.effects.trails import Trails, TrailsFields, lit
from scope_gpu.plugin.chain import Chain
from scope_gpu.plugin.clock import Moment


class Motion(NamedTuple):
    growth: float
    turn: float
    hue_turn: float


class Stream:
    """One stream of frames through trails."""

    def __init__(self):
        self._chain = Chain([Trails()], "cpu")
        self._index = 0

    def __call__(self, frames, amount, mode, motion, rate=30.0):
        """One call a frame, `rate` frames a second."""
        moves = {f"trails_{name}": value for name, value in motion._asdict().items()}
        p = TrailsFields(trails=amount, trails_mode=mode, **moves)
        made = []
        for frame in frames.split(1):
            made.append(self._chain(frame.clone(), p, Moment(self._index / rate, self._index)))
            self._index += 1
        return torch.cat(made)


STILL = Motion(growth=0.0, turn=0.0, hue_turn=0.0)


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


@pytest.mark.parametrize("rate", [15.0, 60.0])
def test_a_trail_is_as_long_at_any_frame_rate(rate):
    levels = Stream()(flash(7), 0.8, "lighten", STILL, rate)[:, 0, 4, 4]
    assert levels.tolist() == pytest.approx([0.8 ** (n * 30.0 / rate) for n in range(7)], abs=1e-5)


def test_what_rests_in_the_shade_leaves_no_trail_and_is_not_covered():
    """A gray wall; a dark thing comes in front of it and stays."""
    wall = torch.full((6, 3, 32, 32), 0.5)
    wall[3:, :, 8:24, 8:24] = 0.1
    out = Stream()(wall, 0.95, "lighten", STILL)
    assert torch.equal(out, wall)


def test_a_light_of_any_color_leaves_a_trail_though_it_rests():
    film = torch.zeros(4, 3, 32, 32)
    film[:3, 2, 8:24, 8:24] = 1.0
    assert Stream()(film, 0.9, "lighten", STILL)[3, 2, 16, 16].item() == pytest.approx(0.9, abs=1e-3)


def test_what_moves_leaves_a_trail():
    film = torch.full((3, 3, 32, 64), 0.1)
    for number in range(3):
        film[number, :, 8:24, 8 + 16 * number : 24 + 16 * number] = 0.6
    last = Stream()(film, 0.9, "lighten", STILL)[2]
    assert last[0, 16, 32] == pytest.approx(0.6 * 0.9, abs=0.02)
    assert last[0, 16, 60] == pytest.approx(0.1, abs=0.02)


def test_lighten_shows_the_brighter_of_frame_and_trail():
    frame, trail = torch.tensor([0.3, 0.8, 0.5]).view(1, 3, 1, 1), torch.full((1, 3, 1, 1), 0.4)
    assert lit("lighten", frame, trail).flatten().tolist() == pytest.approx([0.4, 0.8, 0.5])


def test_screen_adds_light_and_never_clips():
    frame, trail = torch.full((1, 3, 1, 1), 0.5), torch.full((1, 3, 1, 1), 0.4)
    assert lit("screen", frame, trail).mean().item() == pytest.approx(1.0 - 0.5 * 0.6)


def test_blend_weighs_frame_and_trail():
    film = torch.full((2, 3, 8, 8), 1.0)
    film[1] = 0.2
    assert Stream()(film, 0.75, "blend", STILL)[1].mean().item() == pytest.approx(0.8)


def center_of(picture: torch.Tensor) -> tuple[float, float]:
    """Centre of mass of CHW's first channel from the middle: x to the right, y downwards, in pixels."""
    light = picture[0]
    size = light.shape[-1]
    place = torch.arange(size) - (size - 1) / 2
    return ((light.sum(0) * place).sum() / light.sum()).item(), ((light.sum(1) * place).sum() / light.sum()).item()


def dot_film(frames: int, x: int, y: int) -> torch.Tensor:
    """Black, a white spot in frame 1, and black again."""
    film = torch.zeros(frames, 3, 101, 101)
    film[1, :, 50 + y - 4 : 50 + y + 5, 50 + x - 4 : 50 + x + 5] = 1.0
    return film


def test_growth_carries_the_trail_outwards_by_its_doublings_a_second():
    out = Stream()(dot_film(5, 20, -10), 1.0, "lighten", Motion(growth=4.0, turn=0.0, hue_turn=0.0))
    assert center_of(out[4]) == pytest.approx((20 * 2**0.4, -10 * 2**0.4), abs=0.5)


def test_turn_turns_the_trail_clockwise_by_its_turns_a_second():
    out = Stream()(dot_film(5, 30, 0), 1.0, "lighten", Motion(growth=0.0, turn=10 / 12, hue_turn=0.0))
    angle = math.radians(30)
    assert center_of(out[4]) == pytest.approx((30 * math.cos(angle), 30 * math.sin(angle)), abs=0.3)


def test_hue_turns_the_color_of_the_trail_only():
    film = torch.zeros(6, 3, 8, 8)
    film[1] = torch.tensor([0.6, 0.3, 0.3]).view(3, 1, 1)
    out = Stream()(film, 1.0, "lighten", Motion(growth=0.0, turn=0.0, hue_turn=2.5))
    assert torch.equal(out[1], film[1])
    assert out[5, 1].mean() > out[5, 0].mean()


def test_the_grouping_of_frames_does_not_matter(picture):
    film = torch.cat([picture, picture.flip(-1)])
    motion = Motion(growth=1.3, turn=0.2, hue_turn=0.4)
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

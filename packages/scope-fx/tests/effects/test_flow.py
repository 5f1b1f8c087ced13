"""Effects in which the picture moves on by itself: where it goes, and when it stops."""

import math

import pytest
import torch
from torch.nn import functional as F

from scope_fx.effects.datamosh import Datamosh, DatamoshFields, Maps, appeared, came_from, drained
from scope_fx.effects.feedback import Feedback, FeedbackFields, meet
from scope_fx.effects.flow import coherence
from scope_fx.effects.liquid import Liquid, curl, gathered
from scope_fx.effects.motion import motion
from scope_gpu.image.gradients import scharr
from scope_gpu.plugin.chain import Chain, run_effect
from scope_gpu.plugin.clock import Beat, Moment


def blobs(height: int, width: int, right: float = 0.0, down: float = 0.0) -> torch.Tensor:
    """A soft picture 13HW, moved by so many pixels."""
    y, x = torch.arange(height)[:, None] - down, torch.arange(width)[None, :] - right
    waves = torch.sin(x * 0.31) + torch.sin(y * 0.23) + torch.sin(0.17 * (x + y)) + torch.sin(0.11 * (x - 2.0 * y))
    return (0.5 + 0.1 * waves).expand(1, 3, height, width)


@pytest.mark.parametrize(("right", "down"), [(0.0, 0.0), (1.5, -0.7), (5.0, 3.0)])
def test_motion_is_how_far_the_picture_came(right, down):
    field = motion(blobs(64, 96, right, down)[:, :1], blobs(64, 96)[:, :1])[0, :, 16:-16, 16:-16]
    assert field.mean((1, 2)).tolist() == pytest.approx([right, down], abs=0.1)


def test_blocks_are_fetched_from_where_they_were():
    plan = Maps(halvings=0, dice=torch.zeros(2, 3))
    blocks = torch.zeros(2, 2, 3)
    blocks[:, 1, 2] = torch.tensor([2.0, -1.0])
    places, outside = came_from(blocks, plan, (8, 12))
    still = torch.arange(96).view(8, 12)
    assert torch.equal(places[:4], still[:4].int())
    assert places[5, 9] == (5 + 1) * 12 + 9 - 2
    assert outside.nonzero().tolist() == [[7, x] for x in range(8, 12)]


def test_motion_drags_the_old_picture_until_the_bar():
    """A red picture; then a gray one that moves: red stays, until everything is new on the bar."""
    film = [torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 48, 64)]
    film += [blobs(48, 64, right=0.5 * number) for number in range(5)]
    chain, p = Chain([Datamosh()], "cpu"), DatamoshFields(datamosh=1.0)
    made = []
    for index, frame in enumerate(film):
        # The first frame is half a beat before the bar, which falls on frame 4.
        beat = Beat(3.5 + index / 7.5, 4.0, 3.5 + index / 7.5)
        made.append(chain(frame.clone(), p, Moment(index / 30, index, beat))[0, :, 24, 32])
    assert all(torch.equal(color, torch.tensor([1.0, 0.0, 0.0])) for color in made[:4])
    assert torch.equal(made[4], film[4][0, :, 24, 32])


def test_the_less_of_it_the_sooner_blocks_heal():
    red = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 48, 64)
    film = torch.cat((red, *[torch.full((1, 3, 48, 64), 0.5)] * 4))
    shares = [
        (run_effect(Datamosh(), film, Moment(0.1, 0), datamosh=amount, datamosh_refresh="never")[-1, 1] == 0.5)
        for amount in (0.2, 0.6, 1.0)
    ]
    healed = [share.float().mean().item() for share in shares]
    assert healed[0] > healed[1] > healed[2] == 0.0
    # Blocks of sixteen pixels heal as a whole.
    assert torch.equal(F.max_pool2d(shares[1][None].float(), 4), F.avg_pool2d(shares[1][None].float(), 4))


def test_a_spot_on_the_screen_moves_outwards_and_turns_at_the_stated_pace():
    """After a second of one doubling and a quarter of a turn, clockwise, what was right of the middle is below it."""
    film = torch.zeros(31, 3, 65, 65)
    film[0, :, 32 - 1 : 32 + 2, 40 - 1 : 40 + 2] = 1.0
    chain = Chain([Feedback()], "cpu")
    p = FeedbackFields(feedback=1.0, feedback_mode="lighten", feedback_zoom=1.0, feedback_turn=0.25, feedback_hue=0.0)
    for index, frame in enumerate(film.split(1)):
        last = chain(frame.clone(), p, Moment(index / 30, index))
    spot = (last[0, 0] == last[0, 0].max()).nonzero().float().mean(0)
    assert spot.tolist() == pytest.approx([32 + 16, 32], abs=1.5)


def test_the_key_shows_the_screen_in_the_dark_and_the_frame_in_the_light():
    frame = torch.tensor([0.0, 0.3, 0.9]).expand(1, 3, 1, 3)
    assert meet(frame, torch.full_like(frame, 0.5), 0.5, "key")[0, 0, 0].tolist() == pytest.approx([0.5, 0.5, 0.9])
    assert torch.equal(meet(frame, torch.ones_like(frame), 0.0, "key"), frame)


def test_the_fluid_neither_comes_from_nowhere_nor_goes_there():
    maps = Liquid().maps((72, 96), torch.device("cpu"), (3, 0))
    flow = curl(maps.potentials[0], maps)[0]
    out = torch.gradient(flow[0], dim=1)[0] + torch.gradient(flow[1], dim=0)[0]
    turn = torch.gradient(flow[1], dim=1)[0] - torch.gradient(flow[0], dim=0)[0]
    assert out[4:-4, 4:-4].abs().max() < 1e-4 * turn.abs().max() + 1e-5


def test_light_is_gathered_where_the_map_stretches_and_even_where_it_does_not():
    y, x = torch.meshgrid(torch.linspace(-1, 1, 32), torch.linspace(-1, 1, 32), indexing="ij")
    assert gathered(3.0 * x, 3.0 * y).abs().max() < 1e-5
    bulge = gathered(x + 0.3 * torch.sin(math.pi * x), y)
    assert bulge[16, 16] > 0.5 > 0.0 > bulge[16, 2]


def test_the_flow_rests_at_pace_zero_and_moves_otherwise():
    picture = blobs(36, 64).expand(4, -1, -1, -1)
    still = run_effect(Liquid(), picture, liquid=1.0, liquid_pace=0.0)
    moving = run_effect(Liquid(), picture, liquid=1.0, liquid_pace=1.0)
    assert torch.equal(still[0], still[3])
    assert not torch.equal(moving[0], moving[3])


def test_blocks_that_nothing_moved_into_are_new_but_at_a_cut():
    error = torch.zeros(1, 1, 16, 16)
    error[..., :4, 4:8] = 0.2
    assert appeared(error).nonzero().tolist() == [[0, 1]]
    assert not appeared(torch.full((1, 1, 16, 16), 0.2)).any()


def test_slopes_agree_along_a_line_and_not_in_noise():
    noise = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    ramp = torch.linspace(0.0, 1.0, 64).expand(1, 1, 64, 64)
    assert coherence(*scharr(ramp), 3.0)[..., 4:-4, 4:-4].min() > 0.99
    assert coherence(*scharr(noise), 3.0).mean() < 0.5


def test_what_drained_to_black_in_a_bright_film_is_filled():
    held, tone = torch.tensor([0.05, 0.05, 0.3]).view(1, 1, 1, 3), torch.tensor([0.1, 0.5, 0.9]).view(1, 1, 1, 3)
    assert drained(held, tone).tolist() == [[False, True, False]]

"""Effects that show other moments: which moment, how much of it, and when."""

from typing import Any

import pytest
import torch

from scope_fx.effects.echo import Echo
from scope_fx.effects.rgb_delay import RgbDelay
from scope_fx.effects.slit_scan import SlitScan
from scope_fx.effects.strobe import Strobe
from scope_fx.effects.stutter import Stutter
from scope_gpu.plugin.chain import Chain
from scope_gpu.plugin.clock import Beat, Moment
from scope_gpu.plugin.effect import Effect

RATE = 30


def film(effect: Effect, frames: torch.Tensor, bpm: float = 0.0, first: int = 0, **controls: Any) -> torch.Tensor:
    """Frames thirty a second through an effect, with a tempo where one is given; `first`: the number of the first."""
    chain, p = Chain([effect], "cpu"), effect.fields(**controls)
    made = []
    for index, frame in enumerate(frames.split(1), start=first):
        seconds = index / RATE
        beat = Beat(seconds * bpm / 60.0, bpm / 60.0) if bpm else None
        made.append(chain(frame.clone(), p, Moment(seconds, index, beat)))
    return torch.cat(made)


def steps(count: int, height: int = 4, width: int = 4) -> torch.Tensor:
    """Frame n is a gray of n / 255 all over: which frame is seen can be read from its value."""
    return (torch.arange(count) / 255.0).view(-1, 1, 1, 1).expand(-1, 3, height, width)


def seen(frames: torch.Tensor) -> list[float]:
    return (frames[:, 0, 0, 0] * 255.0).round(decimals=2).tolist()


def test_red_comes_late_green_half_as_late_and_blue_at_once():
    last = film(RgbDelay(), steps(20), rgb_delay=1.0, rgb_delay_time=0.2)[-1]
    assert (last[:, 0, 0] * 255.0).tolist() == pytest.approx([13.0, 16.0, 19.0])


def test_a_picture_at_rest_has_no_colored_ghosts():
    rest = steps(200)[-1:].expand(8, -1, -1, -1)
    torch.testing.assert_close(film(RgbDelay(), rest, rgb_delay=1.0), rest)


@pytest.mark.parametrize(
    ("direction", "lags"),
    [("down", [0, 5, 10, 15]), ("up", [15, 10, 5, 0]), ("outwards", [15, 5, 5, 15])],
)
def test_lines_lag_by_their_place(direction, lags):
    last = film(SlitScan(), steps(40), slit_scan=0.5, slit_scan_direction=direction)[-1]
    assert (last[0, :, 0] * 255.0).tolist() == pytest.approx([39.0 - lag for lag in lags], abs=1e-3)
    assert torch.equal(last[..., :1].expand(-1, -1, 4), last)


def test_columns_lag_as_lines_do():
    film_of_noise = torch.rand(12, 3, 6, 6, generator=torch.Generator().manual_seed(1))
    across = film(SlitScan(), film_of_noise, slit_scan=0.3, slit_scan_direction="left")
    turned = film(SlitScan(), film_of_noise.transpose(2, 3), slit_scan=0.3, slit_scan_direction="up")
    assert torch.equal(across, turned.transpose(2, 3))


def test_a_line_between_two_frames_is_a_mix_of_both():
    last = film(SlitScan(), steps(20, height=3), slit_scan=0.1)[-1]
    assert (last[0, :, 0] * 255.0).tolist() == pytest.approx([19.0, 17.5, 16.0], abs=1e-3)


def test_a_flash_comes_back_three_times_each_time_fainter():
    flash = torch.zeros(20, 3, 2, 2)
    flash[0] = 1.0
    flash = torch.cat((torch.zeros(1, 3, 2, 2), flash))
    levels = film(Echo(), flash, echo=0.5, echo_time=0.1)[1:, 0, 0, 0].tolist()
    assert levels[0] == 1.0
    assert {n: v for n, v in enumerate(levels) if v and n} == pytest.approx({3: 0.5, 6: 0.25, 9: 0.125})


def test_dark_things_echo_where_repeats_darken():
    shade = torch.ones(12, 3, 2, 2)
    shade[3] = 0.0
    assert film(Echo(), shade, echo=1.0, echo_time=0.1, echo_mode="darken")[6, 0, 0, 0] == 0.0
    assert film(Echo(), shade, echo=1.0, echo_time=0.1)[6, 0, 0, 0] == 1.0


def test_the_first_frames_of_a_beat_are_seen_again_in_the_rest_of_it():
    shown = seen(film(Stutter(), steps(30), bpm=120.0, stutter=1.0, stutter_repeats=5))
    assert shown == [0.0, 1.0, 2.0] * 5 + [15.0, 16.0, 17.0] * 5


def test_every_other_repeat_may_run_backwards():
    shown = seen(film(Stutter(), steps(15), bpm=120.0, stutter=1.0, stutter_repeats=5, stutter_way="back and forth"))
    assert shown == [0.0, 1.0, 2.0, 2.0, 1.0, 0.0, 0.0, 1.0, 2.0, 2.0, 1.0, 0.0, 0.0, 1.0, 2.0]


def test_the_amount_is_the_share_of_beats_that_stick():
    shown = seen(film(Stutter(), steps(120), bpm=120.0, stutter=0.25, stutter_repeats=5))
    stuck = {number // 15 for number, value in enumerate(shown) if value != number}
    assert stuck == {3, 7}


def light(bpm: float, count: int, **controls: Any) -> torch.Tensor:
    return film(Strobe(), torch.ones(count, 3, 1, 1), bpm, strobe=1.0, **controls)[:, 0, 0, 0]


def test_light_falls_exponentially_from_the_beat():
    phase = torch.arange(15) / 15.0
    torch.testing.assert_close(light(120.0, 15, strobe_decay=3.0), torch.exp(-3.0 * phase), atol=1e-4, rtol=0)


@pytest.mark.parametrize("bpm", [100.0, 174.0, 181.0, 240.0, 300.0])
def test_no_second_has_more_than_three_flashes_unless_they_are_allowed(bpm):
    def most(levels: torch.Tensor) -> int:
        begun = (levels[1:] > levels[:-1]).float()
        return int(begun.unfold(0, RATE, 1).sum(-1).max())

    assert most(light(bpm, 120)) <= 3
    assert most(light(300.0, 120, strobe_unlimited=True)) == 5


def test_a_flash_may_turn_the_picture_white_or_negative():
    gray = torch.full((1, 3, 1, 1), 0.25)
    assert film(Strobe(), gray, 120.0, strobe=1.0, strobe_mode="white")[0, 0, 0, 0].item() == pytest.approx(
        1.0, abs=1e-4
    )
    assert film(Strobe(), gray, 120.0, strobe=1.0, strobe_mode="negative")[0, 0, 0, 0].item() == pytest.approx(
        0.75, abs=1e-4
    )

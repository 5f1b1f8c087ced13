"""Glitch and grain: random by seed, and no more than they say."""

from typing import NamedTuple

import pytest
import torch

from scope_fx.effects.glitch import Glitch, step_at
from scope_fx.effects.grain import Grain, sensitivity
from scope_gpu.plugin.chain import run_effect
from scope_gpu.plugin.clock import Beat, Moment
from scope_gpu.plugin.effect import Context


class Faults(NamedTuple):
    blocks: float
    lines: float
    split: float


def glitch(frames, amount, rate, faults, seed, seconds):
    shares = {f"glitch_{name}": share for name, share in faults._asdict().items()}
    return run_effect(Glitch(), frames, Moment(seconds, 0), seed, glitch=amount, glitch_rate=rate, **shares)


def grain(frames, amount, size, color, seed, index):
    controls = {"grain": amount, "grain_size": size, "grain_color": color}
    return run_effect(Grain(), frames, Moment(0.0, index), seed, **controls)


ALL = Faults(blocks=1.0, lines=1.0, split=1.0)


def numbered(height: int = 60, width: int = 80) -> torch.Tensor:
    """Every pixel and channel has its own value."""
    return (torch.arange(3 * height * width) / (3.0 * height * width)).view(1, 3, height, width)


def broken(faults: Faults, seconds: float = 0.0, seed: int = 1, amount: float = 1.0) -> torch.Tensor:
    return glitch(numbered(), amount, 10.0, faults, seed, seconds)


def test_the_pattern_holds_for_a_step_and_then_changes():
    assert torch.equal(broken(ALL, 0.0), broken(ALL, 0.09))
    assert not torch.equal(broken(ALL, 0.0), broken(ALL, 0.1))


def test_another_seed_breaks_otherwise():
    assert not torch.equal(broken(ALL, seed=1), broken(ALL, seed=2))


def test_pixels_only_change_places():
    for plane, source in zip(broken(ALL)[0], numbered()[0], strict=True):
        assert torch.isin(plane, source).all()


def test_without_faults_nothing_breaks():
    assert torch.equal(broken(Faults(0.0, 0.0, 0.0)), numbered())


def test_torn_lines_are_rows_moved_sideways_and_mirrored_at_the_edge():
    out, source = broken(Faults(blocks=0.0, lines=1.0, split=0.0)), numbered()
    for row, was in zip(out[0, 1], source[0, 1], strict=True):
        assert torch.isin(row, was).all()
    torn = (out != source).any(-1).any(1)
    assert torn.float().mean() > 0.2
    # Nothing comes in again on the other side: neighbours stay neighbours.
    assert (out.diff(dim=-1).abs() <= (source[0, 0, 0, 1] - source[0, 0, 0, 0]) * 1.01).all()


def test_a_split_moves_red_and_blue_apart_and_keeps_green():
    red, green, blue = broken(Faults(blocks=0.0, lines=0.0, split=1.0))[0]
    source = numbered()[0]
    assert torch.equal(green, source[1])
    distance = (red[0, 40] == source[0, 0]).nonzero().item() - 40
    assert distance < 0
    assert blue[0, 40] == source[2, 0, 40 - distance]


def test_a_broken_block_shows_the_picture_at_the_beginning_of_the_pattern():
    """Frame 0 is one value, frame 1 another, within one pattern: what is broken keeps the first."""
    film = torch.cat((torch.full((1, 3, 60, 80), 0.25), torch.full((1, 3, 60, 80), 0.75)))
    second = run_effect(Glitch(), film, Moment(0.0, 0), 1, glitch=1.0, glitch_rate=5.0, glitch_blocks=1.0)[1]
    assert set(second.unique().tolist()) == {0.25, 0.75}


@pytest.mark.parametrize(
    ("bpm", "rate", "changes"), [(120.0, 8.0, 4), (100.0, 8.0, 4), (60.0, 1.0, 1), (174.0, 30.0, 8)]
)
def test_with_a_tempo_patterns_change_on_divisions_of_the_beat(bpm, rate, changes):
    beat = Beat(position=5.0, per_second=bpm / 60.0)
    context = Context(60, 80, seconds=3.3, index=9, elapsed=1 / 30, seed=1, beat=beat)
    assert step_at(context, rate) == 5 * changes
    assert step_at(context, rate, ago=0.01) == 5 * changes - 1


def test_blocks_are_displaced_whole():
    out, side = broken(Faults(blocks=1.0, lines=0.0, split=0.0)), 4
    moved = (out != numbered())[0, 1].view(60 // side, side, 80 // (4 * side), 4 * side)
    whole = moved.float().mean((1, 3))
    assert set(whole.unique().tolist()) == {0.0, 1.0}


def test_a_smaller_amount_leaves_more_moments_and_places_alone():
    def damage(amount: float) -> float:
        frames = torch.cat([broken(ALL, step / 10, amount=amount) for step in range(12)])
        return (frames[:, 1] != numbered()[:, 1]).float().mean().item()

    assert 0.0 < damage(0.2) < damage(0.6) < damage(1.0)


def grey(level: float, frames: int = 1) -> torch.Tensor:
    return torch.full((frames, 3, 200, 200), level)


@pytest.mark.parametrize("size", [1.0, 1.4, 3.0])
@pytest.mark.parametrize("color", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("level", [0.2, 0.5])
def test_grain_keeps_the_mean_and_has_the_stated_strength(size, color, level):
    noise = grain(grey(level), 0.5, size, color, 1, 0) - level
    assert noise.mean().item() == pytest.approx(0.0, abs=3e-3)
    # Wide grains repeat the edge, and fewer of them fit: the measure is coarser.
    expected = 0.12 * 0.5 * sensitivity(torch.tensor(level)).item()
    assert noise.std().item() == pytest.approx(expected, rel=0.06 if size > 2.0 else 0.02)


def test_grain_is_strongest_at_a_third_and_leaves_black_and_white():
    brightness = torch.linspace(0.0, 1.0, 301)
    assert sensitivity(brightness).max().item() == pytest.approx(1.0, abs=1e-4)
    assert brightness[sensitivity(brightness).argmax()].item() == pytest.approx(1 / 3, abs=0.01)
    for level in (0.0, 1.0):
        assert torch.equal(grain(grey(level), 1.0, 1.0, 1.0, 1, 0), grey(level))


def test_grey_grain_is_the_same_in_all_channels_and_colored_grain_is_not():
    red, green, _ = grain(grey(0.5), 1.0, 1.0, 0.0, 1, 0)[0]
    assert torch.equal(red, green)
    red, green, _ = grain(grey(0.5), 1.0, 1.0, 1.0, 1, 0)[0]
    assert torch.corrcoef(torch.stack([red.flatten(), green.flatten()]))[0, 1].abs() < 0.02


def test_frames_and_seeds_have_grain_of_their_own():
    first, second = grain(grey(0.5, frames=2), 1.0, 1.0, 0.0, 1, 0)[:, 0].flatten(1)
    other = grain(grey(0.5), 1.0, 1.0, 0.0, 2, 0)[0, 0].flatten()
    for unrelated in (second, other):
        assert torch.corrcoef(torch.stack([first, unrelated]))[0, 1].abs() < 0.02


def test_a_seed_may_be_any_whole_number():
    small, large = (grain(grey(0.5), 1.0, 1.0, 0.0, seed, 0) for seed in (5, 5 + 2**70))
    assert torch.equal(small, large)
    assert torch.equal(broken(ALL, seed=5), broken(ALL, seed=5 + 2**70))

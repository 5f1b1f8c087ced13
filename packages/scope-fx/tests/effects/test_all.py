"""What holds for every effect, with every choice of its menus; an effect in the list is tested here by itself."""

from typing import Any, Literal, get_args, get_origin

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch._dynamo.testing import CompileCounter

from scope_fx.effects import EFFECTS
from scope_gpu.image.bands import cut
from scope_gpu.plugin.chain import as_tensors, run_effect
from scope_gpu.plugin.clock import FRAME_INTERVAL, Moment
from scope_gpu.plugin.effect import Context, Effect
from scope_gpu.plugin.renamed import renamed_fields

LONG = 5


def menus(effect: Effect) -> dict[str, list[str]]:
    """The choices that an effect offers beside its amount."""
    rest = list(effect.fields.model_fields.items())[1:]
    return {name: list(get_args(f.annotation)) for name, f in rest if get_origin(f.annotation) is Literal}


def with_choices(effect: Effect) -> list[tuple[Effect, dict[str, str]]]:
    """An effect with each choice of its menus; of a long menu, which lists colors or looks, with the first and the last."""
    short = {name: c if len(c) <= LONG else [c[0], c[-1]] for name, c in menus(effect).items()}
    chosen = [{name: choice} for name, choices in short.items() for choice in choices]
    return [(effect, values) for values in chosen or [{}]]


def amount(effect: Effect, value: float) -> dict[str, Any]:
    """The first control: how much of the effect, or which form of it; 0 is off."""
    name, field = next(iter(effect.fields.model_fields.items()))
    if get_origin(field.annotation) is Literal:
        return {name: get_args(field.annotation)[-1] if value else field.default}
    return {name: value}


CASES = [case for effect in EFFECTS for case in with_choices(effect)]
NAMES = ["-".join((type(effect).__name__, *values.values())) for effect, values in CASES]
every_effect = pytest.mark.parametrize(("effect", "chosen"), CASES, ids=NAMES)


def run(effect: Effect, frames: torch.Tensor, value: float, chosen: dict[str, str], **at: Any) -> torch.Tensor:
    return run_effect(effect, frames, **at, **chosen, **amount(effect, value))


@every_effect
def test_amount_zero_hands_back_the_very_frames(effect, chosen, picture):
    assert run(effect, picture, 0.0, chosen) is picture


@pytest.fixture
def film(picture):
    """Four frames in which things move."""
    return torch.cat((picture, picture.flip(-1)))


@every_effect
def test_amount_one_changes_the_picture_and_leaves_its_input_alone(effect, chosen, film):
    before = film.clone()
    assert not torch.equal(run(effect, film, 1.0, chosen), before)
    assert torch.equal(film, before)


@every_effect
def test_within_a_second_a_little_of_it_changes_the_picture(effect, chosen, film):
    moments = [Moment(step / 8, step) for step in range(8)]
    assert any(not torch.equal(run(effect, film, 0.3, chosen, moment=m), film) for m in moments)


@every_effect
@pytest.mark.parametrize("value", [0.01, 0.5, 1.0])
def test_a_picture_of_any_brightness_gives_finite_values_in_range(effect, chosen, value, picture):
    for frames in (torch.zeros_like(picture), torch.ones_like(picture), picture):
        out = run(effect, frames, value, chosen)
        assert out.shape == frames.shape
        assert out.dtype == torch.float32
        assert (out >= -1e-6).all()
        assert (out <= 1.0 + 1e-6).all()


@settings(max_examples=12, deadline=None)
@given(height=st.integers(1, 21), width=st.integers(1, 21), value=st.floats(0.01, 1.0))
@every_effect
def test_any_size_works(effect, chosen, height, width, value):
    out = run(effect, torch.full((2, 3, height, width), 0.6), value, chosen)
    assert out.shape == (2, 3, height, width)
    assert out.isfinite().all()


@every_effect
def test_it_gives_the_same_twice(effect, chosen, picture):
    assert torch.equal(run(effect, picture, 0.7, chosen), run(effect, picture, 0.7, chosen))


@every_effect
def test_a_call_of_two_frames_is_two_calls_of_one(effect, chosen, picture):
    """But for effects that look back, which begin anew here with each call: those have tests of their own."""
    for index in range(3):
        moment = Moment(index * FRAME_INTERVAL, index)
        pair = run(effect, picture[:1].expand(2, -1, -1, -1), 0.7, chosen, moment=moment)
        assert torch.equal(pair[:1], run(effect, picture[:1], 0.7, chosen, moment=moment))


def moved(effect: Effect, chosen: dict[str, str], share: float) -> Any:
    """The controls with every slider at that share of its range; old names of controls are none."""
    values, old = amount(effect, 0.6) | chosen, renamed_fields(effect.fields)
    for name, field in effect.fields.model_fields.items():
        if field.annotation is float and name not in old:
            low, high = (getattr(rule, side) for rule, side in zip(field.metadata, ("ge", "le"), strict=True))
            values[name] = low + share * (high - low)
    return effect.fields(**values)


@pytest.mark.gate
@pytest.mark.parametrize(("effect", "chosen"), [with_choices(effect)[-1] for effect in EFFECTS])
def test_it_is_compiled_once_and_not_again_while_its_sliders_move(effect, chosen, picture):
    """As on a GPU, where numbers are 0-dim tensors; a variant has maps of its own and may be compiled for itself."""
    counter, cpu = CompileCounter(), torch.device("cpu")
    context = Context(36, 64, seconds=0.5, index=15, elapsed=1 / 30, seed=3, beat=None)
    maps = effect.maps((36, 64), cpu, effect.variant(moved(effect, chosen, 0.5), context))
    torch._dynamo.reset()

    def step(frame, n, memory):
        plan = effect.beside(n, effect.plan(n, maps))
        seen = effect.look(frame, n, plan, memory) if effect.looks else plan
        return effect.apply(frame, n, cut(seen, slice(0, 36), 36), memory)

    memory: dict[str, torch.Tensor] = {}
    step(picture[:1].clone(), effect.numbers(moved(effect, chosen, 0.5), context), memory)
    compiled = torch.compile(step, backend=counter, fullgraph=True, dynamic=False)
    for share in (0.1, 0.3, 0.55, 0.7, 0.8, 0.9):
        numbers = effect.numbers(moved(effect, chosen, share), context)
        (n,) = as_tensors([numbers], cpu)
        plain = step(picture[:1].clone(), numbers, {name: kept.clone() for name, kept in memory.items()})
        out = compiled(picture[:1].clone(), n, {name: kept.clone() for name, kept in memory.items()})
        assert ((out - plain).abs() > 1e-3).float().mean() < 0.01
    for at in range(20):  # a thousand frames for all effects together
        (n,) = as_tensors([effect.numbers(moved(effect, chosen, (at + 0.5) / 20), context)], cpu)
        compiled(picture[:1].clone(), n, {name: kept.clone() for name, kept in memory.items()})
    assert counter.frame_count == 1


@pytest.mark.gpu
@every_effect
def test_the_gpu_agrees_with_the_cpu(effect, chosen, picture):
    """To 0.001 but for one pixel in a hundred, whose hard edge may fall to either side."""
    far = (run(effect, picture.cuda(), 0.8, chosen).cpu() - run(effect, picture, 0.8, chosen)).abs() > 1e-3
    assert far.float().mean() < 0.01

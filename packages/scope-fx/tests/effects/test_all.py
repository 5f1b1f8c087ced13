"""What holds for every effect."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scope_fx.effects.aberration import aberration
from scope_fx.effects.bloom import bloom
from scope_fx.effects.edge_glow import edge_glow
from scope_fx.effects.glitch import FRAME_INTERVAL, Faults, glitch
from scope_fx.effects.grade import Grade, grade
from scope_fx.effects.grain import grain
from scope_fx.effects.halftone import halftone
from scope_fx.effects.kaleidoscope import kaleidoscope
from scope_fx.effects.mirror import mirror
from scope_fx.effects.pixelate import pixelate
from scope_fx.effects.posterize import posterize
from scope_fx.effects.trails import Motion, Trails
from scope_fx.effects.vignette import vignette

EFFECTS = {
    "mirror": lambda f, a: mirror(f, "quarters" if a else "off"),
    "kaleidoscope": lambda f, a: kaleidoscope(f, a, 5, 0.3, 0.5),
    "edge_glow": lambda f, a: edge_glow(f, a, "spectrum", 0.2, 0.3),
    "edge_glow picture": lambda f, a: edge_glow(f, a, "picture", 0.0, 0.3),
    "trails lighten": lambda f, a: Trails()(f, a, "lighten", Motion(4.0, 3.0, 10.0)),
    "trails screen": lambda f, a: Trails()(f, a, "screen", Motion(-4.0, 0.0, 0.0)),
    "trails blend": lambda f, a: Trails()(f, a, "blend", Motion(0.0, 0.0, -30.0)),
    "grade": lambda f, a: grade(f, Grade(a, a, -a, a * 0.3, a, -a * 0.5, a, a, a * 90.0)),
    "bloom": lambda f, a: bloom(f, a, 0.5, 0.5),
    "aberration": aberration,
    "vignette": lambda f, a: vignette(f, a, 0.4),
    "pixelate": lambda f, a: pixelate(f, a, "square"),
    "pixelate lamps": lambda f, a: pixelate(f, a, "lamps"),
    "posterize": lambda f, a: posterize(f, a, 4),
    "halftone": lambda f, a: halftone(f, a, 8.0, "cmyk"),
    "halftone black": lambda f, a: halftone(f, a, 8.0, "black"),
    "glitch": lambda f, a: glitch(f, a, 8.0, Faults(1.0, 1.0, 1.0), 3, 0.0),
    "grain": lambda f, a: grain(f, a, 2.0, 0.5, 3, 0),
}

every_effect = pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS.keys())


@every_effect
def test_amount_zero_hands_back_the_very_frames(effect, picture):
    assert effect(picture, 0.0) is picture


@every_effect
def test_amount_one_changes_the_picture_and_leaves_its_input_alone(effect, picture):
    before = picture.clone()
    assert not torch.equal(effect(picture, 1.0), before)
    assert torch.equal(picture, before)


@every_effect
def test_a_little_of_it_changes_the_picture(effect, picture):
    assert not torch.equal(effect(picture, 0.3), picture)


@every_effect
@pytest.mark.parametrize("amount", [0.01, 0.5, 1.0])
def test_a_picture_of_any_brightness_gives_finite_values_in_range(effect, amount, picture):
    for frames in (torch.zeros_like(picture), torch.ones_like(picture), picture):
        out = effect(frames, amount)
        assert out.shape == frames.shape
        assert out.dtype == torch.float32
        assert (out >= -1e-6).all()
        assert (out <= 1.0 + 1e-6).all()


@settings(max_examples=12, deadline=None)
@given(height=st.integers(1, 21), width=st.integers(1, 21), amount=st.floats(0.01, 1.0))
@every_effect
def test_any_size_works(effect, height, width, amount):
    out = effect(torch.full((1, 3, height, width), 0.6), amount)
    assert out.shape == (1, 3, height, width)
    assert out.isfinite().all()


@every_effect
def test_it_gives_the_same_twice(effect, picture):
    assert torch.equal(effect(picture, 0.7), effect(picture, 0.7))


STATELESS = {name: effect for name, effect in EFFECTS.items() if not name.startswith(("trails", "glitch", "grain"))}


@pytest.mark.parametrize("effect", STATELESS.values(), ids=STATELESS.keys())
def test_a_frame_of_a_batch_looks_as_it_does_alone(effect, picture):
    torch.testing.assert_close(effect(picture, 0.7)[1:], effect(picture[1:], 0.7), atol=1e-6, rtol=0.0)


def test_seeded_effects_number_the_frames_of_a_batch(picture):
    faults = Faults(1.0, 1.0, 1.0)
    for index in range(8):
        pair, seconds = (picture[:1].expand(2, 3, 36, 64), index * FRAME_INTERVAL)
        later = glitch(pair[1:], 1.0, 30.0, faults, 3, seconds + FRAME_INTERVAL)
        assert torch.equal(glitch(pair, 1.0, 30.0, faults, 3, seconds)[1:], later)
        assert torch.equal(grain(pair, 1.0, 1.5, 0.5, 3, index)[1:], grain(pair[1:], 1.0, 1.5, 0.5, 3, index + 1))


@pytest.mark.gpu
@every_effect
def test_the_gpu_agrees_with_the_cpu(effect, picture):
    """To 0.001 but for one pixel in a hundred, whose hard edge may fall to either side."""
    far = (effect(picture.cuda(), 0.8).cpu() - effect(picture, 0.8)).abs() > 1e-3
    assert far.float().mean() < 0.01

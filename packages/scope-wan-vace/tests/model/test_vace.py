"""The VACE branch against diffusers' own."""

import pytest
import torch

from scope_wan_vace.model.dit import project_text
from scope_wan_vace.model.rope import rotation

FRAMES, ROWS, COLUMNS = 3, 4, 6


def controlled(dit, branch, x, context, scale, prompt, start=0):
    """A chunk of latents with a hint at every VACE layer."""
    embedded = dit.embed_text(prompt)
    rope = rotation(start, FRAMES, ROWS // 2, COLUMNS // 2, dit.config.head_dim, torch.device("cpu"))
    time, tokens = dit.time(torch.full((1, FRAMES), 937.5)), dit.embed(x)
    keys = project_text(branch.vace_blocks, embedded)
    hints = branch(tokens, branch.embed(context), torch.tensor(scale), time[1], rope, keys)
    hidden = dit(tokens, time[1], rope, project_text(dit.blocks, embedded), hints=hints)
    return dit.velocity(hidden, time[0], (FRAMES, ROWS, COLUMNS))


@pytest.fixture
def inputs():
    torch.manual_seed(4)
    return torch.randn(1, 4, FRAMES, ROWS, COLUMNS), torch.randn(1, 9, FRAMES, ROWS, COLUMNS)


@pytest.mark.parametrize("scale", [1.0, 0.6])
def test_equals_diffusers(dit, branch, vace_oracle, prompt, inputs, scale):
    x, context = inputs
    ours = controlled(dit, branch, x, context, scale, prompt)
    scales = torch.full((2,), scale)
    theirs = vace_oracle(x, torch.tensor([937.5]), prompt, None, context, scales).sample
    assert (ours - theirs).abs().max() / theirs.abs().max() < 1e-5


def test_scale_zero_equals_no_vace(dit, branch, oracle, prompt, inputs):
    x, context = inputs
    theirs = oracle(x, torch.tensor([937.5]), prompt).sample
    assert (controlled(dit, branch, x, context, 0.0, prompt) - theirs).abs().max() / theirs.abs().max() < 5e-6


def test_position_shift_changes_nothing(dit, branch, prompt, inputs):
    here, there = (controlled(dit, branch, *inputs, 1.0, prompt, start) for start in (0, 5000))
    assert (here - there).abs().max() / here.abs().max() < 1e-5

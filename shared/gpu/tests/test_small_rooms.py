"""Devices, prompts and hashes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.device import pick_device
from scope_gpu.hashing import hash_unit, pcg3d
from scope_gpu.prompts import PromptInForce, weighted_prompts

UINT32 = st.integers(0, 2**32 - 1)


def test_a_given_device_wins():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device(torch.device("meta")).type == "meta"


def test_without_one_it_is_a_device_that_computes():
    assert torch.ones(2, device=pick_device()).sum().item() == 2


@pytest.mark.parametrize(
    ("call", "pairs"),
    [
        ({}, []),
        ({"prompt": "a"}, [("a", 1.0)]),
        ({"prompts": ["a", "b"]}, [("a", 1.0), ("b", 1.0)]),
        ({"prompts": [{"text": "a", "weight": 2}, {"text": "b"}]}, [("a", 2.0), ("b", 1.0)]),
        ({"prompts": [{"text": "a"}], "prompt": "b"}, [("a", 1.0)]),
        ({"prompts": [{"weight": 1}, {"text": 3}, {"text": "a", "weight": "x"}, None, "b"]}, [("b", 1.0)]),
        ({"prompts": None, "prompt": None}, []),
    ],
)
def test_prompts_come_as_text_and_weight_whichever_way_they_were_sent(call, pairs):
    assert weighted_prompts(call) == pairs


def test_the_heaviest_prompt_is_the_text():
    assert PromptInForce().text({"prompts": [{"text": "a", "weight": 0.2}, {"text": "b", "weight": 0.8}]}) == "b"
    assert PromptInForce().text({}) == ""


def test_a_transition_holds_until_other_prompts_are_sent():
    prompt = PromptInForce()
    transition = {"target_prompts": [{"text": "b", "weight": 1.0}], "num_steps": 4}
    old, new = {"prompts": ["a"]}, {"prompts": ["c"]}
    assert [prompt.text(call) for call in (old, old | {"transition": transition}, old, new)] == ["a", "b", "b", "c"]


def test_a_transition_without_a_target_changes_nothing():
    prompt = PromptInForce()
    for transition in (None, "b", {}, {"target_prompts": None}):
        assert prompt.text({"prompts": ["a"], "transition": transition}) == "a"


def pcg3d_by_the_paper(x, y, z):
    """The GLSL of the paper, with Python's integers kept to 32 bits."""
    mask = 2**32 - 1
    x, y, z = ((v * 1664525 + 1013904223) & mask for v in (x, y, z))
    x = (x + y * z) & mask
    y = (y + z * x) & mask
    z = (z + x * y) & mask
    x, y, z = x ^ (x >> 16), y ^ (y >> 16), z ^ (z >> 16)
    x = (x + y * z) & mask
    y = (y + z * x) & mask
    return x, y, (z + x * y) & mask


@given(UINT32, UINT32, UINT32)
def test_the_hash_is_that_of_the_paper(x, y, z):
    hashed = pcg3d(*(torch.tensor(v) for v in (x, y, z)))
    assert tuple(v.item() for v in hashed) == pcg3d_by_the_paper(x, y, z)


def test_hashed_noise_is_uniform_and_differs_by_seed():
    y, x = torch.meshgrid(torch.arange(256), torch.arange(256), indexing="ij")
    first, second = hash_unit(x, y, 0, seed=1), hash_unit(x, y, 0, seed=2)
    assert float(first.min()) >= 0.0
    assert float(first.max()) < 1.0
    assert float(first.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(first.var()) == pytest.approx(1 / 12, abs=0.002)
    correlation = torch.corrcoef(torch.stack([first.flatten(), second.flatten()]))[0, 1]
    assert abs(float(correlation)) < 0.02


def test_a_seed_may_be_of_any_size():
    x = torch.arange(4)
    assert torch.equal(hash_unit(x, x, 0, seed=2**70 + 5), hash_unit(x, x, 0, seed=5))

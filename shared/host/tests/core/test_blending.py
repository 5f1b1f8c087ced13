"""Weighted and timed blends of prompt embeddings."""

import math

import pytest
import torch

from scope.core.pipelines.blending import EmbeddingBlender, TransitionConfig, parse_transition_config

X = torch.tensor([[[1.0, 0.0]]])
Y = torch.tensor([[[0.0, 1.0]]])


@pytest.fixture
def blender():
    return EmbeddingBlender("cpu", torch.float32)


def test_weights_need_not_sum_to_one(blender):
    assert torch.allclose(blender.blend([X, Y], [3.0, 1.0]), torch.tensor([[[0.75, 0.25]]]))
    assert torch.allclose(blender.blend([X, Y], [0.0, -1.0]), torch.tensor([[[0.5, 0.5]]]))


def test_slerp_keeps_the_length(blender):
    half = blender.blend([X, Y], [1.0, 1.0], "slerp")
    assert torch.allclose(half, torch.full((1, 1, 2), math.sqrt(0.5)))
    assert torch.allclose(blender.blend([X, X], [1.0, 1.0], "slerp"), X)
    assert torch.allclose(blender.blend([X, 0 * Y], [1.0, 1.0], "slerp"), X / 2)


def test_a_transition_arrives_after_its_steps_and_stays(blender):
    blender.blend([X], [1.0])
    blender.start_transition(Y, num_steps=4)
    seen = []
    while blender.is_transitioning():
        seen.append(blender.get_next_embedding()[0, 0, 1].item())
    assert seen == [0.25, 0.5, 0.75, 1.0]
    assert torch.equal(blender.get_next_embedding(), Y)


def test_a_transition_can_be_left_half_way_and_everything_forgotten(blender):
    assert blender.get_next_embedding() is None
    blender.blend([X], [1.0])
    blender.start_transition(Y, num_steps=2)
    half = blender.get_next_embedding()
    blender.cancel_transition()
    assert torch.equal(blender.get_next_embedding(), half)
    blender.reset()
    assert blender.get_next_embedding() is None


@pytest.mark.parametrize("steps", [0, 1, -3])
def test_a_transition_without_steps_is_a_cut(blender, steps):
    blender.blend([X], [1.0])
    blender.start_transition(Y, steps)
    assert torch.equal(blender.get_next_embedding(), Y)


def test_results_have_the_dtype_of_the_blender():
    assert EmbeddingBlender("cpu", torch.bfloat16).blend([X, Y], [1, 1], "slerp").dtype == torch.bfloat16


def test_unusable_blends_say_what_was_expected(blender):
    with pytest.raises(ValueError, match="as many weights as embeddings, got 1 for 2"):
        blender.blend([X, Y], [1.0])
    with pytest.raises(ValueError, match="out of linear, slerp, got 'cubic'"):
        blender.blend([X], [1.0], "cubic")


def test_a_transition_is_read_leniently():
    sent = {
        "target_prompts": [{"text": "sea", "weight": 1.0}],
        "num_steps": "8",
        "temporal_interpolation_method": "slerp",
    }
    assert parse_transition_config(sent) == TransitionConfig(sent["target_prompts"], 8, "slerp")
    assert parse_transition_config(None) == TransitionConfig([], 0, "linear")
    assert parse_transition_config({"num_steps": "soon", "target_prompts": "sea"}) == TransitionConfig([], 0, "linear")

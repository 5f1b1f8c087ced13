"""Weighted prompts and transitions."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_wan_vace.stream.prompts import Change, PromptTrack, blend, slerp

EMBEDDINGS = {text: torch.randn(1, 6, 8, generator=torch.Generator().manual_seed(i)) for i, text in enumerate("abc")}
EMBEDDINGS[""] = torch.zeros(1, 6, 8)


def embed(text):
    return EMBEDDINGS[text]


def weighted(**weights):
    return [{"text": text, "weight": weight} for text, weight in weights.items()]


@pytest.fixture
def track():
    return PromptTrack(embed)


def test_a_plain_prompt_and_a_weighted_list_both_work(track):
    assert torch.equal(track.advance({"prompt": "a"})[0], EMBEDDINGS["a"])
    assert torch.equal(track.advance({"prompts": weighted(b=1.0)})[0], EMBEDDINGS["b"])


def test_weighted_prompts_equal_the_blend_of_embeddings(track):
    blended, change = track.advance({"prompts": weighted(a=3.0, b=1.0, c=0.0)})
    torch.testing.assert_close(blended, 0.75 * EMBEDDINGS["a"] + 0.25 * EMBEDDINGS["b"])
    assert change is Change.CUT


def test_slerp_is_used_when_asked_for(track):
    call = {"prompts": weighted(a=1.0, b=1.0), "prompt_interpolation_method": "slerp"}
    torch.testing.assert_close(track.advance(call)[0], slerp(EMBEDDINGS["a"], EMBEDDINGS["b"], 0.5))


def test_nothing_sent_means_the_empty_prompt(track):
    assert torch.equal(track.advance({})[0], EMBEDDINGS[""])


def test_an_unchanged_prompt_is_no_change(track):
    call = {"prompts": weighted(a=1.0)}
    assert [track.advance(call)[1] for _ in range(3)] == [Change.CUT, Change.NONE, Change.NONE]


@pytest.mark.parametrize("method", ["linear", "slerp"])
def test_transition_moves_over_its_steps_and_stays_although_old_prompts_keep_coming(track, method):
    old = {"prompts": weighted(a=1.0)}
    track.advance(old)
    sent = {"target_prompts": weighted(b=1.0), "num_steps": 4, "temporal_interpolation_method": method}
    steps = [track.advance(old | {"transition": sent})] + [track.advance(old) for _ in range(5)]
    distances = [(embedding - EMBEDDINGS["b"]).norm().item() for embedding, _ in steps]
    assert distances[:4] == sorted(distances[:4], reverse=True)
    assert distances[3:] == [0, 0, 0]
    assert [change for _, change in steps] == [Change.BLENDED] * 4 + [Change.NONE] * 2


def test_transition_starts_from_the_old_prompt_when_the_new_one_comes_with_it(track):
    track.advance({"prompts": weighted(a=1.0)})
    target = weighted(b=1.0)
    sent = {"prompts": target, "transition": {"target_prompts": target, "num_steps": 2}}
    halfway, change = track.advance(sent)
    torch.testing.assert_close(halfway, (EMBEDDINGS["a"] + EMBEDDINGS["b"]) / 2)
    assert change is Change.BLENDED
    assert torch.equal(track.advance({"prompts": target})[0], EMBEDDINGS["b"])


def test_a_new_prompt_cuts_a_transition_short(track):
    track.advance({"prompts": weighted(a=1.0)})
    track.advance({"transition": {"target_prompts": weighted(b=1.0), "num_steps": 9}, "prompts": weighted(a=1.0)})
    embedding, change = track.advance({"prompts": weighted(c=1.0)})
    assert torch.equal(embedding, EMBEDDINGS["c"])
    assert change is Change.CUT


@pytest.mark.parametrize("steps", [0, -1, None, "many", float("inf")])
def test_a_transition_without_steps_is_a_cut(track, steps):
    track.advance({"prompts": weighted(a=1.0)})
    call = {"prompts": weighted(a=1.0), "transition": {"target_prompts": weighted(b=1.0), "num_steps": steps}}
    embedding, change = track.advance(call)
    assert torch.equal(embedding, EMBEDDINGS["b"])
    assert change is Change.CUT


@given(st.lists(st.floats(-1, 5), min_size=3, max_size=3), st.sampled_from(["linear", "slerp"]))
def test_blends_are_finite_and_keep_padding_zero(weights, method):
    padded = [embedding.clone() for embedding in map(embed, "abc")]
    for embedding in padded:
        embedding[:, 4:] = 0
    blended = blend(padded, weights, method)
    assert blended.isfinite().all()
    assert not blended[:, 4:].any()


def test_slerp_goes_along_the_arc():
    a, b = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    torch.testing.assert_close(slerp(a, b, 0.5), torch.full((1, 1, 2), 0.5**0.5))
    torch.testing.assert_close(slerp(a, -a, 0.25), 0.5 * a)
    torch.testing.assert_close(slerp(a, torch.zeros_like(a), 0.25), 0.75 * a)

"""Prompts whichever way they were sent, and the one in force."""

import pytest

from scope_gpu.plugin.prompts import PromptInForce, weighted_prompts


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

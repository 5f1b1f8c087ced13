"""Prompts whichever way they were sent, and the one in force."""

import pytest

from scope_gpu.plugin.prompts import STEP_SECONDS, PromptInForce, weighted_prompts


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


def test_weights_become_shares_and_the_heaviest_prompt_is_the_text():
    prompts = [
        {"text": "a", "weight": 1},
        {"text": "b", "weight": 3},
        {"text": "c", "weight": 0},
        {"text": "d", "weight": -1},
    ]
    prompt = PromptInForce().at({"prompts": prompts}, 0.0)
    assert (prompt.after, prompt.text) == ((("a", 0.25), ("b", 0.75)), "b")
    assert PromptInForce().at({}, 0.0).text == ""


def test_a_transition_glides_and_holds_until_other_prompts_are_sent():
    prompt, step = PromptInForce(), STEP_SECONDS
    transition = {"target_prompts": [{"text": "b", "weight": 1.0}], "num_steps": 4}
    old, new = {"prompts": ["a"]}, {"prompts": ["c"]}
    films = [prompt.at(old, 0.0), prompt.at(old | {"transition": transition}, step), prompt.at(old, 2 * step)]
    assert [film.progress for film in films] == [1.0, 0.0, 0.25]
    assert films[2].sides() == [((("a", 1.0),), 0.75), ((("b", 1.0),), 0.25)]
    assert prompt.at(old, 5 * step).sides() == [((("b", 1.0),), 1.0)]
    assert [prompt.at(call, 6 * step).text for call in (old, new)] == ["b", "c"]


@pytest.mark.parametrize("steps", [0, None, "4", float("nan"), -2])
def test_a_transition_of_no_steps_is_a_cut(steps):
    prompt = PromptInForce()
    prompt.at({"prompts": ["a"]}, 0.0)
    cut = prompt.at({"prompts": ["a"], "transition": {"target_prompts": ["b"], "num_steps": steps}}, 1.0)
    assert cut.sides() == [((("b", 1.0),), 1.0)]


def test_a_transition_without_a_target_changes_nothing():
    prompt = PromptInForce()
    for transition in (None, "b", {}, {"target_prompts": None}):
        assert prompt.at({"prompts": ["a"], "transition": transition}, 0.0).text == "a"

"""What a prompt means, word by word."""

import logging
import re
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.image.palette import PALETTES, loop_table
from scope_synth.generators import GENERATORS
from scope_synth.lexicon import (
    COLORS,
    MOODS,
    NEGATIONS,
    PALETTE_HINTS,
    PALETTE_WORDS,
    SPEEDS,
    TEXTURE_HINTS,
    TEXTURES,
)
from scope_synth.pipeline import SynthPipeline
from scope_synth.reading import BOUNDS, palette_of, read


def test_calm_crimson_smoke_is_noise_in_crimson_at_a_third_of_the_speed():
    reading = read("Calm, crimson smoke!")
    assert reading.words == ["0.3 x", "crimson", "noise"]
    assert reading.values == {
        "synth_speed": 0.3,
        "synth_generator": "noise",
        "synth_palette": "custom",
        "synth_colors": palette_of([COLORS["crimson"]]),
    }


@pytest.mark.parametrize(
    ("prompt", "values"),
    [
        ("no fire but stripes", {"synth_generator": "bars"}),
        ("not slow", {"synth_speed": 2.5}),
        ("fast, backwards", {"synth_speed": -2.0}),
        ("without neon", {}),
        ("not still", {}),
        ("a fox", {}),
        ("without any stars", {}),
        ("not too fast", {"synth_speed": 0.5}),
        ("don't be slow", {"synth_speed": 2.5}),
        ("no, stripes", {"synth_generator": "bars"}),
        ("never were there so many stripes", {"synth_generator": "bars"}),
        ("a tunnel of silk", {"synth_generator": "tunnel"}),
    ],
)
def test_negation_leaves_words_out_and_inverts_factors(prompt, values):
    assert read(prompt).values == values


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("sea", ["ocean", "water"]),
        ("a mosaic of the sea", ["cells", "ocean"]),
        ("fire", ["fire", "ember"]),
        ("icy fire", ["ice", "fire"]),
        ("no fire", []),
        ("silently, darkly", ["dark"]),
    ],
)
def test_a_hint_counts_where_no_other_word_says_more(prompt, words):
    assert read(prompt).words == words


@pytest.mark.parametrize(
    ("prompt", "colors"),
    [("neon red", ["red"]), ("purple and gold", ["purple", "gold"]), ("blue fire", ["blue"]), ("gold", [])],
)
def test_colors_win_over_palettes_and_gold_is_a_color_only_beside_others(prompt, colors):
    values = read(prompt).values
    if colors:
        assert values["synth_colors"] == palette_of([COLORS[color] for color in colors])
        assert "neon" not in read(prompt).words
    else:
        assert values == {"synth_palette": "gold"}


@given(st.text())
def test_any_prompt_can_be_read(prompt):
    assert read(prompt) == read(prompt)


@given(st.lists(st.sampled_from([*COLORS, *SPEEDS, *MOODS, *NEGATIONS]), max_size=30))
def test_stacked_words_stay_within_bounds(words):
    values = read(" ".join(words)).values
    for name, (low, high) in BOUNDS.items():
        assert low <= values.get(name, 1.0) <= high
    assert len(values.get("synth_colors", "").split()) <= 13


def test_every_word_means_something_that_there_is_and_stands_in_the_readme():
    assert set(TEXTURES) == {entry.name for entry in GENERATORS} - {"type"}
    assert set(PALETTE_WORDS) == set(PALETTES)
    assert loop_table(palette_of(list(COLORS.values()))).shape[0] == 3
    readme = Path(__file__).parents[1] / "README.md"
    told = set(re.findall(r"[a-z]+", readme.read_text(encoding="utf-8")))
    for hints, table in ((TEXTURE_HINTS, TEXTURES), (PALETTE_HINTS, PALETTE_WORDS)):
        assert set(hints) <= set(table)
        assert all(read(word).words for words in hints.values() for word in words)
    groups = [*TEXTURES.values(), *PALETTE_WORDS.values(), *TEXTURE_HINTS.values(), *PALETTE_HINTS.values()]
    words = [*COLORS, *SPEEDS, *MOODS, *(word for group in groups for word in group)]
    assert [word for word in words if word not in told] == []


def test_a_prompt_that_is_followed_sets_what_was_not_moved_and_is_reported_once(caplog):
    pipeline = SynthPipeline(device="cpu", height=24, width=32)
    call = {"frame_time": 1.0, "init_cache": True, "synth_follow": True, "prompt": "calm crimson smoke"}
    with caplog.at_level(logging.INFO):
        followed = [pipeline(**call)["video"] for _ in range(2)][1]
        moved = pipeline(**call, synth_generator="cells", synth_speed=2.0)["video"]
    palette = {"synth_palette": "custom", "synth_colors": palette_of([COLORS["crimson"]])}
    plain = {"frame_time": 1.0, "init_cache": True, **palette}
    assert torch.equal(followed, pipeline(**plain, synth_generator="noise", synth_speed=0.3)["video"])
    assert torch.equal(moved, pipeline(**plain, synth_generator="cells", synth_speed=2.0)["video"])
    assert [r.getMessage() for r in caplog.records if r.name == "scope_synth.pipeline"] == [
        "synth: understood 'calm crimson smoke' as 0.3 x, crimson, noise"
    ]

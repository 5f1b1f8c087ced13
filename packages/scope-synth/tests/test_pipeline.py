"""`synth` as a host meets it."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import torch

from scope_gpu.image.palette import PALETTES
from scope_synth.generators import GENERATORS
from scope_synth.pipeline import SynthPipeline
from scope_synth.schema import EXAMPLES, SynthConfig
from scope_synth.typography.layouts import LAYOUTS
from scope_testkit import readme

GENERATOR_NAMES = get_args(SynthConfig.model_fields["synth_generator"].annotation)


def film(pipeline, seconds, **call):
    pictures = [pipeline(frame_time=t, init_cache=t == seconds[0], **call)["video"] for t in seconds]
    return torch.cat(pictures)


@pytest.fixture
def pipeline():
    return SynthPipeline(device="cpu", height=32, width=48)


@pytest.mark.parametrize("generator", GENERATOR_NAMES)
def test_each_generator_makes_a_picture_of_the_loaded_size(pipeline, generator):
    video = pipeline(frame_time=0.5, init_cache=True, synth_generator=generator)["video"]
    assert video.shape == (1, 32, 48, 3)
    assert video.dtype == torch.float32
    assert 0.0 <= float(video.min()) < float(video.max()) <= 1.0


def test_the_menus_name_what_there_is():
    fields = SynthConfig.model_fields
    assert list(GENERATOR_NAMES) == [entry.name for entry in GENERATORS]
    assert set(get_args(fields["synth_layout"].annotation)) == set(LAYOUTS)
    assert set(get_args(fields["synth_palette"].annotation)) == {*PALETTES, "custom"}


def test_released_controls_keep_their_names_values_and_defaults():
    """What a host has saved with an older version must mean the same; new controls and choices may come."""
    released = json.loads(Path(__file__).with_name("released.json").read_text(encoding="utf-8"))
    properties = SynthConfig.model_json_schema()["properties"]
    for name, was in released.items():
        now = properties[name]
        assert {key: now[key] for key in was if key != "enum"} == {key: was[key] for key in was if key != "enum"}
        assert set(was.get("enum", [])) <= set(now.get("enum", []))


def test_every_example_is_valid_and_every_generator_has_one():
    assert {SynthConfig(**example).synth_generator for example in EXAMPLES} == set(GENERATOR_NAMES)


@pytest.mark.parametrize("generator", GENERATOR_NAMES)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("synth_palette", "ice"),
        ("synth_hue", 0.4),
        ("synth_bands", 3.0),
        ("synth_speed", -2.0),
        ("synth_scale", 0.4),
        ("synth_detail", 1.0),
        ("synth_warp", 1.0),
        ("synth_intensity", 0.4),
        ("synth_contrast", 2.0),
        ("base_seed", 7),
    ],
)
def test_every_control_changes_the_picture_of_every_generator(picture, generator, name, value):
    # The lines of the test card need some pixels between them.
    size = {"height": 90, "width": 130} if generator == "testcard" else {}
    call = size | {"synth_generator": generator}
    usual, moved = picture(**call), picture(**call, **{name: value})
    assert float((usual - moved).abs().mean()) > 2e-3


def test_type_draws_the_text_else_the_heaviest_prompt_else_the_pipelines_name(picture):
    prompts = [{"text": "b", "weight": 0.2}, {"text": "a", "weight": 0.8}]
    drawn = picture(synth_text="a")
    assert torch.equal(drawn, picture(prompt="a"))
    assert torch.equal(drawn, picture(prompts=prompts))
    assert torch.equal(drawn, picture(prompts=prompts, synth_text=" a  "))
    assert torch.equal(picture(), picture(prompt="Synth"))
    assert not torch.equal(drawn, picture())


@pytest.mark.parametrize("generator", [name for name in GENERATOR_NAMES if name != "type"])
def test_the_other_generators_do_not_read_the_prompt(picture, generator):
    assert torch.equal(picture(synth_generator=generator), picture(synth_generator=generator, prompt="a fox"))


def test_a_prompt_that_the_font_lacks_is_reported_once(picture, pipeline, caplog):
    with caplog.at_level(logging.WARNING):
        for seconds in (0.0, 0.1):
            pipeline(frame_time=seconds, prompt="東京")
    assert [r.getMessage() for r in caplog.records] == [
        "synth: expected a text in ASCII, got '東京'; give a font that has it as 'synth_font'"
    ]


def test_the_same_seed_gives_the_same_film_on_every_instance(pipeline):
    other = SynthPipeline(device="cpu", height=32, width=48)
    seconds = [0.0, 0.1, 0.2]
    for generator in GENERATOR_NAMES:
        assert torch.equal(
            film(pipeline, seconds, synth_generator=generator), film(other, seconds, synth_generator=generator)
        )


def test_a_film_does_not_depend_on_how_many_pictures_are_taken_of_it(pipeline):
    few = film(pipeline, [0.0, 1.0, 2.0], synth_generator="noise", synth_speed=1.7)
    many = film(pipeline, [step / 10 for step in range(21)], synth_generator="noise", synth_speed=1.7)
    assert torch.equal(few, many[[0, 10, 20]])


def test_a_change_of_speed_does_not_make_the_picture_jump(pipeline):
    film(pipeline, [0.0, 10.0], synth_generator="tunnel")
    before = pipeline(frame_time=10.001, synth_generator="tunnel")["video"]
    after = pipeline(frame_time=10.002, synth_generator="tunnel", synth_speed=4.0)["video"]
    assert float((before - after).abs().mean()) < 0.01


def test_a_reset_starts_the_motion_anew(pipeline):
    first = film(pipeline, [0.0, 0.5], synth_speed=2.0, synth_generator="noise")
    film(pipeline, [0.0, 9.0], synth_speed=-1.0, synth_generator="noise")
    assert torch.equal(first, film(pipeline, [0.0, 0.5], synth_speed=2.0, synth_generator="noise"))


def test_speed_zero_stands_still(pipeline):
    still = film(pipeline, [0.0, 5.0], synth_speed=0.0, synth_generator="water")
    assert torch.equal(still[0], still[1])


def test_palette_shift_runs_round_once(picture):
    start, end = picture(synth_generator="noise"), picture(synth_generator="noise", synth_hue=1.0)
    torch.testing.assert_close(start, end, atol=0.02, rtol=0)


def test_contrast_zero_leaves_flat_colour(picture):
    flat = picture(synth_generator="cells", synth_contrast=0.0, synth_bands=0.0)
    assert float((flat - flat[0, 0]).abs().max()) < 1.0 / 255.0


def test_intensity_zero_is_black(picture):
    assert float(picture(synth_generator="noise", synth_intensity=0.0).mul(255.0).round().max()) == 0.0


def test_a_slow_gradient_takes_more_levels_than_bytes_have(picture):
    """On a row of cloth two bytes alternate where the value lies between them, in their shares."""
    picture = picture(synth_generator="mesh", height=64, width=512).mul(255.0)
    steps = picture.round().diff(dim=1).abs().gt(0.0).float().mean()
    assert float(steps) > 0.25
    assert float((picture.round().mean(1) - picture.mean(1)).abs().max()) < 0.2


def test_custom_colours_are_the_palette(picture):
    call = {"synth_generator": "noise", "synth_palette": "custom"}
    red = picture(**call, synth_colors="#f00 #400")
    assert float(red[..., 0].mean()) > 5.0 * float(red[..., 2].mean())


def test_colours_that_cannot_be_read_are_reported_once_and_the_last_ones_stay(pipeline, caplog):
    call = {"synth_generator": "noise", "synth_palette": "custom", "frame_time": 0.0}
    good = pipeline(**call, synth_colors="#f00 #400")["video"]
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert torch.equal(good, pipeline(**call, synth_colors="red")["video"])
    assert len(caplog.records) == 1
    assert "parameter 'synth_colors' expected colours such as '#ff8c42', got 'red'" in caplog.text


@pytest.mark.parametrize("value", ["bad", None, float("nan"), -1e9, 1e9, [], 2**80])
def test_unusable_values_do_not_stop_the_stream(picture, value):
    names = [name for name in SynthConfig.model_fields if name.startswith("synth_") and name != "synth_font"]
    for generator in GENERATOR_NAMES:
        result = picture(**dict.fromkeys([*names, "base_seed"], value) | {"synth_generator": generator})
        assert torch.isfinite(result).all()


def test_live_it_makes_pictures_without_a_frame_time(pipeline):
    assert pipeline(init_cache=True)["video"].shape == (1, 32, 48, 3)


def test_importing_the_plugin_imports_neither_torch_nor_the_schema():
    code = "import scope_synth, sys; print([m for m in ('torch', 'pydantic', 'PIL') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_readme_tells_the_schemas_parameters():
    assert not readme.update(Path(__file__).parents[1] / "README.md", [SynthConfig])


@pytest.mark.gpu
@pytest.mark.parametrize("generator", GENERATOR_NAMES)
def test_a_gpu_makes_the_picture_of_the_cpu(picture, generator):
    on_cpu, on_gpu = (picture(2.0, device, 90, 160, synth_generator=generator) for device in ("cpu", "cuda"))
    assert float((on_cpu - on_gpu.cpu()).abs().mean()) < 0.02

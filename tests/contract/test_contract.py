"""The plugin API point by point, as a plugin written after the reference text sees it."""

import json

import pytest


def test_the_plugin_is_found_with_all_its_pipelines(outcome):
    row = next(line for line in outcome("plugins").out.splitlines() if line.startswith("scope-witness"))
    assert "witness-text, witness-video, witness-multi" in row
    assert row.split()[2] == "ok"


def test_the_schema_is_what_the_reference_text_says(outcome):
    schema = json.loads(outcome("schema").out)
    field = schema["config_schema"]["properties"]["my_param"]
    assert (field["type"], field["minimum"], field["maximum"], field["default"]) == ("number", 0.0, 1.0, 0.5)
    assert field["ui"]["label"] == "Short Label"
    assert field["ui"]["modes"] == ["video"]
    assert schema["usage"] == ["preprocessor"]


def test_construction_gets_every_default_that_is_not_none_then_the_load_parameters(outcome):
    (keywords,) = outcome("size and seed").seen("init")
    assert (keywords["height"], keywords["width"], keywords["base_seed"]) == (16, 32, 7)
    assert (keywords["manage_cache"], keywords["input_size"], keywords["vace_context_scale"]) == (True, 1, 1.0)
    assert keywords["level"] == 0.5
    assert not {"device", "dtype", "noise_scale", "denoising_steps", "ref_images"} & keywords.keys()


def test_enum_members_arrive_as_such_at_load(outcome):
    assert outcome("enum at load").seen("init")[0]["look"] == "<Look.FANCY: 'fancy'>"


def test_a_call_gets_runtime_parameters_only_when_they_were_set(outcome):
    calls = outcome("set later").seen("call")
    assert [call.get("my_param") for call in calls] == [None, 0.25, 0.25]
    assert all("height" not in call and "look" not in call for call in calls)
    assert [call["init_cache"] for call in calls] == [True, False, False]


def test_prepare_gets_video_and_the_runtime_parameters_but_no_init_cache(outcome):
    assert outcome("set").seen("prepare")[0] == {"my_param": 0.25, "video": True}


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_frames_are_tensors_1hwc_from_0_to_255_in_the_size_of_the_source(outcome, dtype):
    for call in outcome(dtype).seen("call"):
        ((shape, kind, low, high),) = call["video"]
        assert (shape, kind) == ([1, 48, 64, 3], f"torch.{dtype}")
        assert 0 <= low < 20
        assert 200 < high <= 255


def test_prompts_come_both_as_a_text_and_as_a_weighted_list(outcome):
    (call,) = outcome("prompt").seen("call")
    assert call["prompt"] == "a fox"
    assert call["prompts"] == [{"text": "a fox", "weight": 1.0}]
    assert "video" not in call


def test_extra_outputs_of_a_preprocessor_are_parameters_of_the_main_pipeline(outcome):
    (call,) = outcome("preprocessor").seen("call", "witness-multi")
    assert call["witnessed"] == 0.125
    assert "my_param" not in call


def test_a_multi_mode_pipeline_gathers_a_chunk_in_video_mode(outcome):
    film = outcome("multi from video")
    assert [len(call["video"]) for call in film.seen("call")] == [12, 12]
    assert film.seen("call")[0]["input_mode"] == "video"
    assert film.seen("init")[0]["noise_scale"] == 0.7


def test_a_multi_mode_pipeline_is_called_at_once_in_text_mode_and_may_set_the_rate(outcome):
    film = outcome("multi from text")
    assert [call["frame_time"] for call in film.seen("call")] == [0.0, 9 / 16]
    assert film.seen("init")[0]["height"] == 512
    assert "18 frames, 16x16, 16 a second" in film.out

"""The plugin API point by point, as a plugin written after the reference text sees it."""

import json

import pytest


def render(host, tmp_path, pipeline, *argv):
    done = host.run("render", pipeline, *argv, "--output", tmp_path / "out.mp4")
    assert done.returncode == 0, done.stderr
    return done


def test_the_plugin_is_found_with_all_its_pipelines(host):
    out = host.run("plugins").stdout
    row = next(line for line in out.splitlines() if line.startswith("scope-witness"))
    assert "witness-text, witness-video, witness-multi" in row
    assert row.split()[-1] == "ok"


def test_the_schema_is_what_the_reference_text_says(host):
    schema = json.loads(host.run("schema", "witness-video").stdout)
    field = schema["config_schema"]["properties"]["my_param"]
    assert (field["type"], field["minimum"], field["maximum"], field["default"]) == ("number", 0.0, 1.0, 0.5)
    assert field["ui"]["label"] == "Short Label"
    assert field["ui"]["modes"] == ["video"]
    assert schema["usage"] == ["preprocessor"]


def test_construction_gets_every_default_that_is_not_none_then_the_load_parameters(host, tmp_path):
    render(host, tmp_path, "witness-text", "--frames", 1, "--size", "32x16", "--seed", 7)
    (keywords,) = host.seen("init")
    assert (keywords["height"], keywords["width"], keywords["base_seed"]) == (16, 32, 7)
    assert (keywords["manage_cache"], keywords["input_size"], keywords["vace_context_scale"]) == (True, 1, 1.0)
    assert keywords["level"] == 0.5
    assert not {"device", "dtype", "noise_scale", "denoising_steps", "ref_images"} & keywords.keys()


def test_enum_members_arrive_as_such_at_load(host, tmp_path):
    render(host, tmp_path, "witness-video", "--input", "testpattern", "--frames", 1, "--load", "look=fancy")
    assert host.seen("init")[0]["look"] == "<Look.FANCY: 'fancy'>"


def test_a_call_gets_runtime_parameters_only_when_they_were_set(host, tmp_path):
    render(host, tmp_path, "witness-video", "--input", "testpattern", "--frames", 3, "--at", "0.03s", "my_param=0.25")
    calls = host.seen("call")
    assert [call.get("my_param") for call in calls] == [None, 0.25, 0.25]
    assert all("height" not in call and "look" not in call for call in calls)
    assert [call["init_cache"] for call in calls] == [True, False, False]


def test_prepare_gets_video_and_the_runtime_parameters_but_no_init_cache(host, tmp_path):
    render(host, tmp_path, "witness-video", "--input", "testpattern", "--frames", 1, "--set", "my_param=0.25")
    assert host.seen("prepare")[0] == {"my_param": 0.25, "video": True}


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_frames_are_tensors_1hwc_from_0_to_255_in_the_size_of_the_source(host, tmp_path, dtype):
    arguments = ("--input", "testpattern", "--size", "64x48", "--frames", 2, "--frame-dtype", dtype)
    render(host, tmp_path, "witness-video", *arguments)
    for call in host.seen("call"):
        ((shape, kind, low, high),) = call["video"]
        assert (shape, kind) == ([1, 48, 64, 3], f"torch.{dtype}")
        assert 0 <= low < 20
        assert 200 < high <= 255


def test_prompts_come_both_as_a_text_and_as_a_weighted_list(host, tmp_path):
    render(host, tmp_path, "witness-text", "--frames", 1, "--size", "16x16", "--prompt", "a fox")
    (call,) = host.seen("call")
    assert call["prompt"] == "a fox"
    assert call["prompts"] == [{"text": "a fox", "weight": 1.0}]
    assert "video" not in call


def test_extra_outputs_of_a_preprocessor_are_parameters_of_the_main_pipeline(host, tmp_path):
    arguments = ("--input", "testpattern", "--frames", 12, "--pre", "witness-video", "--set", "my_param=0.125")
    render(host, tmp_path, "witness-multi", *arguments)
    (call,) = host.seen("call", "witness-multi")
    assert call["witnessed"] == 0.125
    assert "my_param" not in call


def test_a_multi_mode_pipeline_gathers_a_chunk_in_video_mode_and_none_in_text_mode(host, tmp_path):
    render(host, tmp_path, "witness-multi", "--input", "testpattern", "--frames", 24)
    assert [len(call["video"]) for call in host.seen("call")] == [12, 12]
    assert host.seen("call")[0]["input_mode"] == "video"
    assert (host.seen("init")[0]["height"], host.seen("init")[0]["noise_scale"]) == (320, 0.7)
    done = render(host, tmp_path, "witness-multi", "--frames", 18)
    assert [call["frame_time"] for call in host.seen("call")] == [0.0, 9 / 16]
    assert "18 frames, 16x16, 16 a second" in done.stdout
    assert host.seen("init")[0]["height"] == 512

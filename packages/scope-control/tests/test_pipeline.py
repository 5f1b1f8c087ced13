"""What hosts do to the pipeline, and what it promises for every map."""

import pytest
import torch
from torch import Tensor

from scope.core.pipelines.base_schema import UsageType
from scope.core.pipelines.interface import Requirements
from scope_control.maps import MAPS
from scope_control.pipeline import ControlPipeline
from scope_control.schema import ControlConfig

NAMES = [entry.name for entry in MAPS]
EVERY_MAP = pytest.mark.parametrize("name", NAMES)

# A value that differs from the default and the map in which that must show.
CHANGES = {
    "control_map": ("grey", "canny"),
    "control_mix": (0.5, "canny"),
    "control_invert": (True, "canny"),
    "control_detail": (0.9, "canny"),
    "control_auto_threshold": (False, "soft_edge"),
    "control_low_threshold": (0.02, "soft_edge"),
    "control_high_threshold": (0.6, "soft_edge"),
    "control_format": ("vace", "canny"),
    "control_quality": ("fast", "canny"),
    "control_line_width": (9, "canny"),
    "control_denoise": (4.0, "canny"),
    "control_blur_radius": (2.0, "blur"),
    "control_mosaic_size": (5, "mosaic"),
    "control_mask_level": (0.2, "luma_mask"),
    "control_mask_softness": (0.9, "luma_mask"),
    "control_mask_hue": (0.0, "chroma_mask"),
    "control_mask_tolerance": (1.0, "chroma_mask"),
    "control_mask_x": (0.2, "box_mask"),
    "control_mask_y": (0.2, "box_mask"),
    "control_mask_width": (0.2, "box_mask"),
    "control_mask_height": (0.2, "box_mask"),
    "control_mask_border": (0.6, "border_mask"),
}


def play(pipeline: ControlPipeline, video: list[Tensor], **params) -> Tensor:
    return pipeline(video=video, init_cache=True, **params)["video"]


@EVERY_MAP
def test_a_map_is_a_film_of_three_channels_between_zero_and_one(pipeline, film, name):
    video = play(pipeline, film(3), control_map=name, control_mask_hue=0.0)
    assert video.shape == (3, 48, 64, 3)
    assert video.dtype == torch.float32
    assert video.is_contiguous()
    assert 0.0 <= float(video.min()) < float(video.max()) <= 1.0


@EVERY_MAP
@pytest.mark.parametrize("smoothing", [0.0, 0.6])
def test_frames_together_give_what_they_give_one_by_one(film, name, smoothing):
    params = {"control_map": name, "control_smoothing": smoothing}
    frames = film(5)
    together = ControlPipeline(device="cpu")(video=frames, init_cache=True, **params)["video"]
    singly = ControlPipeline(device="cpu")
    calls = [singly(video=[f], init_cache=i == 0, **params)["video"] for i, f in enumerate(frames)]
    torch.testing.assert_close(torch.cat(calls), together, atol=1e-5, rtol=0)


@EVERY_MAP
def test_uint8_and_float_frames_give_one_picture(pipeline, film, name):
    whole = play(pipeline, film(2, dtype=torch.uint8), control_map=name)
    assert torch.equal(whole, play(pipeline, film(2, dtype=torch.float32), control_map=name))


@EVERY_MAP
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("auto", [False, True])
def test_black_white_and_noise_stay_finite(pipeline, name, invert, auto):
    noise = torch.randint(0, 256, (1, 20, 30, 3), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    black = torch.zeros_like(noise)
    params = {"control_map": name, "control_invert": invert, "control_auto_threshold": auto}
    params |= {"control_low_threshold": 0.0, "control_high_threshold": 0.0, "control_smoothing": 0.5}
    video = play(pipeline, [black, noise, black + 255, noise, black], **params)
    assert video.isfinite().all()
    assert float(video.min()) >= 0.0
    assert float(video.max()) <= 1.0


@EVERY_MAP
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 2), (33, 31)])
def test_any_size_will_do(pipeline, film, name, size):
    height, width = size
    frames = film(2, height=height, width=width)
    assert play(pipeline, frames, control_map=name, control_line_width=9).shape == (2, height, width, 3)


@EVERY_MAP
def test_the_input_is_not_written_to(pipeline, film, name):
    frames = film(2, dtype=torch.float32)
    kept = [frame.clone() for frame in frames]
    play(pipeline, frames, control_map=name, control_smoothing=0.5, control_send_vace=True)
    assert all(torch.equal(frame, before) for frame, before in zip(frames, kept, strict=True))


@EVERY_MAP
def test_mix_zero_is_the_picture_itself_and_a_half_lies_between(pipeline, film, name):
    frames = film(2)
    picture = torch.cat(frames).float() / 255.0
    assert torch.equal(play(pipeline, frames, control_map=name, control_mix=0.0), picture)
    drawn = play(pipeline, frames, control_map=name)
    torch.testing.assert_close(play(pipeline, frames, control_map=name, control_mix=0.5), (picture + drawn) / 2)


@EVERY_MAP
def test_invert_gives_the_opposite(pipeline, film, name):
    drawn = play(pipeline, film(2), control_map=name)
    torch.testing.assert_close(play(pipeline, film(2), control_map=name, control_invert=True), 1.0 - drawn)


@pytest.mark.parametrize("parameter", sorted(CHANGES))
def test_every_live_control_changes_the_picture(pipeline, film, parameter):
    value, name = CHANGES[parameter]
    base = {"control_map": name, "control_auto_threshold": "threshold" not in parameter or "auto" in parameter}
    frames = film(2, height=96, width=128)
    before = play(pipeline, frames, **base)
    assert float((play(pipeline, frames, **base | {parameter: value}) - before).abs().mean()) > 1e-3


def test_every_control_is_covered_by_a_test_of_its_effect():
    own = [name for name in ControlConfig.model_fields if name.startswith("control_")]
    assert {*CHANGES, "control_smoothing", "control_send_vace", "control_send_mask"} == set(own)


def test_detail_shows_in_every_map_that_says_so(pipeline, film):
    for name in set(NAMES) - {"blur", "mosaic", "gray"} - {name for name in NAMES if name.endswith("mask")}:
        few, many = (play(pipeline, film(3), control_map=name, control_detail=d) for d in (0.1, 0.9))
        assert not torch.equal(few, many), name


def test_vace_gets_the_map_and_the_next_pipeline_the_picture(pipeline, film):
    frames = film(3)
    drawn = play(pipeline, frames, control_map="line_art")
    outputs = pipeline(video=frames, init_cache=True, control_map="line_art", control_send_vace=True)
    assert set(outputs) == {"video", "vace_input_frames"} < set(ControlConfig.outputs)
    assert torch.equal(outputs["vace_input_frames"], drawn)
    assert torch.equal(outputs["video"], torch.cat(frames).float() / 255.0)


def test_a_mask_goes_beside_the_picture_too(pipeline, film):
    frames = film(3)
    drawn = play(pipeline, frames, control_map="motion")
    outputs = pipeline(video=frames, init_cache=True, control_map="motion", control_send_mask=True)
    assert set(outputs) == {"video", "vace_input_masks"} < set(ControlConfig.outputs)
    assert torch.equal(outputs["vace_input_masks"], drawn[..., :1])
    assert torch.equal(outputs["video"], torch.cat(frames).float() / 255.0)


@pytest.mark.parametrize("name", ["canny", "soft_edge", "line_art"])
def test_lines_for_vace_are_dark_on_white(pipeline, film, name):
    drawn = play(pipeline, film(2), control_map=name, control_format="controlnet")
    torch.testing.assert_close(play(pipeline, film(2), control_map=name, control_format="vace"), 1.0 - drawn)
    assert float(drawn.mean()) < 0.5


def test_scribbles_for_vace_are_dark_pen_lines_on_white(pipeline, film):
    frames = film(1, height=512, width=160)
    brush, pen = (play(pipeline, frames, control_map="scribble", control_format=f) for f in ("controlnet", "vace"))
    assert float(pen.max()) == 1.0
    assert 0.0 < float(1.0 - pen.mean()) < float(brush.mean())


def test_flow_for_vace_is_fully_saturated_at_the_highest_speed(pipeline, film):
    slow, fast = (film(2, speed=speed, height=96, width=128) for speed in (2.0, 4.0))
    for frames in (slow, fast):
        drawn = play(pipeline, frames, control_map="flow", control_format="vace")[1]
        assert float(drawn.min()) < 0.05


def test_the_released_name_of_relief_draws_the_same(pipeline, film):
    assert torch.equal(play(pipeline, film(2), control_map="normals"), play(pipeline, film(2), control_map="relief"))


def test_without_the_toggle_there_is_no_other_output(pipeline, film):
    assert set(pipeline(video=film(1))) == {"video"}


def test_a_host_may_construct_and_call_it_as_it_likes(film):
    defaults = {n: f.get_default() for n, f in ControlConfig.model_fields.items() if f.get_default() is not None}
    pipeline = ControlPipeline(**defaults, device="cpu", loras=[], vace_enabled=True, seed=1)
    assert pipeline.prepare(video=True) == Requirements(input_size=1)
    odd = {"control_mix": "bad", "control_line_width": 2.7, "control_map": "depth", "control_denoise": 99}
    video = pipeline(video=film(1), init_cache=True, noise_scale=0.7, prompts=[], **odd)["video"]
    expected = pipeline(video=film(1), init_cache=True, control_line_width=3, control_denoise=6.0)["video"]
    assert torch.equal(video, expected)


def test_without_video_the_error_says_what_to_do(pipeline):
    with pytest.raises(ValueError, match="control: expected video input, got none; connect a source"):
        pipeline(control_map="canny")


def test_it_is_a_preprocessor_of_video_without_prompts():
    assert ControlConfig.usage == [UsageType.PREPROCESSOR]
    assert list(ControlConfig.modes) == ["video"]
    assert not ControlConfig.supports_prompts

"""What is remembered from frame to frame, and when it is forgotten."""

import pytest
import torch
from torch import Tensor

from scope_control.maps import MAPS
from scope_control.pipeline import ControlPipeline
from scope_control.schema import ControlConfig

EVERY_MAP = pytest.mark.parametrize("name", [entry.name for entry in MAPS])


def play(pipeline: ControlPipeline, video: list[Tensor], **params) -> Tensor:
    return pipeline(video=video, init_cache=True, **params)["video"]


@EVERY_MAP
def test_a_change_of_size_in_mid_stream_starts_the_memory_anew(film, name):
    params = {"control_map": name, "control_smoothing": 0.5}
    changed, fresh = ControlPipeline(device="cpu"), ControlPipeline(device="cpu")
    changed(video=film(2), init_cache=True, **params)
    small = film(2, height=30, width=40)
    assert torch.equal(changed(video=small, **params)["video"], fresh(video=small, **params)["video"])


@EVERY_MAP
def test_init_cache_restarts_and_instances_share_nothing(film, name):
    params = {"control_map": name, "control_smoothing": 0.5}
    one, other = ControlPipeline(device="cpu"), ControlPipeline(device="cpu")
    first = play(one, film(3), **params)
    other(video=film(2, speed=9.0), **params)
    one(video=film(2, speed=5.0), **params)
    assert torch.equal(play(one, film(3), **params), first)


@pytest.mark.parametrize(("name", "value"), [("motion", 0.0), ("flow", 1.0)])
def test_nothing_moves_in_the_first_frame_and_after_a_reset(pipeline, film, name, value):
    for _ in range(2):
        video = play(pipeline, film(3), control_map=name)
        torch.testing.assert_close(video[0], torch.full((48, 64, 3), value), atol=1e-3, rtol=0)
        assert float((video[1] - value).abs().max()) > 0.5


def test_movement_is_seen_across_calls(pipeline, film):
    first, second = film(2)
    pipeline(video=[first], init_cache=True, control_map="motion")
    assert float(pipeline(video=[second], control_map="motion")["video"].max()) == 1.0


def test_movement_during_a_mix_of_zero_is_forgotten(pipeline, film):
    first, second = film(2)
    pipeline(video=[first], init_cache=True, control_map="motion")
    pipeline(video=[first], control_map="motion", control_mix=0.0)
    assert float(pipeline(video=[second], control_map="motion")["video"].max()) == 0.0


@pytest.mark.parametrize(("before", "after"), [("canny", "grey"), ("blur", "relief"), ("relief", "blur")])
def test_smoothing_does_not_carry_one_map_into_another(film, before, after):
    frames = film(2, speed=0.0)
    switched, fresh = ControlPipeline(device="cpu"), ControlPipeline(device="cpu")
    switched(video=[frames[0]], init_cache=True, control_map=before, control_smoothing=1.0)
    result = switched(video=[frames[1]], control_map=after, control_smoothing=1.0)["video"]
    assert torch.equal(result, fresh(video=[frames[1]], control_map=after, control_smoothing=1.0)["video"])


@pytest.mark.parametrize("name", ["canny", "scribble", "soft_edge"])
def test_by_default_noise_over_a_shot_at_rest_does_not_flicker(pipeline, film, name):
    seeded = torch.Generator().manual_seed(3)
    still = film(1, height=96, width=128, dtype=torch.float32)[0]
    noisy = [(still + 4.0 * torch.randn(still.shape, generator=seeded)).clamp(0, 255) for _ in range(24)]

    def flicker(**params) -> float:
        """The share of pixels that turn from black to white or back from one frame to the next, once it has settled."""
        video = play(pipeline, noisy, control_map=name, **params) > 0.5
        return float((video[17:] ^ video[16:-1]).float().mean())

    unsmoothed = flicker(control_smoothing=0.0)
    assert flicker() <= min(0.001, unsmoothed / 4)


@pytest.mark.parametrize(("name", "value"), [("motion", 0.0), ("flow", 1.0)])
def test_nothing_moves_in_the_first_frame_of_a_new_shot(pipeline, film, name, value):
    shots = [*film(2), *(frame // 4 for frame in film(2))]
    video = play(pipeline, shots, control_map=name)
    torch.testing.assert_close(video[2], torch.full((48, 64, 3), value), atol=1e-3, rtol=0)
    assert float((video[3] - value).abs().max()) > 0.5


@EVERY_MAP
def test_a_new_shot_keeps_nothing_of_the_last_one(pipeline, film, name):
    params = {"control_map": name, "control_smoothing": 1.0}
    second = [frame // 4 for frame in film(1)]
    cut = play(pipeline, [*film(3), *second], **params)[3:]
    assert torch.equal(cut, play(pipeline, second, **params))


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({}, True),
        ({"control_smoothing": 0.0}, False),
        ({"control_smoothing": 0.0, "control_map": "flow"}, True),
        ({"control_mix": 0.0}, False),
    ],
)
def test_a_film_may_be_split_while_no_frame_is_remembered(values, kept):
    assert ControlConfig.keeps_state({**ControlConfig().model_dump(), **values}) is kept

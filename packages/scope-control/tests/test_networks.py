"""Depth and masks by networks: tiny models with random weights, in the real files, through the real loaders."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from scope.models import missing_files
from scope_control.networks.depth import Range, depth_of, sizes_of
from scope_control.networks.loading import ModelError
from scope_control.networks.matte import refined, share_of
from scope_control.networks.pipelines import DepthPipeline, MattePipeline
from scope_control.networks.tiny import write_models
from scope_testkit.contract import PipelineContract

SMALL = {"depth_resolution": 112, "matte_resolution": 129}
RESOLUTION = "a network sees no more than the picture has, and here that is little"
BOTH = pytest.mark.parametrize("pipeline", [DepthPipeline, MattePipeline])


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def in_models_dir(models, monkeypatch) -> Path:
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(models))
    return models


@BOTH
def test_a_map_is_a_film_of_gray_between_zero_and_one(in_models_dir, film, pipeline):
    video = pipeline(device="cpu")(video=film(2), init_cache=True, **SMALL)["video"]
    assert video.shape == (2, 48, 64, 3)
    assert 0.0 <= float(video.min()) < float(video.max()) <= 1.0
    assert torch.equal(video[..., 0], video[..., 2])


@BOTH
def test_the_schema_declares_the_files_that_are_loaded(in_models_dir, monkeypatch, tmp_path, pipeline):
    config = pipeline.get_config_class()
    assert not missing_files(config)
    assert "MB download" in config.pipeline_name
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(tmp_path))
    assert len(missing_files(config)) == 2


@BOTH
def test_a_missing_model_is_a_sentence_with_the_command_that_fetches_it(monkeypatch, tmp_path, pipeline):
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(tmp_path))
    name = pipeline.get_config_class().pipeline_id
    with pytest.raises(ModelError, match=f"{name}: expected config.json .* scope models download {name}"):
        pipeline(device="cpu")


def test_a_damaged_model_is_a_sentence_too(models, monkeypatch, tmp_path):
    folder = tmp_path / "Depth-Anything-V2-Small-hf"
    folder.mkdir()
    (folder / "config.json").write_bytes((models / folder.name / "config.json").read_bytes())
    (folder / "model.safetensors").write_bytes(b"\0" * 64)
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(tmp_path))
    with pytest.raises(ModelError, match=r"cannot be read .* scope models remove control-depth, then scope models"):
        DepthPipeline(device="cpu")


def test_a_missing_package_is_a_sentence(in_models_dir, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ModelError, match="control-depth: expected the package transformers"):
        DepthPipeline(device="cpu")


@pytest.mark.parametrize(
    ("toggle", "port"), [("depth_send_vace", "vace_input_frames"), ("matte_send_mask", "vace_input_masks")]
)
def test_a_map_goes_beside_the_picture(in_models_dir, film, toggle, port):
    pipeline = (DepthPipeline if "depth" in toggle else MattePipeline)(device="cpu")
    drawn = pipeline(video=film(1), init_cache=True, **SMALL)["video"]
    outputs = pipeline(video=film(1), init_cache=True, **SMALL, **{toggle: True})
    assert torch.equal(outputs[port], drawn[..., : outputs[port].shape[-1]])
    assert torch.equal(outputs["video"], torch.cat(film(1)).float() / 255.0)


@pytest.mark.parametrize(
    ("height", "width", "expected"), [(720, 1280, (224, 392)), (1280, 720, (392, 224)), (4, 900, (28, 392))]
)
def test_the_network_sees_whole_patches_in_the_pictures_proportion(height, width, expected):
    assert sizes_of(height, width, 392, 14) == expected


class Ramp(nn.Module):
    """A network that sees the depth rise to the right, and people in the right half."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, pictures: Tensor) -> "Ramp":
        across = torch.linspace(0.0, 5.0, pictures.shape[-1]).expand(pictures.shape[0], *pictures.shape[-2:])
        self.predicted_depth = across
        self.logits = torch.zeros(pictures.shape[0], 21, 8, 8)
        self.logits[:, 15, :, 4:] = self.logits[:, 0, :, :4] = 20.0
        return self


def test_depth_comes_in_the_size_of_the_picture():
    depth = depth_of(Ramp(), torch.rand(2, 3, 30, 50), 112)
    assert depth.shape == (2, 1, 30, 50)
    assert float(depth[0, 0, 0, 0]) < 0.2
    assert float(depth[0, 0, 0, -1]) > 4.8


def test_depth_is_spread_over_black_to_white_and_its_range_moves_slowly_but_at_a_cut():
    ramp = torch.linspace(0.0, 1.0, 1000).view(1, 1, 10, 100)
    spread, still, cut = Range(), torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    first = spread.spread(ramp, still)
    assert float(first.min()) == 0.0
    assert float(first.max()) == 1.0
    assert float(spread.spread(0.5 * ramp, still).max()) < 0.6
    assert float(spread.spread(0.5 * ramp, cut).max()) == 1.0


@pytest.mark.parametrize(("subject", "expected"), [("person", 1.0), ("anything", 1.0)])
def test_people_are_white_and_the_background_is_black(subject, expected):
    share = share_of(Ramp(), torch.rand(1, 3, 40, 60), subject, 129)
    assert float(share[..., 5:].min()) == pytest.approx(expected, abs=1e-3)
    assert float(share[..., :3].max()) < 1e-3


def test_a_coarse_mask_takes_the_edge_of_the_picture():
    picture = torch.full((1, 3, 96, 128), 0.2)
    picture[..., 70:] = 0.8
    share = torch.zeros(1, 1, 24, 32)
    share[..., 17:] = 1.0
    mask = refined(share, picture)[0, 0, 20:-20]
    assert mask.shape == (56, 128)
    assert float(mask[:, 72:].min()) > 0.9
    assert float(mask[:, :50].max()) < 0.1
    assert float((mask[:, 70] - mask[:, 69]).min()) > 0.3


@pytest.mark.gate
class TestDepth(PipelineContract):
    pipeline = DepthPipeline
    fast = True
    size = (32, 48)
    seconds = 2.0
    allow = {"V005:depth_resolution": RESOLUTION}

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def in_models_dir(cls, models):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(models))
            yield


@pytest.mark.gate
class TestMatte(TestDepth):
    pipeline = MattePipeline

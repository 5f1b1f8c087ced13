"""What every host expects of a pipeline, on tiny models in the real files."""

from typing import Any

import pytest

from scope_testkit.contract import PipelineContract
from scope_wan_vace.pipeline.pipeline import WanVacePipeline
from scope_wan_vace.schema import WanVaceConfig


@pytest.mark.gate  # a model is built for most checks
class TestWanVace(PipelineContract):
    pipeline = WanVacePipeline
    size = (32, 48)
    fast = True
    seconds = 5.0
    allow = {
        "F017": "the first chunk of a film is 9 frames long, for a causal VAE's first latent is one frame",
        "M012": "each call makes the next chunk of the film; a real model is never called faster than it is shown",
        "V006:eager": "it turns compiled code and graphs off, which changes the speed and not the picture",
        "V006:low_vram": "it moves weights out of the GPU's memory and leaves the picture alone",
    }

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def in_models_dir(cls, models):
        """The host looks for models in the folder of tiny ones."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(models))
            yield

    @classmethod
    def make(cls, **load: Any) -> WanVacePipeline:
        small: dict[str, Any] = {"height": 32, "width": 48}
        if load["vae_type"] == WanVaceConfig.model_fields["vae_type"].default:
            small |= {"vae_type": "tae"}
        return WanVacePipeline(None, **{**load, **small})

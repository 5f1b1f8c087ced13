import pytest
import torch

from scope_synth.pipeline import SynthPipeline


@pytest.fixture
def picture():
    """Makes the picture (HWC in [0, 1]) of a fresh instance: `picture(seconds, height=..., parameter=...)`."""

    def make(seconds=1.5, device="cpu", height=40, width=56, **call) -> torch.Tensor:
        pipeline = SynthPipeline(device=device, height=height, width=width, synth_font=call.pop("synth_font", ""))
        return pipeline(frame_time=seconds, init_cache=True, **call)["video"][0]

    return make

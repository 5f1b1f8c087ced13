import pytest
import torch

from scope_synth.generators import flow, fluid, reaction
from scope_synth.pipeline import SynthPipeline


@pytest.fixture
def whole_run_ups():
    """Lets simulations run up as they do outside tests."""


@pytest.fixture(autouse=True)
def _short_run_ups(request, monkeypatch):
    """Simulations start with a few steps, which is all that most tests need, in a fraction of the time."""
    if "whole_run_ups" not in request.fixturenames:
        for module, steps in ((reaction, 40), (fluid, 4), (flow, 4)):
            monkeypatch.setattr(module, "RUN_UP_STEPS", steps)


@pytest.fixture
def picture():
    """Makes the picture (HWC in [0, 1]) of a fresh instance: `picture(seconds, height=..., parameter=...)`."""

    def make(seconds=1.5, device="cpu", height=40, width=56, **call) -> torch.Tensor:
        pipeline = SynthPipeline(device=device, height=height, width=width, synth_font=call.pop("synth_font", ""))
        return pipeline(frame_time=seconds, init_cache=True, **call)["video"][0]

    return make

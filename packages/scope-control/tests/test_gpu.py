"""On a GPU: nothing waits for it, and it draws what the CPU draws."""

import pytest
import torch
from torch import Tensor

from scope_control.maps import MAPS
from scope_control.pipeline import ControlPipeline

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
EVERY_MAP = pytest.mark.parametrize("name", [entry.name for entry in MAPS])


def play(pipeline: ControlPipeline, video: list[Tensor], **params) -> Tensor:
    return pipeline(video=video, init_cache=True, **params)["video"]


@EVERY_MAP
def test_nothing_waits_for_a_gpu(film, name):
    pipeline, frames = ControlPipeline(device="cuda"), [frame.cuda() for frame in film(3)]
    play(pipeline, frames, control_map=name)
    torch.cuda.set_sync_debug_mode("error")
    try:
        play(pipeline, frames, control_map=name, control_smoothing=0.5, control_line_width=3)
        play(pipeline, frames, control_map=name, control_auto_threshold=False)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@EVERY_MAP
def test_a_gpu_draws_what_the_cpu_draws(film, name):
    params = {"control_map": name, "control_smoothing": 0.4, "control_line_width": 2}
    frames = film(4, height=120, width=160)
    cpu, gpu = (play(ControlPipeline(device=device), frames, **params).cpu() for device in ("cpu", "cuda"))
    # Rounding moves a few pixels over a threshold; everywhere else the pictures are one.
    assert float(((cpu - gpu).abs() > 2 / 255).float().mean()) < 0.002

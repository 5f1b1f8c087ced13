"""Nothing in a running stream waits for the device: no value is read back and no tensor copied to the host.

The pipeline runs on the `meta` device, which has shapes and no data: whatever would wait for a GPU fails there.
"""

import pytest
import torch

FOX = [{"text": "a fox", "weight": 1.0}]
HARBOUR = [{"text": "a harbour at night", "weight": 1.0}]


@pytest.fixture
def pipeline(make):
    return make(device="meta")


@pytest.mark.parametrize("wait", [torch.Tensor.cpu, torch.Tensor.item, torch.Tensor.tolist, torch.nonzero, bool])
def test_the_device_notices_whatever_waits(wait):
    with pytest.raises((RuntimeError, NotImplementedError)):
        wait(torch.ones((), device="meta"))


@pytest.mark.parametrize("kind", ["text", "video", "control", "inpainting", "transition"])
def test_a_chunk_never_waits(pipeline, video, kind):
    frames, masks = torch.zeros(12, 32, 48, 3), torch.ones(12, 32, 48)
    calls = {
        "text": {},
        "video": {"video": video},
        "control": {"vace_input_frames": frames},
        "inpainting": {"vace_input_frames": frames, "vace_input_masks": masks},
        "transition": {"transition": {"target_prompts": HARBOUR, "num_steps": 3}},
    }
    # Operations on this device are slow.
    steps = {"denoising_steps": [1000, 500]}
    for _ in range(6):
        assert pipeline(prompts=FOX, **steps, **calls[kind])["video"].device.type == "meta"
    pipeline(prompts=HARBOUR, **steps, **calls[kind])

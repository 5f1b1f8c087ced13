"""Nothing in a running stream reads a value back from the device."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from scope_wan_vace.control import Control
from scope_wan_vace.noise import MotionNoise
from scope_wan_vace.sampler import video_sigmas
from scope_wan_vace.session import Shot

SYNCHRONISING = ("_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select", "unique", "_assert")


class SyncChecker(TorchDispatchMode):
    """Fails on every operation that would make the host wait for a GPU."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        if any(name.startswith(forbidden) for forbidden in SYNCHRONISING):
            raise AssertionError(f"{name} waits for the device")
        return func(*args, **(kwargs or {}))


def test_the_checker_sees_a_read_back():
    with pytest.raises(AssertionError, match="waits for the device"), SyncChecker():
        torch.ones(3).sum().item()


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["text", "video", "control", "inpainting"])
def test_a_chunk_never_waits(session, shot, embeddings, kind):
    motion, masks = MotionNoise(), {"control": None, "inpainting": torch.ones(1, 1, 12, 32, 48)}
    session.generate(shot)
    for _ in range(5):
        frames = torch.zeros(1, 3, 12, 32, 48)
        with SyncChecker():
            wish = shot
            if kind == "video":
                wish = Shot(seed=1, sigmas=video_sigmas(motion.level(frames, 0.7), 2), video=frames)
            elif kind != "text":
                wish = Shot(seed=1, sigmas=shot.sigmas, control=Control(frames, masks[kind]))
            session.generate(wish)
    with SyncChecker():
        session.set_text(embeddings[1:], retell=True)

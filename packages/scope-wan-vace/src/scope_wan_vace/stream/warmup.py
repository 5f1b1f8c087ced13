"""Compile everything that a stream will need before the first viewer waits for it."""

import torch
from torch import Tensor

from scope_wan_vace.stream.control import Control
from scope_wan_vace.stream.session import ChunkRequest, Session, default_sigmas


@torch.inference_mode()
def warm_up(session: Session, embeddings: Tensor) -> None:
    """Run text chunks until the window is full, then controlled ones, then forget them."""
    sigmas = default_sigmas(session.models.device)
    session.set_text(embeddings, recache=False)
    for _ in range(session.ring.slots + 2):
        session.generate(ChunkRequest(seed=0, sigmas=sigmas))
    if session.models.vace is not None:
        for _ in range(3):
            frames = torch.zeros(1, 3, session.next_frames, *session.size, device=session.models.device)
            session.generate(ChunkRequest(seed=0, sigmas=sigmas, control=Control(frames)))
    session.reset()

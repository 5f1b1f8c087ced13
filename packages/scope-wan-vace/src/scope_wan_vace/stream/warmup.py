"""Compile and record everything that a stream will need before the first viewer waits for it."""

import torch
from torch import Tensor

from scope_wan_vace.stream.control import Control
from scope_wan_vace.stream.request import ChunkRequest
from scope_wan_vace.stream.sampler import default_sigmas
from scope_wan_vace.stream.session import Session


@torch.inference_mode()
def warm_up(session: Session, embeddings: Tensor) -> None:
    """Run every kind of chunk, and a prompt switch, then forget them."""
    device, sigmas = session.models.device, default_sigmas(session.models.device)
    session.set_text(embeddings, recache=False)
    for _ in range(session.ring.slots + 3):
        session.generate(ChunkRequest(seed=0, sigmas=sigmas))
    session.set_text(embeddings, recache=True)
    if session.models.vace is not None:
        image = torch.zeros(1, 3, 1, *session.size, device=device)
        references = session.encode_references([image])
        for guide in (None, None, None, references, references, references):
            frames = torch.zeros(1, 3, session.next_frames, *session.size, device=device)
            session.generate(ChunkRequest(seed=0, sigmas=sigmas, control=Control(frames), references=guide))
    session.reset()

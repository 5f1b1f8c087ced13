"""Arithmetic of a chunk: how many floating-point operations it takes, whatever runs it.

Two ways that check each other: closed formulas for the transformer, and a count of every operation of a real
session of the same shape on the meta device, which computes nothing.
"""

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from .config import DitConfig
from .control import Control
from .session import Models, Session, Shot, default_sigmas

TERA = 1e12
# Dense bfloat16 of one H100 SXM under power and clocks as measured, not the data sheet's 989.
H100_TFLOPS = 790.0


@dataclass(frozen=True)
class ForwardCost:
    """TFLOP of one forward pass, by kind."""

    linear: float
    cross_attention: float
    self_attention: float

    @property
    def total(self) -> float:
        """Everything."""
        return self.linear + self.cross_attention + self.self_attention


def frame_tokens(config: DitConfig, height: int, width: int) -> int:
    """Tokens of one latent frame: 1560 at 832x480."""
    return (height // 8 // config.patch[1]) * (width // 8 // config.patch[2])


def forward_cost(config: DitConfig, tokens: int, visible: int) -> ForwardCost:
    """Cost of the main blocks for `tokens` queries on `visible` keys; a multiply-add counts as two.

    Embeddings, norms, modulation and the head are left out: they are below one percent.
    """
    return _cost(config, config.layers, tokens, visible, extra=0)


def vace_cost(config: DitConfig, tokens: int) -> ForwardCost:
    """Cost of the VACE branch, whose attention stays inside the chunk."""
    layers = len(config.vace_layers)
    return _cost(config, layers, tokens, tokens, extra=(layers + 1) * config.dim**2)


def _cost(config: DitConfig, layers: int, tokens: int, visible: int, extra: int) -> ForwardCost:
    # Self-attention has four square matrices, cross-attention two: its keys and values are kept per prompt.
    weights = layers * (6 * config.dim**2 + 2 * config.dim * config.ffn_dim) + extra
    return ForwardCost(
        linear=2 * tokens * weights / TERA,
        cross_attention=4 * tokens * config.text_length * config.dim * layers / TERA,
        self_attention=4 * tokens * visible * config.dim * layers / TERA,
    )


@torch.inference_mode()
def counted_chunk(models: Models, height: int, width: int, shot: Shot) -> float:
    """TFLOP of a chunk once the window is full, counted on a session of meta tensors."""
    session = Session(models, height, width)
    config = models.dit.config
    session.set_text(torch.empty(1, config.text_length, config.text_dim, device="meta"), retell=False)
    session.generate(shot_of(session, shot))
    # What a full window costs does not depend on what is in it.
    session.ring.count = session.ring.slots
    with FlopCounterMode(display=False) as counter:
        session.generate(shot_of(session, shot))
    return counter.get_total_flops() / TERA


def shot_of(session: Session, shot: Shot) -> Shot:
    """The same wishes with video and control of the right length, on the session's device."""
    frames = torch.zeros(1, 3, session.next_frames, *session.size, device=session.models.device)
    return Shot(
        seed=shot.seed,
        sigmas=default_sigmas(session.models.device)[: len(shot.sigmas)],
        video=None if shot.video is None else frames,
        control=None if shot.control is None else Control(frames),
    )

"""The tensors that a chunk's forward passes read and write, at addresses that never change.

One chunk differs from the next in their contents alone, so compiled code sees the same layouts every time and a
CUDA graph recorded once serves all chunks of its kind.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.kv import Segment
from scope_wan_vace.model.rope import Rope


@dataclass(frozen=True)
class ChunkKind:
    """What decides the shapes of a chunk.

    Attributes:
        steps: denoising steps; 0 for latents that are given.
        references: reference frames in front.
        controlled: whether VACE takes part.
    """

    steps: int
    references: int = 0
    controlled: bool = False


@dataclass
class Workspace:
    """Buffers of one kind of chunk, with R reference frames in front of its own: `frames` = R + block.

    Attributes:
        x: latents at the schedule's first level, [1, 16, frames, rows, columns].
        x0: the result, of the same shape.
        noises: fresh noise for every step [steps, 1, 16, frames, rows, columns]; the first is not used.
        sigmas: noise levels [steps].
        rope: of every token.
        write: places in the cache [tokens].
        context: embedded control [1, tokens, dim].
        scale: strength of the control, 0-dim.
        visible: how many tokens of the cache are seen.
    """

    kind: ChunkKind
    x: Tensor
    x0: Tensor
    noises: Tensor
    sigmas: Tensor
    rope: Rope
    write: Tensor
    context: Tensor | None
    scale: Tensor
    visible: int = 0
    passes: dict[str, Callable[[], None]] = field(default_factory=dict)

    @classmethod
    def allocate(
        cls, kind: ChunkKind, config: DitConfig, grid: tuple[int, int, int], device: torch.device, dtype: torch.dtype
    ) -> "Workspace":
        """Zeros for a block of `grid` (frames, rows, columns) latent cells."""
        block, rows, columns = grid
        frames = kind.references + block
        tokens = frames * (rows // config.patch[1]) * (columns // config.patch[2])
        shape = (1, config.in_channels, frames, rows, columns)

        def zeros(*sizes: int, kind: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros(sizes, device=device, dtype=kind)

        return cls(
            kind=kind,
            x=zeros(*shape),
            x0=zeros(*shape),
            noises=zeros(kind.steps, *shape),
            sigmas=zeros(kind.steps),
            rope=(zeros(tokens, 1, config.head_dim // 2), zeros(tokens, 1, config.head_dim // 2)),
            write=zeros(tokens, kind=torch.int64),
            context=zeros(1, tokens, config.dim, kind=dtype) if kind.controlled else None,
            scale=zeros(),
        )

    @property
    def segment(self) -> Segment:
        """Where the chunk's tokens go and what they see."""
        return Segment(self.write, self.visible)

    def place(self, segment: Segment, rope: Rope) -> None:
        """Set the chunk's place in the cache and in time."""
        self.write.copy_(segment.write)
        self.visible = segment.visible
        for buffer, value in zip(self.rope, rope, strict=True):
            buffer.copy_(value)

    def control(self, context: Tensor, scale: float) -> None:
        """Set embedded control and its strength."""
        assert self.context is not None
        self.context.copy_(context)
        self.scale.fill_(scale)

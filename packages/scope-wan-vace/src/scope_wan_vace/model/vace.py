"""The VACE branch (arXiv 2503.07598): a second, shorter transformer that turns control into hints for the main one."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from scope_wan_vace.model.attention import TextKeys
from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.dit import Block, PatchEmbedding, RunBlock, run_plain
from scope_wan_vace.model.rope import Rope


class VaceBlock(Block):
    """A main block with a projection out; the first also has one in, where the latents join."""

    def __init__(self, config: DitConfig, first: bool):
        super().__init__(config)
        if first:
            self.before_proj = nn.Linear(config.dim, config.dim)
        self.after_proj = nn.Linear(config.dim, config.dim)


class VaceBranch(nn.Module):
    """Context [batch, 96, frames, rows, columns] → one hint [batch, tokens, dim] for each layer it speaks to.

    Attention stays inside the chunk: control of past chunks is in the main branch's cache by its effect.
    """

    def __init__(self, config: DitConfig):
        super().__init__()
        self.layers = config.vace_layers
        self.vace_patch_embedding = PatchEmbedding(config.vace_in_channels, config.dim, config.patch)
        self.vace_blocks = nn.ModuleList(VaceBlock(config, first=index == 0) for index in range(len(self.layers)))

    def embed(self, context: Tensor) -> Tensor:
        """Context → tokens; the same for every step of a chunk."""
        return self.vace_patch_embedding(context)

    def forward(
        self,
        tokens: Tensor,
        context: Tensor,
        scale: Tensor,
        time: Tensor,
        rope: Rope,
        text: Sequence[TextKeys],
        run: RunBlock = run_plain,
    ) -> dict[int, Tensor]:
        """Hints by main layer. `tokens` are the embedded latents, `context` the embedded control, `scale` 0-dim."""
        blocks = cast("list[VaceBlock]", self.vace_blocks)
        hints, hidden = {}, blocks[0].before_proj(context) + tokens
        for layer, block, keys in zip(self.layers, blocks, text, strict=True):
            hidden = run(block, hidden, time, rope, keys)
            hints[layer] = block.after_proj(hidden) * scale.type_as(hidden)
        return hints

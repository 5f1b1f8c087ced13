"""Causal 3D convolutions computed as 2D ones over stacked frames.

A kernel of kt frames over C channels is a 2D kernel over kt·C channels, once the kt frames of every output frame
are stacked: the same sums. It is for CUDA in half precision, where PyTorch 2.9 with cuDNN before 9.15 has no fast
3D convolution; on a CPU it gains nothing.
"""

import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d
from torch import Tensor, nn


class StackedConv(nn.Module):
    """Stands in for a `WanCausalConv3d`, with the same call."""

    def __init__(self, conv: WanCausalConv3d):
        super().__init__()
        self.frames, self.stride = conv.kernel_size[0], conv.stride[0]
        # diffusers keeps the padding in a tuple of its own: (left, right, top, bottom, before, after).
        left, _, top, _, self.frames_before, _ = (int(size) for size in conv._padding)
        self.spatial_padding = (top, left)
        weight = conv.weight.detach().transpose(1, 2).flatten(1, 2)
        self.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last), requires_grad=False)
        self.bias = conv.bias

    def forward(self, x: Tensor, cache_x: Tensor | None = None) -> Tensor:
        """BCTHW to BCTHW; `cache_x` holds the frames before `x`, zeros stand for those it lacks."""
        stacked = self._stack(self._with_past(x, cache_x))
        batch, _, count = stacked.shape[:3]
        out = F.conv2d(stacked.transpose(1, 2).flatten(0, 1), self.weight, self.bias, padding=self.spatial_padding)
        return out.unflatten(0, (batch, count)).transpose(1, 2)

    def _with_past(self, x: Tensor, cache: Tensor | None) -> Tensor:
        if not self.frames_before:
            return x
        if cache is not None:
            x = torch.cat([cache, x], dim=2)
        missing = self.frames_before - (0 if cache is None else cache.shape[2])
        return F.pad(x, (0, 0, 0, 0, missing, 0)) if missing else x

    def _stack(self, x: Tensor) -> Tensor:
        if self.frames == 1:
            return x
        last = x.shape[2] - self.frames
        return torch.cat([x[:, :, tap : last + tap + 1 : self.stride] for tap in range(self.frames)], dim=1)


def stack_convolutions(module: nn.Module) -> None:
    """Replace every causal 3D convolution inside `module`, in place."""
    for name, child in list(module.named_modules()):
        if isinstance(child, WanCausalConv3d):
            module.set_submodule(name, StackedConv(child))

"""What VACE is shown of a chunk: control frames, mask and references → context [1, 96, frames, rows, columns].

A mask of 1 is generated anew, 0 is kept. The frames split into inactive = v · (1 - m) and reactive = v · m, each
with an encoder of its own: with one shared state the second stream would see the first one's past.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_wan_vace.codec import SPATIAL_FACTOR, TEMPORAL_FACTOR, Codec
from scope_wan_vace.codec.chunks import ChunkEncoder

SETTLED_LATENTS = 28  # a video of zeros has constant latents from here on: the VAE's memory is full of it


@dataclass(frozen=True)
class Control:
    """Control of one chunk: `frames` [1, 3, T, H, W] in [-1, 1], `mask` [1, 1, T, H, W], None meaning all ones."""

    frames: Tensor
    mask: Tensor | None = None


def hold_images(control: Control, first: Tensor | None, last: Tensor | None) -> Control:
    """Keep images [1, 3, 1, H, W] at the ends of a chunk, each for four frames, one latent's worth."""
    frames = control.frames.clone()
    mask = torch.ones_like(frames[:, :1]) if control.mask is None else control.mask.clone()
    for picture, part in ((first, slice(None, TEMPORAL_FACTOR)), (last, slice(-TEMPORAL_FACTOR, None))):
        if picture is not None:
            frames[:, :, part] = picture
            mask[:, :, part] = 0
    return Control(frames, mask)


def mask_latents(mask: Tensor, frames: int) -> Tensor:
    """Mask [1, 1, T, H, W] → [1, 64, frames, H / 8, W / 8]: 8 x 8 pixels to channels, nearest-exact in time."""
    cells = F.pixel_unshuffle(mask[0].transpose(0, 1), SPATIAL_FACTOR).transpose(0, 1)[None]
    return F.interpolate(cells, (frames, *cells.shape[-2:]), mode="nearest-exact")


def reference_context(latents: Tensor) -> Tensor:
    """Context of reference images' latents [1, 16, R, rows, columns]: they are kept, nothing is reactive."""
    zeros = torch.zeros_like(latents)
    mask = latents.new_zeros(1, SPATIAL_FACTOR**2, *latents.shape[2:])
    return torch.cat([latents, zeros, mask], dim=1)


def paste_back(generated: Tensor, control: Control) -> Tensor:
    """Put the kept pixels of the control back, so that a mask of zeros keeps the input exactly. Both BCTHW [-1, 1]."""
    if control.mask is None:
        return generated
    return torch.where(control.mask > 0.5, generated, control.frames.type_as(generated))


class ControlEncoder:
    """Encodes a stream of control; a new one is needed whenever control starts anew."""

    def __init__(self, codec: Codec):
        self._inactive, self._reactive = ChunkEncoder(codec), ChunkEncoder(codec)
        self._zero_latents = 0
        self._zeros: Tensor | None = None

    def context(self, control: Control) -> Tensor:
        """Context of the next chunk."""
        if control.mask is None:
            reactive = self._reactive.encode(control.frames)
            mask = torch.ones_like(control.frames[:, :1])
            inactive = self._of_zeros(control.frames, reactive.shape[2])
        else:
            mask = control.mask
            reactive = self._reactive.encode(control.frames * mask)
            inactive = self._inactive.encode(control.frames * (1 - mask))
            self._zero_latents, self._zeros = 0, None
        cells = mask_latents(mask, reactive.shape[2]).type_as(reactive)
        return torch.cat([inactive, reactive, cells], dim=1)

    def _of_zeros(self, frames: Tensor, latents: int) -> Tensor:
        """Nothing is kept: after a while the encoder's answer no longer changes and need not be asked for."""
        if self._zeros is None or self._zeros.shape[2] != latents or self._zero_latents < SETTLED_LATENTS + latents:
            self._zeros = self._inactive.encode(torch.zeros_like(frames))
            self._zero_latents += latents
        return self._zeros

"""What VACE is shown of a chunk: control frames, mask and references → context [1, 96, frames, rows, columns].

A mask of 1 is generated anew, 0 is kept. The frames split into inactive = v · (1 - m) and reactive = v · m, each
with an encoder of its own: with one shared state the second stream would see the first one's past.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_wan_vace.codec import SPATIAL_FACTOR, TEMPORAL_FACTOR, Codec
from scope_wan_vace.codec.chunks import ChunkEncoder

SETTLED_LATENTS = 28  # a video of zeros has constant latents from here on: the VAE's memory is full of it


@dataclass(frozen=True)
class Control:
    """Control of one chunk.

    Attributes:
        frames: [1, 3, T, H, W] in [-1, 1].
        mask: [1, 1, T, H, W], None meaning all ones.
        first, last: images [1, 3, 1, H, W] that the chunk begins or ends with, each for four frames.
    """

    frames: Tensor
    mask: Tensor | None = None
    first: Tensor | None = None
    last: Tensor | None = None


def with_held_images(control: Control) -> Control:
    """Put the first and the last image into frames and mask: four frames, one latent's worth, each."""
    if control.first is None and control.last is None:
        return control
    frames = control.frames.clone()
    mask = torch.ones_like(frames[:, :1]) if control.mask is None else control.mask.clone()
    for picture, part in ((control.first, slice(None, TEMPORAL_FACTOR)), (control.last, slice(-TEMPORAL_FACTOR, None))):
        if picture is not None:
            frames[:, :, part] = picture
            mask[:, :, part] = 0
    return Control(frames, mask)


class Delay:
    """Holds a stream of frames back by a fixed number; what came before its first frame is that frame, standing still."""

    def __init__(self, frames: int):
        self._frames = frames
        self._tail: Tensor | None = None

    def next(self, clip: Tensor) -> Tensor:
        """As many frames as `clip` BCTHW has, from earlier on."""
        if not self._frames:
            return clip
        tail = clip[:, :, :1].expand(-1, -1, self._frames, -1, -1) if self._tail is None else self._tail
        both = torch.cat([tail, clip], dim=2)
        self._tail = both[:, :, -self._frames :].clone()
        return both[:, :, : clip.shape[2]]


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
    """Encodes a stream of control; a new one is needed whenever control starts anew.

    A codec may show what it encodes some frames late. What does not pass through it, the mask and the pixels that are
    put back, is held back alike; only the images held at a chunk's ends stay there.
    """

    def __init__(self, codec: Codec):
        self._inactive, self._reactive = ChunkEncoder(codec), ChunkEncoder(codec)
        self._late_frames, self._late_mask = Delay(codec.delay), Delay(codec.delay)
        self._masked = False
        self._zero_latents = 0
        self._zeros: Tensor | None = None

    def context(self, control: Control) -> tuple[Tensor, Control]:
        """Context of the next chunk, and the control that its pictures show."""
        given, shown = with_held_images(control), with_held_images(self._late(control))
        if given.mask is None:
            reactive = self._reactive.encode(given.frames)
            inactive = self._of_zeros(given.frames, reactive.shape[2])
        else:
            reactive = self._reactive.encode(given.frames * given.mask)
            inactive = self._inactive.encode(given.frames * (1 - given.mask))
            self._zero_latents, self._zeros = 0, None
        mask = torch.ones_like(control.frames[:, :1]) if shown.mask is None else shown.mask
        cells = mask_latents(mask, reactive.shape[2]).type_as(reactive)
        return torch.cat([inactive, reactive, cells], dim=1), shown

    def _late(self, control: Control) -> Control:
        masked, self._masked = self._masked, control.mask is not None
        mask = torch.ones_like(control.frames[:, :1]) if control.mask is None else control.mask
        frames, mask = self._late_frames.next(control.frames), self._late_mask.next(mask)
        return replace(control, frames=frames, mask=mask if masked or self._masked else None)

    def _of_zeros(self, frames: Tensor, latents: int) -> Tensor:
        """Nothing is kept: after a while the encoder's answer no longer changes and need not be asked for."""
        if self._zeros is None or self._zeros.shape[2] != latents or self._zero_latents < SETTLED_LATENTS + latents:
            self._zeros = self._inactive.encode(torch.zeros_like(frames))
            self._zero_latents += latents
        return self._zeros

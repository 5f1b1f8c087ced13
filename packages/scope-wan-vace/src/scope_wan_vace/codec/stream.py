"""What every codec has in common: the interface and the checks of what goes in."""

from typing import Protocol

import torch
from torch import Tensor

SPATIAL_FACTOR = 8
TEMPORAL_FACTOR = 4
LATENT_CHANNELS = 16


class Encoder(Protocol):
    """One stream of pixels becoming latents; holds the state that makes chunks equal to one long call."""

    def encode(self, frames: Tensor) -> Tensor:
        """Frames (BCTHW in [-1, 1]; 1 + 4k first, then 4k) to latents [B, 16, F, H/8, W/8] as the DiT sees them."""
        ...

    def reset(self) -> None:
        """Start a new stream."""
        ...


class Decoder(Protocol):
    """One stream of latents becoming pixels."""

    def decode(self, latents: Tensor) -> Tensor:
        """Latents [B, 16, F, h, w] to frames (BCTHW in [-1, 1]; 1 for the first latent frame, 4 for every other)."""
        ...

    def reset(self) -> None:
        """Start a new stream."""
        ...


class Codec(Protocol):
    """Weights of an autoencoder; makes independent streams.

    Attributes:
        delay: how many frames late a stream's latents show what was encoded.
    """

    delay: int

    def encode_clip(self, frames: Tensor) -> Tensor:
        """Frames of a whole clip (BCTHW in [-1, 1], 1 + 4k of them) to latents, without delay."""
        ...

    def compile(self, backend: str = "inductor") -> None:
        """Compile what is worth it, for streams made from now on."""
        ...

    def new_encoder(self) -> Encoder:
        """An encoder at the start of a stream."""
        ...

    def new_decoder(self, graphs: bool = False) -> Decoder:
        """A decoder at the start of a stream; `graphs` lets it replay CUDA graphs where it can."""
        ...

    def to(self, device: torch.device | str) -> "Codec":
        """Move the weights; streams that are under way must be reset."""
        ...


def check_frames(frames: Tensor, started: bool) -> None:
    """Refuse pixels that cannot be the next chunk of a stream.

    Raises:
        ValueError: not BCTHW with 3 channels, height or width not a multiple of 8, or a wrong number of frames.
    """
    if frames.ndim != 5 or frames.shape[1] != 3:
        raise ValueError(f"scope-wan-vace: frames must be [B, 3, T, H, W], got {list(frames.shape)}")
    count, height, width = frames.shape[2:]
    if height % SPATIAL_FACTOR or width % SPATIAL_FACTOR:
        raise ValueError(f"scope-wan-vace: frame height and width must be multiples of 8, got {height}x{width}")
    remainder = 0 if started else 1
    if count == 0 or count % TEMPORAL_FACTOR != remainder:
        expected = "4k frames" if started else "1 + 4k frames in the first chunk"
        raise ValueError(f"scope-wan-vace: encode expects {expected}, got {count}")


def check_latents(latents: Tensor) -> None:
    """Refuse latents of another layout.

    Raises:
        ValueError: not [B, 16, F, h, w] with F ≥ 1.
    """
    if latents.ndim != 5 or latents.shape[1] != LATENT_CHANNELS or latents.shape[2] == 0:
        raise ValueError(f"scope-wan-vace: latents must be [B, 16, F, h, w], got {list(latents.shape)}")

"""Streaming Wan2.1 VAE and LightVAE: `diffusers.AutoencoderKLWan` driven with feature caches of our own.

The library clears its caches on every call. Its `encoder` and `decoder` modules take them as arguments, though,
so a stream is a list of cached features. These are private names; `tests/codec/test_wan.py` pins them.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from torch import Tensor

from scope_wan_vace.loading.checkpoint import WeightsError, assign_state, read_checkpoint
from scope_wan_vace.loading.hollow import hollow

from .conv2d import stack_convolutions
from .latents import latent_statistics
from .stream import check_frames, check_latents
from .wan_keys import to_diffusers


def load_wan_vae(path: Path, device: torch.device | str, dtype: torch.dtype) -> AutoencoderKLWan:
    """Build the VAE in the sizes that the file itself shows, and load it.

    Args:
        path: a state dict under the original names (`Wan2.1_VAE.pth`, `lightvaew2_1.pth`).

    Raises:
        WeightsError: the file is missing, damaged or of another model.
    """
    state = to_diffusers(read_checkpoint(path))
    with hollow():
        vae = AutoencoderKLWan(**_sizes(state, path))
    assign_state(vae, state, path)
    vae = vae.to(device=device, dtype=dtype).eval().requires_grad_(False)
    if vae.device.type == "cuda" and dtype in (torch.bfloat16, torch.float16):
        stack_convolutions(vae)
    return vae


def _sizes(state: Mapping[str, Tensor], path: Path) -> dict[str, int]:
    try:
        return {
            "base_dim": state["encoder.conv_in.weight"].shape[0],
            "decoder_base_dim": state["decoder.conv_out.weight"].shape[1],
            "z_dim": state["post_quant_conv.weight"].shape[0],
        }
    except KeyError as error:
        raise WeightsError(path, f"is not a Wan2.1 VAE: it lacks {error.args[0]}") from error


class WanCodec:
    """Wan2.1 VAE or LightVAE; the encoders and decoders it makes share the weights and nothing else."""

    delay = 0

    def __init__(self, vae: AutoencoderKLWan):
        self.vae = vae

    def encode_clip(self, frames: Tensor) -> Tensor:
        """A whole clip."""
        return self.new_encoder().encode(frames)

    def compile(self, backend: str = "inductor") -> None:
        """Nothing: the library's modules branch on their caches and would compile anew for each."""

    def new_encoder(self) -> "WanEncoder":
        """A video encoder at the start of a stream."""
        return WanEncoder(self.vae)

    def new_decoder(self, graphs: bool = False) -> "WanDecoder":
        """A video decoder at the start of a stream; it replays no graphs."""
        return WanDecoder(self.vae)

    def to(self, device: torch.device | str) -> "WanCodec":
        """Move the weights; streams that are under way must be reset."""
        self.vae.to(device=device)
        return self


class WanEncoder:
    """Pixels to latents, chunk by chunk."""

    def __init__(self, vae: AutoencoderKLWan):
        self._vae = vae
        self.reset()

    def reset(self) -> None:
        """Start a new stream, where the weights lie now."""
        self._mean, self._std = latent_statistics(self._vae.device, self._vae.dtype)
        self._cache: list = [None] * self._vae._cached_conv_counts["encoder"]
        self._started = False

    @torch.inference_mode()
    def encode(self, frames: Tensor) -> Tensor:
        """Encode the next frames of the stream.

        Args:
            frames: BCTHW, RGB in [-1, 1]; 1 + 4k frames in the first call, 4k in later ones.

        Returns:
            The mean of the posterior, normalised as the DiT sees it, [B, 16, F, H/8, W/8]: one latent frame for
            the first pixel frame and one for every four after it.
        """
        check_frames(frames, self._started)
        frames = frames.to(device=self._vae.device, dtype=self._vae.dtype)
        features = torch.cat([self._run(part) for part in _after_first(frames, self._started)], dim=2)
        self._started = True
        mean, _ = self._vae.quant_conv(features).chunk(2, dim=1)
        return (mean - self._mean) / self._std

    def _run(self, frames: Tensor) -> Tensor:
        return self._vae.encoder(frames, feat_cache=self._cache, feat_idx=[0])


class WanDecoder:
    """Latents to pixels, chunk by chunk."""

    def __init__(self, vae: AutoencoderKLWan):
        self._vae = vae
        self.reset()

    def reset(self) -> None:
        """Start a new stream, where the weights lie now."""
        self._mean, self._std = latent_statistics(self._vae.device, self._vae.dtype)
        self._cache: list = [None] * self._vae._cached_conv_counts["decoder"]
        self._started = False

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """Decode the next latents of the stream.

        Args:
            latents: normalised as the DiT sees them, [B, 16, F, h, w].

        Returns:
            BCTHW, RGB in [-1, 1]: one pixel frame for the first latent frame of the stream, four for every other.
        """
        check_latents(latents)
        latents = latents.to(device=self._vae.device, dtype=self._vae.dtype)
        raw = self._vae.post_quant_conv(latents * self._std + self._mean)
        frames = torch.cat([self._run(part) for part in _after_first(raw, self._started)], dim=2)
        self._started = True
        return frames.clamp(-1, 1)

    def _run(self, latents: Tensor) -> Tensor:
        return self._vae.decoder(latents, feat_cache=self._cache, feat_idx=[0])


def _after_first(sequence: Tensor, started: bool) -> list[Tensor]:
    # The stream's very first frame is a picture of its own: it skips the temporal resampling.
    if started:
        return [sequence]
    return [part for part in (sequence[:, :, :1], sequence[:, :, 1:]) if part.shape[2]]

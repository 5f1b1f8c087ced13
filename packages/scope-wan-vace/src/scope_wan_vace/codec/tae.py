"""Streaming TAE and LightTAE: TAEHV behind the codec interface.

`taew2_1` works on latents as the DiT sees them. `lighttaew2_1` decodes raw VAE latents, so it gets mean and
deviation applied; which kind it encodes to is not published, so its own round trip decides.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from scope_wan_vace.compiling import compiled_apart
from scope_wan_vace.cuda import Replay
from scope_wan_vace.loading.checkpoint import WeightsError, assign_state, read_checkpoint
from scope_wan_vace.loading.hollow import hollow

from .latents import latent_statistics
from .stream import TEMPORAL_FACTOR, check_frames, check_latents
from .taehv import LayerStream, RunLayers, Taehv, TaehvSizes, run_layers


def load_taehv(path: Path, device: torch.device | str, dtype: torch.dtype) -> Taehv:
    """Build TAEHV in the sizes that the file itself shows, and load it.

    Raises:
        WeightsError: the file is missing, damaged or of another model.
    """
    state = read_checkpoint(path)
    try:
        sizes = TaehvSizes.of(state)
    except KeyError as error:
        raise WeightsError(path, f"is not a TAEHV autoencoder: it lacks {error.args[0]}") from error
    with hollow():
        model = Taehv(sizes)
    assign_state(model, state, path)
    model = model.to(device=device, dtype=dtype).eval().requires_grad_(False)
    return model.to(memory_format=torch.channels_last)  # ty: ignore[no-matching-overload]


@torch.inference_mode()
def encodes_raw(model: Taehv) -> bool:
    """Whether a model that decodes raw VAE latents also encodes to them, rather than to what the DiT sees.

    An autoencoder gives back what it was given: the reading under which a colour ramp comes back better is right.
    """
    weight = next(model.parameters())
    mean, std = (value[:, None, :, 0] for value in latent_statistics(weight.device, weight.dtype))
    ramp = torch.linspace(0, 1, 64, device=weight.device, dtype=weight.dtype)
    picture = torch.stack([ramp.expand(64, 64), ramp.expand(64, 64).T, 1 - ramp.expand(64, 64)])
    latents = LayerStream(model.encoder)(picture.expand(1, TEMPORAL_FACTOR, -1, -1, -1))
    as_raw, as_seen = (LayerStream(model.decoder)(reading)[:, -1] for reading in (latents, latents * std + mean))
    return bool((as_raw - picture).square().mean() <= (as_seen - picture).square().mean())


class TaeCodec:
    """TAEHV weights; the encoders and decoders it makes share the weights and nothing else.

    Attributes:
        raw_encoder, raw_decoder: whether that side works on raw VAE latents.
    """

    delay = TEMPORAL_FACTOR - 1

    def __init__(self, model: Taehv, raw_encoder: bool, raw_decoder: bool):
        self.model = model
        self.raw_encoder, self.raw_decoder = raw_encoder, raw_decoder
        self._run_encoder: RunLayers = run_layers
        self._run_decoder: RunLayers = run_layers

    def compile(self, backend: str = "inductor") -> None:
        """Compile both directions, for streams made from now on."""
        self._run_encoder = compiled_apart(run_layers, backend, dynamic=False)
        self._run_decoder = compiled_apart(run_layers, backend, dynamic=False)

    def new_encoder(self) -> "TaeEncoder":
        """A video encoder at the start of a stream."""
        return TaeEncoder(self.model, self.raw_encoder, self._run_encoder)

    def new_decoder(self, graphs: bool = False) -> "TaeDecoder":
        """A video decoder at the start of a stream."""
        return TaeDecoder(self.model, self.raw_decoder, self._run_decoder, graphs)

    def encode_clip(self, frames: Tensor) -> Tensor:
        """A whole clip, known in advance and therefore not delayed."""
        return TaeEncoder(self.model, self.raw_encoder).encode_clip(frames)

    def to(self, device: torch.device | str) -> "TaeCodec":
        """Move the weights; streams that are under way must be reset."""
        self.model.to(device=device)
        return self


class TaeStream:
    """What both directions remember of a stream."""

    def __init__(self, side: nn.ModuleList, raw_latents: bool, run: RunLayers = run_layers):
        self._weight = next(side.parameters())
        self._layers = LayerStream(side, run)
        self._raw_latents = raw_latents
        self.reset()

    def reset(self) -> None:
        """Start a new stream, where the weights lie now."""
        self._mean, self._std = latent_statistics(self._weight.device, self._weight.dtype)
        self._layers.reset()
        self._started = False


class TaeEncoder(TaeStream):
    """Pixels to latents, chunk by chunk.

    TAEHV encodes groups of four frames and was trained to know three frames more than the Wan VAE does: its
    group i is frames 4i to 4i + 3, where the Wan VAE's latent i ends on frame 4i. A live stream cannot wait, so three
    copies of the first frame lead it in: 1 + 4k frames give 1 + k latents, those of the video three frames late.
    """

    def __init__(self, model: Taehv, raw_latents: bool, run: RunLayers = run_layers):
        super().__init__(model.encoder, raw_latents, run)

    @torch.inference_mode()
    def encode(self, frames: Tensor) -> Tensor:
        """Encode the next frames of the stream.

        Args:
            frames: BCTHW, RGB in [-1, 1]; 1 + 4k frames in the first call, 4k in later ones.

        Returns:
            Latents as the DiT sees them, [B, 16, F, H/8, W/8].
        """
        check_frames(frames, self._started)
        if not self._started:
            frames = torch.cat([_still(frames[:, :, :1]), frames], dim=2)
            self._started = True
        return self._encoded(frames)

    @torch.inference_mode()
    def encode_clip(self, frames: Tensor) -> Tensor:
        """Encode 1 + 4k frames that are all there is: group i is frames 4i to 4i + 3, as in training."""
        check_frames(frames, started=False)
        return self._encoded(torch.cat([frames, _still(frames[:, :, -1:])], dim=2))

    def _encoded(self, frames: Tensor) -> Tensor:
        video = frames.to(device=self._weight.device, dtype=self._weight.dtype).transpose(1, 2) * 0.5 + 0.5
        latents = self._layers(video).transpose(1, 2)
        return (latents - self._mean) / self._std if self._raw_latents else latents


def _still(frame: Tensor) -> Tensor:
    """Three copies of a frame BCTHW."""
    return frame.expand(-1, -1, TEMPORAL_FACTOR - 1, -1, -1)


class TaeDecoder(TaeStream):
    """Latents to pixels, chunk by chunk."""

    def __init__(self, model: Taehv, raw_latents: bool, run: RunLayers = run_layers, graphs: bool = False):
        super().__init__(model.decoder, raw_latents, run)
        self._graphs = graphs and self._weight.is_cuda
        self._input: Tensor | None = None

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """Decode the next latents of the stream.

        Args:
            latents: as the DiT sees them, [B, 16, F, h, w].

        Returns:
            BCTHW, RGB in [-1, 1]: one pixel frame for the first latent frame of the stream, four for every other.
        """
        check_latents(latents)
        latents = latents.to(device=self._weight.device, dtype=self._weight.dtype)
        if self._raw_latents:
            latents = latents * self._std + self._mean
        video = self._decoded(latents.transpose(1, 2))
        if not self._started:
            # The first latent stands for one frame: the last of the four that come out.
            video = video[:, TEMPORAL_FACTOR - 1 :]
            self._started = True
        return video.transpose(1, 2).clamp(0, 1) * 2 - 1

    def _decoded(self, latents: Tensor) -> Tensor:
        self._layers.prepare(latents)
        if not self._graphs:
            return self._layers.advance(latents)
        if self._input is None or self._input.shape != latents.shape:
            self._input = given = latents.clone()
            self._replay = Replay(lambda: self._layers.advance(given), enabled=True)
        self._input.copy_(latents)
        return self._replay()

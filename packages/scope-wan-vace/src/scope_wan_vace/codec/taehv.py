"""TAEHV, the tiny autoencoder for video (Ollin Boer Bohan, MIT), as a stream.

Written from the published layout: two `nn.Sequential`s whose positions number the parameters
(`encoder.N`, `decoder.N`), 3x3 convolutions on single frames, and memory blocks that see one frame back.
A stream is therefore one remembered frame for each memory block. Tensors are NTCHW, RGB in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class TaehvSizes:
    """Everything that a state dict decides.

    Attributes:
        encoder_width: channels of every encoder stage.
        decoder_widths: channels of the three decoder stages and of the last convolution's input.
        encoder_strides, decoder_strides: temporal factor of each stage.
    """

    latent_channels: int = 16
    encoder_width: int = 64
    decoder_widths: tuple[int, ...] = (256, 128, 64, 64)
    encoder_strides: tuple[int, ...] = (2, 2, 1)
    decoder_strides: tuple[int, ...] = (1, 2, 2)

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> "TaehvSizes":
        """Read the sizes off a state dict.

        Raises:
            KeyError: a layer that decides a size is not there.
        """
        width = state["encoder.0.weight"].shape[0]
        grows = [state[f"decoder.{position}.conv.weight"].shape[:2] for position in (7, 13, 19)]
        return cls(
            latent_channels=state["decoder.1.weight"].shape[1],
            encoder_width=width,
            decoder_widths=(*(channels for _, channels in grows), state["decoder.22.weight"].shape[1]),
            encoder_strides=tuple(state[f"encoder.{p}.conv.weight"].shape[1] // width for p in (2, 7, 12)),
            decoder_strides=tuple(out // channels for out, channels in grows),
        )


class MemoryBlock(nn.Module):
    """Residual block that sees the frame before (zeros before the first)."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Sequential(
            _conv(2 * channels, channels), nn.ReLU(), _conv(channels, channels), nn.ReLU(), _conv(channels, channels)
        )

    def forward(self, frames: Tensor, past: Tensor) -> Tensor:
        """Frames and, for each, the frame before it, both NCHW."""
        return torch.relu(self.conv(torch.cat([frames, past], dim=1)) + frames)


class TimePool(nn.Module):
    """`stride` frames to one."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv2d(channels * stride, channels, 1, bias=False)

    def forward(self, frames: Tensor) -> Tensor:
        """NCHW with the frames of one video in order along N."""
        return self.conv(frames.reshape(-1, self.stride * frames.shape[1], *frames.shape[2:]))


class TimeGrow(nn.Module):
    """One frame to `stride`."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels * stride, 1, bias=False)

    def forward(self, frames: Tensor) -> Tensor:
        """NCHW with the frames of one video in order along N."""
        return self.conv(frames).reshape(-1, *frames.shape[1:])


class SoftClamp(nn.Module):
    """Keeps latents within ±3."""

    def forward(self, latents: Tensor) -> Tensor:
        """3·tanh(x / 3)."""
        return torch.tanh(latents / 3) * 3


class Taehv(nn.Module):
    """Encoder and decoder; the indices of both lists are the names in the weight files."""

    def __init__(self, sizes: TaehvSizes):
        super().__init__()
        self.encoder = nn.ModuleList(_encoder_layers(sizes))
        self.decoder = nn.ModuleList(_decoder_layers(sizes))


def _encoder_layers(sizes: TaehvSizes) -> list[nn.Module]:
    width = sizes.encoder_width
    layers: list[nn.Module] = [_conv(3, width), nn.ReLU()]
    for stride in sizes.encoder_strides:
        layers += [TimePool(width, stride), _conv(width, width, stride=2, bias=False)]
        layers += [MemoryBlock(width) for _ in range(3)]
    return [*layers, _conv(width, sizes.latent_channels)]


def _decoder_layers(sizes: TaehvSizes) -> list[nn.Module]:
    widths = sizes.decoder_widths
    layers: list[nn.Module] = [SoftClamp(), _conv(sizes.latent_channels, widths[0]), nn.ReLU()]
    for width, following, stride in zip(widths, widths[1:], sizes.decoder_strides, strict=False):
        layers += [MemoryBlock(width) for _ in range(3)]
        layers += [nn.Upsample(scale_factor=2), TimeGrow(width, stride), _conv(width, following, bias=False)]
    return [*layers, nn.ReLU(), _conv(widths[-1], 3)]


def _conv(inputs: int, outputs: int, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=bias)


class LayerStream:
    """Runs a list of layers over a video in chunks; equal to one run over the whole video."""

    def __init__(self, layers: nn.ModuleList):
        self._layers = layers
        self.reset()

    def reset(self) -> None:
        """Forget all frames."""
        self._last: dict[int, Tensor] = {}

    def __call__(self, video: Tensor) -> Tensor:
        """NTCHW to NTCHW; T must fill every temporal pool."""
        batch = video.shape[0]
        frames = video.flatten(0, 1)
        for index, layer in enumerate(self._layers):
            past = (self._past(index, frames, batch),) if isinstance(layer, MemoryBlock) else ()
            frames = layer(frames, *past)
        return frames.unflatten(0, (batch, -1))

    def _past(self, index: int, frames: Tensor, batch: int) -> Tensor:
        video = frames.unflatten(0, (batch, -1))
        last = self._last.get(index)
        before = torch.zeros_like(video[:, :1]) if last is None else last
        # A view would keep the whole chunk alive until the next one.
        self._last[index] = video[:, -1:].clone()
        return torch.cat([before, video[:, :-1]], dim=1).flatten(0, 1)

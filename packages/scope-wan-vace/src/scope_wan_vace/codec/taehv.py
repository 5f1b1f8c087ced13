"""TAEHV, the tiny autoencoder for video (Ollin Boer Bohan, MIT), as a stream.

Written from the published layout: two `nn.Sequential`s whose positions number the parameters
(`encoder.N`, `decoder.N`), 3x3 convolutions on single frames, and memory blocks that see one frame back.
A stream is therefore one remembered frame for each memory block. Tensors are NTCHW, RGB in [0, 1].
"""

from collections.abc import Callable, Mapping
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
        self.channels = channels
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

    def forward(self, frames: Tensor, batch: int) -> Tensor:
        """NCHW, frame by frame of `batch` videos."""
        by_time = frames.unflatten(0, (-1, self.stride, batch))
        return self.conv(torch.cat([by_time[:, tap].flatten(0, 1) for tap in range(self.stride)], dim=1))


class TimeGrow(nn.Module):
    """One frame to `stride`."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv2d(channels, channels * stride, 1, bias=False)

    def forward(self, frames: Tensor, batch: int) -> Tensor:
        """NCHW, frame by frame of `batch` videos; channels_last stays channels_last."""
        grown = self.conv(frames)
        if self.stride == 1:
            return grown
        # [time · batch, rows, columns, stride · channels] → [time, stride, batch, rows, columns, channels]
        split = grown.permute(0, 2, 3, 1).unflatten(0, (-1, batch)).unflatten(-1, (self.stride, -1))
        return split.permute(0, 4, 1, 2, 3, 5).flatten(0, 2).permute(0, 3, 1, 2)


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


Memory = list[Tensor]  # the last frame of every video before each memory block, [batch, channels, rows, columns]


def run_layers(layers: nn.ModuleList, frames: Tensor, batch: int, memory: Memory) -> Tensor:
    """Run layers over frames NCHW, ordered by time and then by video; the memory moves on in place."""
    remembered, order = iter(memory), list(layers)
    for index, layer in enumerate(order):
        before = order[index - 1] if index else None
        if isinstance(layer, MemoryBlock):
            last = next(remembered)
            past = torch.cat([last, frames[:-batch]])
            last.copy_(frames[-batch:])
            frames = layer(frames, past)
        elif isinstance(layer, TimePool):
            frames = layer(frames, batch)
        elif isinstance(layer, TimeGrow) and isinstance(before, nn.Upsample):
            # Nearest upsampling and a 1x1 convolution commute; this order has a quarter of the work.
            frames = before(layer(frames, batch))
        elif not isinstance(layer, nn.Upsample):
            frames = layer(frames)
    return frames


RunLayers = Callable[[nn.ModuleList, Tensor, int, Memory], Tensor]


class LayerStream:
    """Runs a list of layers over a video in chunks; equal to one run over the whole video.

    Args:
        run: `run_layers`, plain or compiled.
    """

    def __init__(self, layers: nn.ModuleList, run: RunLayers = run_layers):
        self._layers, self._run = layers, run
        self._memory: Memory = []
        self._shape: tuple[object, ...] = ()
        self._fresh = True

    def reset(self) -> None:
        """Forget all frames; memory keeps its addresses."""
        self._fresh = True

    def __call__(self, video: Tensor) -> Tensor:
        """NTCHW to NTCHW; T must fill every temporal pool."""
        self.prepare(video)
        return self.advance(video)

    def prepare(self, video: Tensor) -> None:
        """Have memory for videos like `video`: the part of a call that a recorded graph must not repeat."""
        shape = (video.shape[0], *video.shape[2:], video.device)
        if shape != self._shape:
            self._memory, self._shape = empty_memory(self._layers, video[:, 0]), shape
        elif self._fresh:
            for last in self._memory:
                last.zero_()
        self._fresh = False

    def advance(self, video: Tensor) -> Tensor:
        """The rest of a call."""
        batch = video.shape[0]
        frames = video.transpose(0, 1).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        return self._run(self._layers, frames, batch, self._memory).unflatten(0, (-1, batch)).transpose(0, 1)


def empty_memory(layers: nn.ModuleList, frame: Tensor) -> Memory:
    """Zeros before every memory block, for frames like `frame` [batch, channels, rows, columns]."""
    batch, _, rows, columns = frame.shape
    memory: Memory = []
    for layer in layers:
        if isinstance(layer, nn.Upsample):
            rows, columns = 2 * rows, 2 * columns
        elif isinstance(layer, nn.Conv2d) and layer.stride[0] == 2:
            rows, columns = rows // 2, columns // 2
        elif isinstance(layer, MemoryBlock):
            memory.append(
                frame.new_zeros(batch, layer.channels, rows, columns).contiguous(memory_format=torch.channels_last)
            )
    return memory

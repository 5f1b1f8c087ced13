"""Noise of a seed, drawn ahead of time."""

from collections.abc import Sequence

import torch
from torch import Tensor

Shapes = Sequence[tuple[int, ...]]


def seeded_noise(seed: int, frame: int, shapes: Shapes, device: torch.device) -> list[Tensor]:
    """Standard normal tensors for the chunk that starts at latent `frame`, in main memory, ready to go to `device`.

    Drawn on the CPU, so that a seed makes the same film on every device.
    """
    generator = torch.Generator().manual_seed(seed + frame)
    return [torch.randn(shape, generator=generator, pin_memory=device.type == "cuda") for shape in shapes]


class NoiseSource:
    """Seeded noise that can be drawn while the device is busy with the chunk before."""

    def __init__(self, device: torch.device):
        self._device = device
        self._key: tuple[object, ...] | None = None
        self._drawn: list[Tensor] = []

    def prefetch(self, seed: int, frame: int, shapes: Shapes) -> None:
        """Draw what `take` with the same arguments will return."""
        self._key, self._drawn = (seed, frame, *shapes), seeded_noise(seed, frame, shapes, self._device)

    def take(self, seed: int, frame: int, shapes: Shapes) -> list[Tensor]:
        """As `seeded_noise`, whatever was prefetched."""
        if self._key != (seed, frame, *shapes):
            self.prefetch(seed, frame, shapes)
        self._key = None
        return self._drawn

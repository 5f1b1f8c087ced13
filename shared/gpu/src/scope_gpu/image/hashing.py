"""Randomness that is the same on every device: integer hashes of coordinates instead of a generator's state."""

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF


def pcg3d(x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hash three integers to three, each uniform in [0, 2^32).

    PCG3D of Jarzynski & Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020. int64 tensors that broadcast; only
    the low 32 bits count. Exact on every device.
    """
    x, y, z = ((v * 1664525 + 1013904223) & _MASK for v in torch.broadcast_tensors(x, y, z))
    x, y, z = _mix(x, y, z)
    return _mix(x ^ (x >> 16), y ^ (y >> 16), z ^ (z >> 16))


def hash_number(x: int, y: int, seed: int = 0) -> int:
    """As the first number of `pcg3d` at (x, y, seed), but of numbers: for the host, at no tensor's cost."""
    a, b, c = ((v * 1664525 + 1013904223) & _MASK for v in (x, y, seed * 0x9E3779B1))
    a, b, c = _mix(a, b, c)
    return _mix(a ^ (a >> 16), b ^ (b >> 16), c ^ (c >> 16))[0]


def hash_unit(x: Tensor, y: Tensor, z: Tensor | int, seed: int = 0) -> Tensor:
    """A float32 in [0, 1) for each integer position: white noise that depends only on (x, y, z, seed).

    Args:
        x, y, z: int64 tensors (or a number for z) that broadcast.
        seed: another seed, another noise.
    """
    # A fill, since a number copied from the host would wait for the device.
    z = z if isinstance(z, Tensor) else torch.full((), z, dtype=torch.int64, device=x.device)
    third = z + (seed * 0x9E3779B1 & _MASK)
    # 24 bits fit a float32 mantissa, so that the value stays below 1.
    return (pcg3d(x, y, third)[0] >> 8).to(torch.float32) * 2.0**-24


def dither(size: tuple[int, int], device: torch.device | str) -> Tensor:
    """Noise (H, W) within half a step of 8 bits, to be added before values become bytes: a ramp shows no bands then,
    and a value that is a whole step stays what it is.
    """
    y, x = (torch.arange(side, device=device) for side in size)
    return (hash_unit(x[None, :], y[:, None], 0) - 0.5) * (0.98 / 255.0)


def _mix[T: (int, Tensor)](x: T, y: T, z: T) -> tuple[T, T, T]:
    x = (x + y * z) & _MASK
    y = (y + z * x) & _MASK
    return x, y, (z + x * y) & _MASK

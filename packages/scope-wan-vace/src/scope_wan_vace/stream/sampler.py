"""Few-step flow-matching sampling: schedules and the denoising loop.

A latent at noise level sigma is (1 - sigma) · x0 + sigma · noise and the model predicts v = noise - x0. Times are
1000 · sigma. Everything after the schedule's first value is a tensor on the device, so that a noise level measured
there never has to be read back.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

SHIFT = 5.0


def warp(u: Tensor) -> Tensor:
    """Shifted noise level: sigma(u) = 5u / (1 + 4u)."""
    return SHIFT * u / (1 + (SHIFT - 1) * u)


def unwarp(sigma: Tensor) -> Tensor:
    """The u whose noise level is `sigma`."""
    return sigma / (SHIFT - (SHIFT - 1) * sigma)


def text_sigmas(steps: Sequence[int]) -> Tensor:
    """Noise levels [steps], float32, of nominal steps such as 1000, 750, 500, 250."""
    return warp(torch.tensor(steps, dtype=torch.float64) / 1000).float()


def video_sigmas(noise_scale: Tensor, count: int) -> Tensor:
    """`count` falling noise levels that start at `noise_scale` (0-dim, in [0, 1]) and are evenly spaced in u."""
    falling = torch.arange(count, 0, -1, device=noise_scale.device, dtype=torch.float64) / count
    return warp(unwarp(noise_scale.double()) * falling).float()


def renoise(x0: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    """`x0` at noise level `sigma`."""
    return (1 - sigma) * x0 + sigma * noise


def denoise(velocity: Callable[[Tensor, int], Tensor], x: Tensor, sigmas: Tensor, noises: Sequence[Tensor]) -> Tensor:
    """Run the steps of a schedule and return x0.

    Args:
        velocity: the model's v for latents and a step's index.
        x: latents at level `sigmas[0]`.
        sigmas: noise levels [steps].
        noises: fresh noise for every step but the first.
    """
    for index in range(len(sigmas)):
        if index:
            x = renoise(x, noises[index - 1], sigmas[index])
        x = x - sigmas[index] * velocity(x, index)
    return x


def default_sigmas(device: torch.device) -> Tensor:
    """The four steps that all generators of the menu were distilled to."""
    return text_sigmas([1000, 750, 500, 250]).to(device)

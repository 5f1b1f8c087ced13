"""What belongs to people, as a soft mask along the picture's own edges."""

from torch import Tensor, nn
from torch.nn import functional as F

from scope_control.levels import smoothstep
from scope_control.maps.blur import low_pass
from scope_control.networks.depth import sizes_of
from scope_gpu.image.color import luma

BACKGROUND, PERSON = 0, 15
"""Classes of Pascal VOC."""
WINDOW = 1 / 30
"""Sigma of the guided filter's window, as a share of the height."""
SMOOTHEST = 1e-3
"""Variance of luma, [0, 1], from which on the filter keeps an edge of the picture."""


def share_of(network: nn.Module, frames: Tensor, subject: str, resolution: int) -> Tensor:
    """How likely each pixel of TCHW [0, 1] belongs to a subject, T1HW [0, 1], at an eighth of what the network sees.

    Args:
        subject: "person", or "anything" that is not background.
        resolution: longer side of what the network sees, in pixels.
    """
    size = sizes_of(*frames.shape[-2:], resolution)
    # The network takes no picture smaller than 32 pixels.
    seen = F.interpolate(frames, [max(32, side) for side in size], mode="bilinear", antialias=True, align_corners=False)
    weights = next(network.parameters())
    classes = network((2.0 * seen - 1.0).to(weights.dtype)).logits.float().softmax(dim=1)
    return classes[:, PERSON, None] if subject == "person" else 1.0 - classes[:, BACKGROUND, None]


def refined(share: Tensor, frames: Tensor) -> Tensor:
    """A mask T1hw [0, 1] of few pixels brought to the size of TCHW [0, 1], its border along the picture's edges.

    The guided filter (He, Sun & Tang, "Guided image filtering", 2013) with a Gaussian window: within each window the
    mask becomes a linear function of luma.
    """
    guide = luma(frames)
    coarse = F.interpolate(share, frames.shape[-2:], mode="bilinear", align_corners=False)
    sigma = WINDOW * frames.shape[-2]
    mean, coarse_mean = low_pass(guide, sigma=sigma), low_pass(coarse, sigma=sigma)
    variance = low_pass(guide * guide, sigma=sigma) - mean * mean
    slope = (low_pass(guide * coarse, sigma=sigma) - mean * coarse_mean) / (variance.clamp_(min=0.0) + SMOOTHEST)
    offset = coarse_mean - slope * mean
    mask = low_pass(slope, sigma=sigma) * guide + low_pass(offset, sigma=sigma)
    return smoothstep(mask, 0.2, 0.8)

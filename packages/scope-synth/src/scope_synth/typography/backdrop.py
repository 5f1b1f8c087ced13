"""What letters stand on."""

import torch

from scope_gpu.image.noise import fbm_grid
from scope_synth.view import Field, View, drawn_coarsely


def over_clouds(letters: Field, view: View, phase: float, seed: int) -> Field:
    """Letters on dim drifting clouds from the dark end of the palette."""
    (cloud,) = drawn_coarsely(view, lambda half: [fbm_grid(*half.spans(0.8), phase * 0.1, seed + 51, view.device, 3.0)])
    cover = (letters.light * 5.0).clamp_(max=1.0)
    dim = (cloud * 0.75).add_(0.13).clamp_(0.02, 1.0).mul_(1.0 - cover).add_(letters.light)
    hue = cloud.mul_(0.5).add_(0.14)
    return Field(torch.lerp(hue, letters.hue, (cover > 0.2).to(hue.dtype)), dim)

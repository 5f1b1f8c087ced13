"""What letters stand on."""

import torch

from scope_gpu.image.noise import fbm_grid
from scope_synth.view import Field, View


def over_clouds(letters: Field, view: View, phase: float, seed: int) -> Field:
    """Letters on dim drifting clouds from the dark end of the palette."""
    cloud = fbm_grid(*view.spans(0.8), phase * 0.1, seed + 51, view.device, 3.0)
    cover = (letters.light * 5.0).clamp_(max=1.0)
    hue = torch.where(cover > 0.2, letters.hue, 0.14 + 0.5 * cloud)
    return Field(hue, letters.light + (0.13 + 0.75 * cloud).clamp_(0.02, 1.0) * (1.0 - cover))

"""Ramps: colors from dark to light, in which a tone finds its place by its lightness."""

import functools
import re

import torch
from torch import Tensor

from scope_gpu.image.oklab import oklab_to_srgb, srgb_to_oklab

ENTRIES = 1024

RAMPS = {
    "ember": "#07040b #43102b #a81f2b #f0662a #ffc766 #fff8e1",
    "duotone": "#0d0b2e #4a2a6e #f0566a #ffd9b8",
    "thermal": "#00000a #26138a #8a1d9c #e0484a #f99c1c #fdf27a #fffdf0",
    "ice": "#03081c #12386e #2f8bb8 #9adcea #f7fdff",
    "aurora": "#070420 #23306e #0f7f86 #3fc98f #c9f5a4 #fbfff0",
    "acid": "#12002e #5a0f9c #d81e9a #ff7a59 #d8f03c #f8ffd6",
    "candy": "#2a0a3a #8a2b7c #e85f92 #ffb09c #fff3d4",
    "gold": "#0c0704 #4f2a0c #a8691a #e6b64c #fff4cc",
    "sepia": "#120b07 #4c3423 #a07c58 #dcc39c #fdf4e0",
    "phosphor": "#000b04 #04451f #16a34a #86f09a #f2fff0",
    "amber": "#0d0400 #5a2c02 #c96f08 #ffb83d #fff0c4",
    "handheld": "#081820 #2f5d4a #88b060 #e6f5c4",
    "mono": "#000000 #ffffff",
}


@functools.cache
def ramp(name: str) -> Tensor:
    """A ramp as (3, ENTRIES) sRGB in [0, 1] on the CPU: straight lines in OKLab between its colors.

    Each color lies where its lightness is, so that the lightness of the whole grows evenly from the first to the last.
    """
    digits = re.findall(r"#(..)(..)(..)", RAMPS[name])
    colors = torch.tensor([[int(part, 16) / 255.0 for part in color] for color in digits], dtype=torch.float64)
    lab = srgb_to_oklab(colors.T[..., None])[..., 0].contiguous()
    wanted = torch.linspace(float(lab[0, 0]), float(lab[0, -1]), ENTRIES, dtype=torch.float64)
    after = torch.searchsorted(lab[0], wanted).clamp_(1, lab.shape[1] - 1)
    start, end = lab[:, after - 1], lab[:, after]
    between = torch.lerp(start, end, ((wanted - start[0]) / (end[0] - start[0])).clamp_(0.0, 1.0))
    return oklab_to_srgb(between[..., None])[..., 0].clamp(0.0, 1.0).to(torch.float32)


def look_up(tone: Tensor, table: Tensor) -> Tensor:
    """The colors (1, 3, H, W) that a table (3, N) has for tones (1, 1, H, W) in [0, 1]; those outside take its ends."""
    last = table.shape[1] - 1
    places = (tone * last).add_(0.5).to(torch.int32).clamp_(0, last).view(-1)
    colors = torch.empty((1, 3, *tone.shape[-2:]), dtype=table.dtype, device=tone.device)
    for channel, row in enumerate(table):
        torch.index_select(row, 0, places, out=colors[0, channel].view(-1))
    return colors

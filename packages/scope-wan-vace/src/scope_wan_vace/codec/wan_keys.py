"""Names of the original `Wan2.1_VAE.pth` turned into those of `diffusers.AutoencoderKLWan`.

The original numbers its layers flat: a decoder stage is three residual blocks and one upsampler, so layer
`4·s + i` is block i of stage s. `shortcut`, `residual.N`, `middle.N` and `head.N` are positions in its
`nn.Sequential`s.
"""

import re
from collections.abc import Mapping

from torch import Tensor

_RESIDUAL = {"0": "norm1", "2": "conv1", "3": "norm2", "6": "conv2"}
_MIDDLE = {"0": "resnets.0", "1": "attentions.0", "2": "resnets.1"}
_HEAD = {"0": "norm_out", "2": "conv_out"}
_TOP = {"conv1": "quant_conv", "conv2": "post_quant_conv"}


def to_diffusers(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename a whole state dict; names that are not the VAE's stay as they are."""
    return {diffusers_name(name): tensor for name, tensor in state.items()}


def diffusers_name(name: str) -> str:
    """The diffusers name of one original parameter.

    >>> diffusers_name("decoder.upsamples.4.shortcut.weight")
    'decoder.up_blocks.1.resnets.0.conv_shortcut.weight'
    """
    if not name.startswith(("encoder.", "decoder.")):
        return re.sub(r"^conv[12](?=\.)", lambda match: _TOP[match[0]], name)
    name = re.sub(r"\.conv1\.(?=\w+$)", ".conv_in.", name, count=1)
    name = re.sub(r"\.middle\.(\d)", lambda match: f".mid_block.{_MIDDLE.get(match[1], match[1])}", name)
    name = re.sub(r"\.head\.(\d)", lambda match: f".{_HEAD.get(match[1], match[1])}", name)
    name = re.sub(r"\.residual\.(\d)", lambda match: f".{_RESIDUAL.get(match[1], match[1])}", name)
    name = name.replace(".downsamples.", ".down_blocks.").replace(".shortcut.", ".conv_shortcut.")
    return re.sub(r"\.upsamples\.(\d+)\.", lambda match: f".up_blocks.{_decoder_layer(int(match[1]))}.", name)


def _decoder_layer(index: int) -> str:
    stage, position = divmod(index, 4)
    return f"{stage}.upsamplers.0" if position == 3 else f"{stage}.resnets.{position}"

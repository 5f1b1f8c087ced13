"""Tiny models with random weights in the real files under the real names, to try the pipelines without a download.

    python -m scope_control.networks.tiny FOLDER

Point the host's models directory at the folder. What is drawn means nothing.
"""

import math
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact
from scope_control.networks.catalog import DEPTH, MATTE
from scope_control.networks.matte import PERSON


def write_models(folder: Path | str, seed: int = 0) -> Path:
    """Write both models, about one megabyte, into a models directory; files of the same names are replaced."""
    folder = Path(folder)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        depth, matte = _depth(), _matte()
        for network in (depth, matte):
            _spread(network)
        # Lifted above zero, or the last ReLU would turn half of it black.
        torch.nn.init.constant_(depth.head.conv3.bias, 3.0)
        # People as likely as everything else together.
        matte.segmentation_head.classifier.convolution.bias[PERSON] += 3.0
        depth.save_pretrained(_place(folder, DEPTH))
        matte.save_pretrained(_place(folder, MATTE), safe_serialization=False)
    return folder


def _spread(network: nn.Module) -> None:
    """Weights that keep what goes through them near unit size, so that the picture tells in the end."""
    for weights in network.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=math.prod(weights.shape[1:]) ** -0.5)


def _place(folder: Path, artifact: HuggingfaceRepoArtifact) -> Path:
    return folder / artifact.local_paths()[0].parent


def _depth() -> Any:
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    backbone = Dinov2Config(
        hidden_size=24,
        num_hidden_layers=4,
        num_attention_heads=2,
        patch_size=14,
        image_size=518,
        out_features=["stage1", "stage2", "stage3", "stage4"],
        reshape_hidden_states=False,
    )
    return DepthAnythingForDepthEstimation(
        DepthAnythingConfig(
            backbone_config=backbone,
            reassemble_hidden_size=24,
            neck_hidden_sizes=[8, 8, 8, 8],
            fusion_hidden_size=8,
            head_hidden_size=8,
        )
    )


def _matte() -> Any:
    from transformers import MobileNetV2Config, MobileNetV2ForSemanticSegmentation

    return MobileNetV2ForSemanticSegmentation(
        MobileNetV2Config(depth_multiplier=0.1, output_stride=8, num_labels=21, finegrained_output=False)
    )


if __name__ == "__main__":
    write_models(sys.argv[1])

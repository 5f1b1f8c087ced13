"""The models, where they come from and under which license. Importing this module does not import torch."""

from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact

DEPTH = HuggingfaceRepoArtifact(
    repo_id="depth-anything/Depth-Anything-V2-Small-hf", files=["config.json", "model.safetensors"]
)
"""Depth Anything V2, small (Yang et al., 2024, arXiv:2406.09414): 25 million parameters, 99 MB, Apache-2.0."""

MATTE = HuggingfaceRepoArtifact(
    repo_id="google/deeplabv3_mobilenet_v2_1.0_513", files=["config.json", "pytorch_model.bin"]
)
"""DeepLab v3 on MobileNet v2 (Sandler et al., 2018, arXiv:1801.04381): 10 MB. Trained on Pascal VOC.

The repository's card says "other" and has no license text. The checkpoint that it was converted from is published by
TensorFlow's DeepLab (github.com/tensorflow/models, research/deeplab), a repository under Apache-2.0.
"""

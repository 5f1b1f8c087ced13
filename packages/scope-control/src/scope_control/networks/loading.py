"""Model files to networks, and what is wrong with them in sentences."""

import pickle
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn

from scope.core.config import get_model_file_path
from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact


class ModelError(RuntimeError):
    """A model that cannot be used, with what to do about it."""


def load(pipeline_id: str, artifact: HuggingfaceRepoArtifact, kind: str, device: torch.device) -> nn.Module:
    """A pretrained network on a device, in half precision on a GPU.

    Args:
        pipeline_id: whose model it is, for the sentences.
        kind: the network's class in transformers.

    Raises:
        ModelError: the package or a file is missing, or a file is damaged or of another model.
    """
    files = [get_model_file_path(str(path)) for path in artifact.local_paths()]
    if missing := [path.name for path in files if not path.is_file()]:
        raise ModelError(
            f"{pipeline_id}: expected {' and '.join(artifact.files)} in {files[0].parent}, found no "
            f"{' and no '.join(missing)}; fetch the model with: scope models download {pipeline_id}"
        )
    try:
        network = _class(pipeline_id, kind).from_pretrained(files[0].parent, local_files_only=True)
    except (OSError, ValueError, RuntimeError, SafetensorError, pickle.UnpicklingError) as error:
        raise ModelError(
            f"{pipeline_id}: the model in {files[0].parent} cannot be read ({_first_line(error)}); fetch it anew with: "
            f"scope models remove {pipeline_id}, then scope models download {pipeline_id}"
        ) from error
    return network.to(device, torch.float16 if device.type == "cuda" else torch.float32).eval()


def _class(pipeline_id: str, kind: str) -> Any:
    try:
        import transformers
    except ImportError as error:
        raise ModelError(
            f"{pipeline_id}: expected the package transformers, which hosts bring along; "
            "install it with: pip install transformers"
        ) from error
    return getattr(transformers, kind)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no reason given'}"

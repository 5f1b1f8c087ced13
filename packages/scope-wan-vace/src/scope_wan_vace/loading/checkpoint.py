"""Reading weight files, and saying in one sentence what is wrong with one that cannot be used."""

import pickle
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from scope_wan_vace.catalogue import repository_at

_WRAPPERS = re.compile(r"(_fsdp_wrapped_module|_checkpoint_wrapped_module|_orig_mod)\.")


class WeightsError(RuntimeError):
    """A weight file that cannot be used: names the file, the repository it comes from and the repair."""

    def __init__(self, path: Path, problem: str):
        super().__init__(f"scope-wan-vace: {path} {problem}. {_repair(path)}")
        self.path = path


def _repair(path: Path) -> str:
    repository = repository_of(path)
    if repository is None:
        return "Choose another file."
    return f"Delete the file if it is there and download the model {repository} again."


def repository_of(path: Path) -> str | None:
    """The Hugging Face repository whose folder holds `path`, or None for a file of the user's own."""
    return repository_at(Path(path).parts)


def read_checkpoint(path: Path) -> dict:
    """What a `.pt`/`.pth` (memory-mapped, tensors only) or `.safetensors` file holds, in main memory.

    Raises:
        WeightsError: the file is missing, truncated or of another kind.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(path, "is missing")
    content = _read(path)
    if not isinstance(content, dict):
        raise WeightsError(path, f"holds a {type(content).__name__}, expected a dictionary of tensors")
    return content


def _read(path: Path) -> object:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        # Only the ZIP format can be memory-mapped; PyTorch's older pickle format is read whole.
        return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except (SafetensorError, pickle.UnpicklingError, EOFError, RuntimeError, ValueError, KeyError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        problem = f"is damaged ({path.stat().st_size} bytes, {_first_line(error)})"
        raise WeightsError(path, problem) from error


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:120].rstrip(".")


def without_wrappers(name: str) -> str:
    """A parameter's name without what FSDP, activation checkpointing and torch.compile left in it.

    >>> without_wrappers("model._fsdp_wrapped_module.blocks.0._orig_mod.ffn.0.weight")
    'model.blocks.0.ffn.0.weight'
    """
    return _WRAPPERS.sub("", name)


def check_state(state: Mapping[str, Tensor], expected: Mapping[str, Tensor], path: Path) -> None:
    """Compare names and shapes of a state dict with those of `expected` (meta tensors will do).

    Raises:
        WeightsError: a name is missing or unexpected, or a shape differs.
    """
    if missing := expected.keys() - state.keys():
        raise WeightsError(path, f"lacks {_some(missing)}")
    if unexpected := state.keys() - expected.keys():
        raise WeightsError(path, f"holds {_some(unexpected)}, which the model does not have")
    for name, wanted in expected.items():
        if state[name].shape != wanted.shape:
            problem = f"holds {name} of shape {list(state[name].shape)}, expected {list(wanted.shape)}"
            raise WeightsError(path, problem)


def assign_state(module: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Put a checked state dict into a module built on the meta device, without copying.

    Raises:
        WeightsError: as `check_state`.
    """
    check_state(state, module.state_dict(), path)
    module.load_state_dict(state, assign=True)


def _some(names: Iterable[str], limit: int = 3) -> str:
    ordered = sorted(names)
    rest = f" and {len(ordered) - limit} more" if len(ordered) > limit else ""
    return ", ".join(ordered[:limit]) + rest

"""Artifacts on disk to checked state dicts: the generator and the VACE module, under Wan's original names."""

import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from scope_wan_vace.loading.checkpoint import WeightsError, assign_state, check_state, read_checkpoint, without_wrappers
from scope_wan_vace.loading.hollow import hollow
from scope_wan_vace.loading.lora import LiveLoras, merge_lora, read_lora
from scope_wan_vace.model.config import DitConfig

__all__ = [
    "LiveLoras",
    "WeightsError",
    "assign_state",
    "load_generator",
    "load_vace",
    "merge_lora",
    "read_lora",
]

_ROOTS = ("generator_ema", "generator", "model")


def load_generator(path: Path | str, config: DitConfig, root: str | None = None) -> dict[str, Tensor]:
    """The main transformer's weights from a causal checkpoint (`.pt`, `.safetensors`).

    Tensors are memory-mapped in the type they were stored in.

    Args:
        root: which of the file's state dicts to read. None takes averaged weights (`generator_ema`) before
            `generator`, `model` and a bare state dict.

    Raises:
        WeightsError: the file is missing or damaged, lacks `root`, or is not a model of the sizes in `config`.
    """
    path = Path(path)
    state = _root(read_checkpoint(path), root, path)
    state = {_plain_name(name): tensor for name, tensor in state.items() if isinstance(tensor, Tensor)}
    check_state(state, _expected_generator(config), path)
    return state


def _root(content: dict, root: str | None, path: Path) -> dict:
    if root is None:
        return next((content[name] for name in _ROOTS if isinstance(content.get(name), dict)), content)
    if not isinstance(content.get(root), dict):
        found = ", ".join(sorted(map(str, content))[:3])
        raise WeightsError(path, f"holds no weights under {root!r}, but {found}")
    return content[root]


def _plain_name(name: str) -> str:
    return re.sub(r"^(model|net)\.", "", without_wrappers(name))


def _expected_generator(config: DitConfig) -> Mapping[str, Tensor]:
    from scope_wan_vace.model.dit import Dit

    with hollow():
        return Dit(config).state_dict()


def load_vace(path: Path | str, config: DitConfig) -> dict[str, Tensor]:
    """The VACE branch's weights (`vace_blocks.*`, `vace_patch_embedding.*`) from a `.safetensors` file.

    Raises:
        WeightsError: the file is missing or damaged, or is not a VACE module of those sizes.
    """
    path = Path(path)
    state = {name: tensor for name, tensor in read_checkpoint(path).items() if name.startswith("vace_")}
    if not state:
        raise WeightsError(path, "holds no VACE weights")
    check_state(state, _expected_vace(config), path)
    return state


def _expected_vace(config: DitConfig) -> Mapping[str, Tensor]:
    from scope_wan_vace.model.vace import VaceBranch

    with hollow():
        return VaceBranch(config).state_dict()

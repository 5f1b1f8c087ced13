"""From files to models on a device: which files, which types."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from scope.core.config import get_model_file_path
from scope_wan_vace.catalogue import (
    TEXT_ENCODER_FILE,
    TOKENIZER_FOLDER,
    VACE_FILE,
    Generator,
    StreamConfig,
    VaeType,
)
from scope_wan_vace.codec import Codec, load_codec
from scope_wan_vace.loading.configs import read_configs
from scope_wan_vace.loading.hollow import hollow
from scope_wan_vace.loading.text import TextEncoder
from scope_wan_vace.loading.weights import LiveLoras, load_generator, load_vace, merge_lora
from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.dit import Dit, fuse_projections
from scope_wan_vace.model.vace import VaceBranch

# Small, and wrong in bfloat16: time has more than its 8 bits, and modulation scales every token.
FLOAT32_PARTS = ("time_embedding", "time_projection", "modulation")


@dataclass(frozen=True)
class Models:
    """Everything with weights that a film is made with."""

    dit: Dit
    vace: VaceBranch | None
    codec: Codec
    stream: StreamConfig
    device: torch.device


@dataclass(frozen=True)
class LoraFile:
    """A LoRA of the user's: a path, absolute or below `<models>/lora`, and its strength."""

    path: Path
    scale: float


def read_loras(value: Any) -> list[LoraFile]:
    """The `loras` of a load or the `lora_scales` of a call: `[{"path": str, "scale": float}]`.

    Raises:
        ValueError: another form.
    """
    if not isinstance(value or [], list):
        raise ValueError(f'scope-wan-vace: loras: expected [{{"path", "scale"}}], got {value!r}')
    return [_lora(entry) for entry in value or []]


def _lora(entry: Any) -> LoraFile:
    try:
        return LoraFile(get_model_file_path("lora") / entry["path"], float(entry.get("scale", 1.0)))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ValueError(f'scope-wan-vace: loras: expected {{"path", "scale"}}, got {entry!r}') from error


def on_device(state: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype) -> dict[str, Tensor]:
    """Weights where and as they are computed with."""
    kept = {name: any(part in name for part in FLOAT32_PARTS) for name in state}
    return {name: weight.to(device, torch.float32 if kept[name] else dtype) for name, weight in state.items()}


def build[ModuleT: nn.Module](
    kind: type[ModuleT], config: DitConfig, state: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype
) -> ModuleT:
    """A module that takes the tensors of `state` as they are, without a second copy of the model in memory."""
    with hollow():
        module = kind(config)
    module.load_state_dict(on_device(state, device, dtype), assign=True)
    return module.eval().requires_grad_(False)


def load_dit(generator: Generator, config: DitConfig, device: torch.device, dtype: torch.dtype) -> Dit:
    """The generator with its own LoRA merged in.

    Raises:
        WeightsError: a file is missing, damaged or of other sizes.
    """
    path = get_model_file_path(generator.relative(generator.checkpoint))
    state = load_generator(path, config, generator.root)
    if generator.lora is not None:
        state = merge_lora(state, get_model_file_path(generator.relative(generator.lora)), device=device)
    return build(Dit, config, state, device, dtype)


def load_models(
    generator: Generator, vae_type: VaeType, with_vace: bool, device: torch.device, dtype: torch.dtype
) -> Models:
    """All models but the text encoder.

    Raises:
        WeightsError: a file is missing, damaged or of other sizes.
    """
    config, stream = read_configs(generator)
    vace = None
    if with_vace:
        state = load_vace(get_model_file_path(VACE_FILE), config)
        vace = build(VaceBranch, config, state, device, dtype)
        fuse_projections(vace.vace_blocks)
    dit = load_dit(generator, config, device, dtype)
    fuse_projections(dit.blocks)
    return Models(dit, vace, load_codec(vae_type, get_model_file_path(vae_type.file), device, dtype), stream, device)


def load_text_encoder(device: torch.device, dtype: torch.dtype, low_vram: bool) -> TextEncoder:
    """UMT5 and its tokenizer; with `low_vram` its weights wait in main memory.

    Raises:
        WeightsError: a file is missing or damaged.
    """
    tokenizer = get_model_file_path(TOKENIZER_FOLDER)
    return TextEncoder.from_files(get_model_file_path(TEXT_ENCODER_FILE), tokenizer, device, dtype, low_vram)


def live_loras(dit: Dit, loras: list[LoraFile]) -> LiveLoras:
    """Apply LoRAs whose scales can change later."""
    live = LiveLoras(dict(dit.named_parameters()))
    for lora in loras:
        live.add(lora.path, lora.scale)
    return live

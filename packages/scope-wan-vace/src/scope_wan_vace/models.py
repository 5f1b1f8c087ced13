"""From files to models on a device: which files, which types."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from scope.core.config import get_model_file_path

from .checkpoint import WeightsError
from .codec import CodecKind, load_codec
from .config import GENERATORS, WAN_1_3B, DitConfig, Generator, StreamConfig, read_dit_config, read_stream_config
from .dit import Dit
from .session import Models
from .text import TextEncoder
from .vace import VaceBranch
from .weights import LiveLoras, load_generator, load_vace, merge_lora

WAN = "Wan2.1-T2V-1.3B"
VACE_FILE = "WanVideo_comfy/Wan2_1-VACE_module_1_3B_bf16.safetensors"
TEXT_FILE = "WanVideo_comfy/umt5-xxl-enc-fp8_e4m3fn.safetensors"
CODEC_FILES: dict[CodecKind, str] = {
    "wan": f"{WAN}/Wan2.1_VAE.pth",
    "lightvae": "Autoencoders/lightvaew2_1.pth",
    "tae": "Autoencoders/taew2_1.pth",
    "lighttae": "Autoencoders/lighttaew2_1.pth",
}
# Small, and wrong in bfloat16: time has more than its 8 bits, and modulation scales every token.
FLOAT32_PARTS = ("time_embedding", "time_projection", "modulation")


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


def read_configs(generator: Generator) -> tuple[DitConfig, StreamConfig]:
    """Sizes and window from the generator's own `config.json`, then Wan's, then the published values.

    Raises:
        WeightsError: a `config.json` is damaged.
    """
    own = None if generator.config is None else get_model_file_path(generator.relative(generator.config))
    shared = get_model_file_path(f"{WAN}/config.json")
    found = next((path for path in (own, shared) if path is not None and path.is_file()), None)
    if found is None:
        return WAN_1_3B, generator.stream
    try:
        stream = read_stream_config(found, generator.stream) if found == own else generator.stream
        return read_dit_config(found), stream
    except (ValueError, TypeError) as error:
        raise WeightsError(found, f"is damaged ({error})") from error


def on_device(state: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype) -> dict[str, Tensor]:
    """Weights where and as they are computed with."""
    kept = {name: any(part in name for part in FLOAT32_PARTS) for name in state}
    return {name: weight.to(device, torch.float32 if kept[name] else dtype) for name, weight in state.items()}


def build[ModuleT: nn.Module](
    kind: type[ModuleT], config: DitConfig, state: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype
) -> ModuleT:
    """A module that takes the tensors of `state` as they are, without a second copy of the model in memory."""
    with torch.device("meta"):
        module = kind(config)
    module.load_state_dict(on_device(state, device, dtype), assign=True)
    return module.eval().requires_grad_(False)


def load_dit(generator: Generator, config: DitConfig, device: torch.device, dtype: torch.dtype) -> Dit:
    """The generator with its own LoRA merged in.

    Raises:
        WeightsError: a file is missing, damaged or of other sizes.
    """
    state = load_generator(get_model_file_path(generator.relative(generator.checkpoint)), config)
    if generator.lora is not None:
        state = merge_lora(state, get_model_file_path(generator.relative(generator.lora)), device=device)
    return build(Dit, config, state, device, dtype)


def load_models(
    generator_name: str, codec: CodecKind, with_vace: bool, device: torch.device, dtype: torch.dtype
) -> Models:
    """All models but the text encoder.

    Raises:
        WeightsError: a file is missing, damaged or of other sizes.
    """
    generator = GENERATORS[generator_name]
    config, stream = read_configs(generator)
    vace = None
    if with_vace:
        state = load_vace(get_model_file_path(VACE_FILE), config)
        vace = build(VaceBranch, config, state, device, dtype)
    dit = load_dit(generator, config, device, dtype)
    return Models(dit, vace, load_codec(codec, get_model_file_path(CODEC_FILES[codec]), device, dtype), stream, device)


def load_text_encoder(device: torch.device, dtype: torch.dtype, low_vram: bool) -> TextEncoder:
    """UMT5 and its tokenizer; with `low_vram` its weights wait in main memory.

    Raises:
        WeightsError: a file is missing or damaged.
    """
    tokenizer = get_model_file_path(f"{WAN}/google/umt5-xxl")
    return TextEncoder.from_files(get_model_file_path(TEXT_FILE), tokenizer, device, dtype, low_vram)


def live_loras(dit: Dit, loras: list[LoraFile]) -> LiveLoras:
    """Apply LoRAs whose scales can change later."""
    live = LiveLoras(dict(dit.named_parameters()))
    for lora in loras:
        live.add(lora.path, lora.scale)
    return live


def compile_blocks(models: Models) -> None:
    """Compile one block of each kind; the others share its code.

    The model is one loop over equal blocks, so this costs a thirtieth of compiling it whole and loses nothing: a
    block's kernels take far longer than launching them.
    """
    branches = [models.dit.blocks] if models.vace is None else [models.dit.blocks, models.vace.vace_blocks]
    for branch in branches:
        for block in branch:
            block.compile()

"""Low-rank adapters (LoRA, arXiv 2106.09685): reading the common layouts, merging, and changing scales live.

Understood: LongLive's and peft's `.pt` (`base_model.model.….lora_A.weight`), and `.safetensors` from diffusers
(`transformer.….attn1.to_q.lora_A.weight`), ComfyUI (`diffusion_model.….lora_A.weight` or `lora_down.weight`,
`.alpha`, `.diff`, `.diff_b`) and Kohya (`lora_unet_blocks_0_self_attn_q.lora_down.weight`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from scope_wan_vace.loading.checkpoint import WeightsError, read_checkpoint, without_wrappers

_PART = re.compile(
    r"^(?P<module>.+?)\.(?P<part>lora_A|lora_B|lora_down|lora_up|alpha|diff|diff_b)(\.default)?(\.weight)?$"
)
_DOWN, _UP = ("lora_A", "lora_down"), ("lora_B", "lora_up")
_PREFIXES = ("base_model.model.", "diffusion_model.", "transformer.", "pipe.dit.", "model.", "lora_unet_")
_DIFFUSERS = (
    ("self_attn.", "attn1.to_"),
    ("cross_attn.", "attn2.to_"),
    (".to_o", ".to_out.0"),
    ("ffn.0", "ffn.net.0.proj"),
    ("ffn.2", "ffn.net.2"),
    ("time_embedding.0", "condition_embedder.time_embedder.linear_1"),
    ("time_embedding.2", "condition_embedder.time_embedder.linear_2"),
    ("text_embedding.0", "condition_embedder.text_embedder.linear_1"),
    ("text_embedding.2", "condition_embedder.text_embedder.linear_2"),
    ("time_projection.1", "condition_embedder.time_proj"),
    ("head.head", "proj_out"),
)


@dataclass(frozen=True)
class Delta:
    """What a LoRA adds to one parameter at scale 1: `factor · up @ down`, or a full difference."""

    up: Tensor
    down: Tensor | None = None
    factor: float = 1.0

    def dense(self, shape: torch.Size, device: torch.device) -> Tensor:
        """The whole difference, float32."""
        up = self.up.to(device, torch.float32)
        if self.down is None:
            return up.reshape(shape)
        return (up.flatten(1) @ self.down.to(device, torch.float32).flatten(1)).reshape(shape) * self.factor


def read_lora(path: Path | str, state: Mapping[str, Tensor]) -> dict[str, Delta]:
    """Read a LoRA for the model whose parameters `state` holds.

    Returns:
        Differences by parameter name. Without an alpha of its own a layer is taken at alpha = rank, factor 1.

    Raises:
        WeightsError: the file is missing or damaged, or a layer does not exist in the model or has another shape.
    """
    path = Path(path)
    content = read_checkpoint(path)
    layers = _layers(content.get("generator_lora", content), path)
    aliases = _aliases(state)
    deltas: dict[str, Delta] = {}
    for module, parts in layers.items():
        name = aliases.get(_bare(module))
        if name is None:
            raise WeightsError(path, f"changes {module}, which the model does not have")
        deltas |= _deltas(name, parts, path)
    _check_shapes(deltas, state, path)
    return deltas


def _layers(content: Mapping[str, Tensor], path: Path) -> dict[str, dict[str, Tensor]]:
    layers: dict[str, dict[str, Tensor]] = {}
    for key, tensor in content.items():
        match = _PART.match(without_wrappers(key))
        if match is None:
            raise WeightsError(path, f"holds {key}, which is no part of a LoRA that is understood here")
        layers.setdefault(match["module"], {})[match["part"]] = tensor
    if not layers:
        raise WeightsError(path, "holds no LoRA layers")
    return layers


def _deltas(module: str, parts: Mapping[str, Tensor], path: Path) -> dict[str, Delta]:
    found: dict[str, Delta] = {}
    down = next((parts[name] for name in _DOWN if name in parts), None)
    up = next((parts[name] for name in _UP if name in parts), None)
    if (down is None) != (up is None):
        raise WeightsError(path, f"holds only one half of the LoRA of {module}")
    if up is not None and down is not None:
        rank = down.shape[0]
        found[f"{module}.weight"] = Delta(up, down, float(parts.get("alpha", rank)) / rank)
    if "diff" in parts:
        found[f"{module}.weight"] = Delta(parts["diff"])
    if "diff_b" in parts:
        found[f"{module}.bias"] = Delta(parts["diff_b"])
    return found


def _check_shapes(deltas: Mapping[str, Delta], state: Mapping[str, Tensor], path: Path) -> None:
    for name, delta in deltas.items():
        if name not in state:
            raise WeightsError(path, f"changes {name}, which the model does not have")
        wanted = state[name].shape
        found = delta.up.shape if delta.down is None else (delta.up.shape[0], *delta.down.shape[1:])
        fits = delta.down is None or delta.up.flatten(1).shape[1] == delta.down.shape[0]
        if tuple(found) != tuple(wanted) or not fits:
            raise WeightsError(path, f"changes {name} by shape {list(found)}, expected {list(wanted)}")


def _aliases(state: Mapping[str, Tensor]) -> dict[str, str]:
    modules = {name.rpartition(".")[0] for name in state}
    aliases = {}
    for module in modules:
        for alias in (module, _diffusers_module(module)):
            aliases |= {alias: module, alias.replace(".", "_"): module}
    return aliases


def _diffusers_module(module: str) -> str:
    for original, theirs in _DIFFUSERS:
        module = module.replace(original, theirs)
    return module


def _bare(module: str) -> str:
    for prefix in _PREFIXES:
        module = module.removeprefix(prefix)
    return module


def merge_lora(
    state: Mapping[str, Tensor], path: Path | str, scale: float = 1.0, device: torch.device | str = "cpu"
) -> dict[str, Tensor]:
    """Add a LoRA to a state dict for good; equal to peft's merge.

    Args:
        device: where to multiply; changed layers stay there.

    Returns:
        A new state dict. Changed layers are summed in float32 and rounded once to their own type, the others
        are the same tensors as before.

    Raises:
        WeightsError: as `read_lora`.
    """
    merged = dict(state)
    for name, delta in read_lora(path, state).items():
        merged[name] = _sum(state[name], [(scale, delta)], torch.device(device))
    return merged


def _sum(base: Tensor, terms: Iterable[tuple[float, Delta]], device: torch.device) -> Tensor:
    total = base.to(device, torch.float32)
    for scale, delta in terms:
        total = total + delta.dense(base.shape, device) * scale
    return total.to(base.dtype)


@dataclass
class LiveLoras:
    """LoRAs on the parameters of a running model, with scales that change between chunks.

    Every change starts from a copy of the weights as they were first, so no sequence of scales drifts and scale 0
    restores them bit by bit. The copies are of touched layers only and lie in main memory, page-locked beside a CUDA
    device, so that they reach it without waiting. Parameters change in place: compiled code and CUDA graphs stay
    valid. Weights must be floating point, not quantised.
    """

    parameters: Mapping[str, Tensor]
    _base: dict[str, Tensor] = field(default_factory=dict)
    _loras: dict[str, dict[str, Delta]] = field(default_factory=dict)
    _scales: dict[str, float] = field(default_factory=dict)

    def add(self, path: Path | str, scale: float = 1.0) -> None:
        """Read a LoRA and apply it at `scale`.

        Raises:
            WeightsError: as `read_lora`; the model is then unchanged.
        """
        deltas = read_lora(path, self.parameters)
        for name in deltas.keys() - self._base.keys():
            self._base[name] = _kept_copy(self.parameters[name])
        self._loras[str(path)] = deltas
        self._scales.setdefault(str(path), 0.0)
        self.set_scales({path: scale})

    @property
    def scales(self) -> dict[str, float]:
        """Current scale of every LoRA by its path."""
        return dict(self._scales)

    @torch.no_grad()
    def set_scales(self, scales: Mapping[Path | str, float]) -> None:
        """Change scales by path; paths that were never added are ignored, as are scales that stay."""
        changed = {str(path): float(scale) for path, scale in scales.items() if str(path) in self._loras}
        changed = {path: scale for path, scale in changed.items() if scale != self._scales[path]}
        self._scales |= changed
        for name in {name for path in changed for name in self._loras[path]}:
            parameter = self.parameters[name]
            base = self._base[name].to(parameter.device, non_blocking=True)
            parameter.copy_(_sum(base, self._terms(name), parameter.device))

    def _terms(self, name: str) -> list[tuple[float, Delta]]:
        active = ((self._scales[path], deltas) for path, deltas in self._loras.items())
        return [(scale, deltas[name]) for scale, deltas in active if scale and name in deltas]


def _kept_copy(weight: Tensor) -> Tensor:
    copy = torch.empty(weight.shape, dtype=weight.dtype, pin_memory=weight.is_cuda)
    return copy.copy_(weight.detach())

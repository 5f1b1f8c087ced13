"""Tiny random models beside the library's own, with the same weights."""

import re

import pytest
import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.models.transformers.transformer_wan_vace import WanVACETransformer3DModel

from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.dit import Dit, project_text
from scope_wan_vace.model.vace import VaceBranch

TINY = DitConfig(
    dim=48, ffn_dim=96, heads=4, layers=4, text_dim=20, text_length=7, freq_dim=16, vace_layers=(0, 2), in_channels=4,
    vace_in_channels=9,
)  # fmt: skip

RENAMES = [
    (r"\.self_attn\.", ".attn1."),
    (r"\.cross_attn\.", ".attn2."),
    (r"\.(q|k|v)\.(weight|bias)$", r".to_\1.\2"),
    (r"\.o\.", ".to_out.0."),
    (r"\.ffn\.0\.", ".ffn.net.0.proj."),
    (r"\.ffn\.2\.", ".ffn.net.2."),
    (r"\.norm3\.", ".norm2."),
    (r"modulation$", "scale_shift_table"),
    (r"^head\.head\.", "proj_out."),
    (r"^head\.scale", "scale"),
    (r"^time_embedding\.0\.", "condition_embedder.time_embedder.linear_1."),
    (r"^time_embedding\.2\.", "condition_embedder.time_embedder.linear_2."),
    (r"^text_embedding\.0\.", "condition_embedder.text_embedder.linear_1."),
    (r"^text_embedding\.2\.", "condition_embedder.text_embedder.linear_2."),
    (r"^time_projection\.1\.", "condition_embedder.time_proj."),
    (r"before_proj", "proj_in"),
    (r"after_proj", "proj_out"),
]


def diffusers_name(name: str) -> str:
    """A name of the original checkpoints as diffusers has it."""
    for pattern, replacement in RENAMES:
        name = re.sub(pattern, replacement, name)
    return name


def randomised[ModuleT: torch.nn.Module](module: ModuleT) -> ModuleT:
    """Weights large enough that every path matters; norms away from one."""
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.copy_(torch.randn_like(weight) * (0.2 if "modulation" in name or weight.ndim == 1 else 0.15))
            if "norm" in name and name.endswith("weight"):
                weight.add_(1.0)
    return module.eval().requires_grad_(False)


@pytest.fixture
def dit() -> Dit:
    torch.manual_seed(0)
    return randomised(Dit(TINY))


@pytest.fixture
def branch() -> VaceBranch:
    torch.manual_seed(1)
    return randomised(VaceBranch(TINY))


def _arguments() -> dict:
    return {
        "num_attention_heads": TINY.heads, "attention_head_dim": TINY.head_dim, "in_channels": TINY.in_channels,
        "out_channels": TINY.in_channels, "text_dim": TINY.text_dim, "freq_dim": TINY.freq_dim,
        "ffn_dim": TINY.ffn_dim, "num_layers": TINY.layers, "eps": TINY.eps,
    }  # fmt: skip


@pytest.fixture
def oracle(dit) -> WanTransformer3DModel:
    """diffusers' transformer with the weights of `dit`; strict, so that no key is missing or left over."""
    model = WanTransformer3DModel(**_arguments()).eval()
    model.load_state_dict({diffusers_name(name): weight for name, weight in dit.state_dict().items()})
    return model


@pytest.fixture
def vace_oracle(dit, branch) -> WanVACETransformer3DModel:
    """diffusers' VACE transformer with the weights of `dit` and `branch`."""
    layers, channels = list(TINY.vace_layers), TINY.vace_in_channels
    model = WanVACETransformer3DModel(**_arguments(), vace_layers=layers, vace_in_channels=channels).eval()
    state = dit.state_dict() | branch.state_dict()
    model.load_state_dict({diffusers_name(name): weight for name, weight in state.items()})
    return model


@pytest.fixture
def prompt(dit) -> torch.Tensor:
    torch.manual_seed(2)
    return torch.randn(1, TINY.text_length, TINY.text_dim)


@pytest.fixture
def text(dit, prompt):
    return project_text(dit.blocks, dit.embed_text(prompt))

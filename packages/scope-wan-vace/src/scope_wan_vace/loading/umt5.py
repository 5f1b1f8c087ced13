"""UMT5's encoder from the weights that Wan ships, its linear layers kept in fp8.

`transformers.UMT5EncoderModel` computes; this module names, sizes and stores. The file holds fp8 (e4m3) linear
weights without scales and the rest in bfloat16, under the names of Wan's own code.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import UMT5Config, UMT5EncoderModel

from scope_wan_vace.loading.checkpoint import WeightsError, check_state, read_checkpoint
from scope_wan_vace.loading.hollow import hollow

_TOP = {"token_embedding": "shared", "norm": "encoder.final_layer_norm"}
_IN_BLOCK = {
    "norm1": "0.layer_norm",
    "attn.q": "0.SelfAttention.q",
    "attn.k": "0.SelfAttention.k",
    "attn.v": "0.SelfAttention.v",
    "attn.o": "0.SelfAttention.o",
    "pos_embedding.embedding": "0.SelfAttention.relative_attention_bias",
    "norm2": "1.layer_norm",
    "ffn.gate.0": "1.DenseReluDense.wi_0",
    "ffn.fc1": "1.DenseReluDense.wi_1",
    "ffn.fc2": "1.DenseReluDense.wo",
}


def transformers_name(name: str) -> str:
    """The transformers name of one of Wan's UMT5 parameters; others stay as they are.

    >>> transformers_name("blocks.3.ffn.fc2.weight")
    'encoder.block.3.layer.1.DenseReluDense.wo.weight'
    """
    module = name.removesuffix(".weight")
    if module in _TOP:
        return f"{_TOP[module]}.weight"
    match = re.fullmatch(r"blocks\.(\d+)\.(.+)", module)
    if match is None or match[2] not in _IN_BLOCK:
        return name
    return f"encoder.block.{match[1]}.layer.{_IN_BLOCK[match[2]]}.weight"


class StoredLinear(nn.Module):
    """A linear layer without bias that keeps its weight in a storage type and casts it for every call.

    The tensor is a buffer of another name and `weight` is None, because T5 casts its activations to the type of
    `wo.weight` where there is one: to fp8, that would ruin them.
    """

    stored: Tensor

    def __init__(self, weight: Tensor):
        super().__init__()
        self.register_parameter("weight", None)
        self.register_buffer("stored", weight)

    def forward(self, inputs: Tensor) -> Tensor:
        """[..., inputs] to [..., outputs] in the type of the input."""
        return F.linear(inputs, self.stored.to(inputs.dtype))


def load_umt5(path: Path | str, device: torch.device | str, dtype: torch.dtype) -> UMT5EncoderModel:
    """Load the encoder in the sizes that the file itself shows.

    Args:
        dtype: type of embeddings, norms and activations; linear weights stay as stored.

    Raises:
        WeightsError: the file is missing, damaged or of another model.
    """
    path = Path(path)
    state = {transformers_name(name): tensor.to(device) for name, tensor in read_checkpoint(path).items()}
    model = meta_encoder(state, path)
    check_state(state, _expected(model), path)
    _store_linears(model, state)
    kept = {name: state[name].to(dtype) for name in state if name in model.state_dict()}
    model.load_state_dict(kept | {"encoder.embed_tokens.weight": kept["shared.weight"]}, strict=False, assign=True)
    model.set_input_embeddings(model.shared)
    return model.eval().requires_grad_(False)


def meta_encoder(state: Mapping[str, Tensor], path: Path) -> UMT5EncoderModel:
    """An encoder without weights in the sizes of a state dict under transformers' names."""
    try:
        config = _config(state)
    except KeyError as error:
        raise WeightsError(path, f"is not a UMT5 encoder: it lacks {error.args[0]}") from error
    with hollow():
        return UMT5EncoderModel(config)


def _config(state: Mapping[str, Tensor]) -> UMT5Config:
    first = "encoder.block.0.layer"
    vocabulary, width = state["shared.weight"].shape
    buckets, heads = state[f"{first}.0.SelfAttention.relative_attention_bias.weight"].shape
    return UMT5Config(
        vocab_size=vocabulary,
        d_model=width,
        d_kv=state[f"{first}.0.SelfAttention.q.weight"].shape[0] // heads,
        d_ff=state[f"{first}.1.DenseReluDense.wi_0.weight"].shape[0],
        num_layers=len({name.split(".")[2] for name in state if name.startswith("encoder.block.")}),
        num_heads=heads,
        relative_attention_num_buckets=buckets,
        feed_forward_proj="gated-gelu",
    )


def _expected(model: UMT5EncoderModel) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in model.state_dict().items() if name != "encoder.embed_tokens.weight"}


def _store_linears(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    linears = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    for name in linears:
        model.set_submodule(name, StoredLinear(state[f"{name}.weight"]))

"""Tiny models with random weights, written in the real formats under the real names.

For tests, for the benchmark's quick mode and for trying the pipeline in a host without downloads: point the
host's models directory at the folder and everything loads through the ordinary loaders. The pictures are noise.

    python -m scope_wan_vace.tiny FOLDER
"""

import json
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from scope_wan_vace.catalogue import GENERATORS
from scope_wan_vace.codec.taehv import Taehv, TaehvSizes
from scope_wan_vace.loading.hollow import hollow
from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.dit import Dit
from scope_wan_vace.model.vace import VaceBranch

TINY_DIT = DitConfig(dim=24, ffn_dim=48, heads=2, layers=4, text_dim=32, freq_dim=16, vace_layers=(0, 2))
TINY_TAEHV = TaehvSizes(encoder_width=8, decoder_widths=(16, 8, 8, 8))
LORA_RANK = 4


def write_models(folder: Path | str, seed: int = 0) -> Path:
    """Write every artifact of the pipeline, about three megabytes, into a models directory.

    Args:
        folder: the models directory; made if it is not there, files of the same names are replaced.
        seed: the same seed writes the same weights.
    """
    folder = Path(folder)
    rng = torch.Generator().manual_seed(seed)
    _write_generators(folder, rng)
    _write_wan(folder / "Wan2.1-T2V-1.3B", rng)
    _write_comfy(folder / "WanVideo_comfy", rng)
    _write_autoencoders(folder / "Autoencoders", rng)
    return folder


def random_state(shapes: Mapping[str, Tensor], rng: torch.Generator, gain: float = 1.0) -> dict[str, Tensor]:
    """Weights that keep activations near unit size: norms near 1, matrices gain / √fan-in, biases near 0."""
    return {name: _random(name, tensor.shape, rng, gain) for name, tensor in shapes.items()}


def _random(name: str, shape: torch.Size, rng: torch.Generator, gain: float) -> Tensor:
    noise = torch.randn(shape, generator=rng)
    if name.endswith("gamma") or (len(shape) == 1 and name.endswith("weight")):
        return 1 + 0.1 * noise
    if len(shape) == 1:
        return 0.02 * noise
    return noise * gain / math.prod(shape[1:]) ** 0.5


def _meta_state(build: type[nn.Module], *args: object, **sizes: object) -> dict[str, Tensor]:
    with hollow():
        return build(*args, **sizes).state_dict()


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


# Generators


def _write_generators(folder: Path, rng: torch.Generator) -> None:
    state = random_state(_meta_state(Dit, TINY_DIT), rng)
    longlive, *others = GENERATORS.values()
    _save_generator(folder, longlive.relative(longlive.checkpoint), "generator", "model.", state)
    for generator in others:
        path = generator.relative(generator.checkpoint)
        _save_generator(folder, path, generator.root or "model", "model._fsdp_wrapped_module.", state)
    torch.save({"generator_lora": longlive_lora(state, rng)}, folder / longlive.relative(longlive.lora or ""))
    _write_json(folder / longlive.relative("config.json"), wan_config(TINY_DIT))


def _save_generator(folder: Path, name: str, root: str, prefix: str, state: Mapping[str, Tensor]) -> None:
    torch.save({root: {prefix + key: tensor for key, tensor in state.items()}}, _file(folder, name))


def wan_config(config: DitConfig) -> dict:
    """`config.json` in Wan's own key names; the released ones lack `text_dim` and `vace_layers`."""
    return {
        "_class_name": "WanModel",
        "model_type": "t2v",
        "dim": config.dim,
        "ffn_dim": config.ffn_dim,
        "num_heads": config.heads,
        "num_layers": config.layers,
        "text_dim": config.text_dim,
        "text_len": config.text_length,
        "in_dim": config.in_channels,
        "out_dim": config.in_channels,
        "freq_dim": config.freq_dim,
        "eps": config.eps,
        "vace_layers": list(config.vace_layers),
    }


def longlive_lora(state: Mapping[str, Tensor], rng: torch.Generator) -> dict[str, Tensor]:
    """A LoRA in LongLive's layout on every linear layer of every block."""
    lora = {}
    for name, weight in state.items():
        if not re.fullmatch(r"blocks\.\d+\.((self|cross)_attn\.[qkvo]|ffn\.[02])\.weight", name):
            continue
        module = "base_model.model." + name.removesuffix(".weight")
        outputs, inputs = weight.shape
        lora[f"{module}.lora_A.weight"] = torch.randn(LORA_RANK, inputs, generator=rng) / inputs**0.5
        lora[f"{module}.lora_B.weight"] = torch.randn(outputs, LORA_RANK, generator=rng) * 0.1
    return lora


# Wan VAE and tokenizer


def _write_wan(folder: Path, rng: torch.Generator) -> None:
    torch.save(wan_vae_state(4, rng), _file(folder, "Wan2.1_VAE.pth"))
    _write_json(folder / "config.json", wan_config(TINY_DIT))
    write_tokenizer(folder / "google" / "umt5-xxl")


def wan_vae_state(base_dim: int, rng: torch.Generator) -> dict[str, Tensor]:
    """A Wan VAE of another width under the original names."""
    from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan

    shapes = _meta_state(AutoencoderKLWan, base_dim=base_dim)
    return random_state({original_vae_name(name): tensor for name, tensor in shapes.items()}, rng)


_VAE_NAMES = (
    (r"^quant_conv", "conv1"),
    (r"^post_quant_conv", "conv2"),
    (r"\.conv_in\b", ".conv1"),
    (r"\.norm_out\b", ".head.0"),
    (r"\.conv_out\b", ".head.2"),
    (r"\.norm1\b", ".residual.0"),
    (r"(?<=\d)\.conv1\b", ".residual.2"),
    (r"\.norm2\b", ".residual.3"),
    (r"(?<=\d)\.conv2\b", ".residual.6"),
    (r"\.conv_shortcut\b", ".shortcut"),
    (r"\.mid_block\.resnets\.0", ".middle.0"),
    (r"\.mid_block\.attentions\.0", ".middle.1"),
    (r"\.mid_block\.resnets\.1", ".middle.2"),
    (r"\.down_blocks\b", ".downsamples"),
)


def original_vae_name(name: str) -> str:
    """The name in `Wan2.1_VAE.pth` of one parameter of `AutoencoderKLWan`."""
    for pattern, original in _VAE_NAMES:
        name = re.sub(pattern, original, name)
    name = re.sub(r"\.up_blocks\.(\d)\.resnets\.(\d)", lambda m: f".upsamples.{4 * int(m[1]) + int(m[2])}", name)
    return re.sub(r"\.up_blocks\.(\d)\.upsamplers\.0", lambda m: f".upsamples.{4 * int(m[1]) + 3}", name)


def write_tokenizer(folder: Path) -> None:
    """A Unigram tokenizer in T5's layout that knows printable ASCII letter by letter."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    pieces = ["<pad>", "</s>", "<unk>", "▁", *map(chr, range(33, 127))]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(index)) for index, piece in enumerate(pieces)], unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    _write_json(folder / "special_tokens_map.json", special)
    _write_json(folder / "tokenizer_config.json", special | {"tokenizer_class": "T5Tokenizer", "extra_ids": 0})


# Text encoder and VACE


def _write_comfy(folder: Path, rng: torch.Generator) -> None:
    text = random_state(umt5_shapes(vocabulary=128, width=TINY_DIT.text_dim, ffn=40, heads=4, layers=2), rng)
    save_file(as_fp8(text), _file(folder, "umt5-xxl-enc-fp8_e4m3fn.safetensors"))
    vace = random_state(_meta_state(VaceBranch, TINY_DIT), rng)
    vace = {name: tensor.to(torch.bfloat16) for name, tensor in vace.items()}
    save_file(vace, folder / "Wan2_1-VACE_module_1_3B_bf16.safetensors")
    _write_json(folder / "config.json", {})


def umt5_shapes(vocabulary: int, width: int, ffn: int, heads: int, layers: int, buckets: int = 32) -> dict[str, Tensor]:
    """Meta tensors of a UMT5 encoder under Wan's names; `heads` times the head size is `width`."""
    block = {
        "norm1": (width,),
        **{f"attn.{name}": (width, width) for name in "qkvo"},
        "pos_embedding.embedding": (buckets, heads),
        "norm2": (width,),
        "ffn.gate.0": (ffn, width),
        "ffn.fc1": (ffn, width),
        "ffn.fc2": (width, ffn),
    }
    shapes = {"token_embedding": (vocabulary, width), "norm": (width,)}
    shapes |= {f"blocks.{index}.{name}": shape for index in range(layers) for name, shape in block.items()}
    return {f"{name}.weight": torch.empty(shape, device="meta") for name, shape in shapes.items()}


def as_fp8(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Linear weights in fp8 (e4m3), the rest in bfloat16, as in the released file."""
    return {
        name: tensor.to(torch.float8_e4m3fn if re.search(r"\.(attn|ffn)\.", name) else torch.bfloat16)
        for name, tensor in state.items()
    }


# Small autoencoders


def _write_autoencoders(folder: Path, rng: torch.Generator) -> None:
    torch.save(wan_vae_state(2, rng), _file(folder, "lightvaew2_1.pth"))
    torch.save(taehv_state(rng), folder / "taew2_1.pth")
    torch.save(taehv_state(rng), folder / "lighttaew2_1.pth")
    _write_json(folder / "config.json", {})


def taehv_state(rng: torch.Generator) -> dict[str, Tensor]:
    """A TAEHV of another width; its pictures vary around mid-grey, because it works in [0, 1]."""
    # ReLUs halve the variance, memory blocks add to it.
    state = random_state(_meta_state(Taehv, TINY_TAEHV), rng, gain=1.2)
    last = {"decoder.22.weight": state["decoder.22.weight"] / 4, "decoder.22.bias": torch.full((3,), 0.5)}
    return state | last


if __name__ == "__main__":
    print(write_models(sys.argv[1]))

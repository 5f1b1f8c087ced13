"""UMT5: names against a plain reading of T5, numbers against transformers, prompts against padded batches."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from transformers import UMT5Config, UMT5EncoderModel

from scope_wan_vace.loading.text import TEXT_LENGTH, TextEncoder, clean_prompt, load_tokenizer
from scope_wan_vace.loading.umt5 import StoredLinear, load_umt5, meta_encoder, transformers_name
from scope_wan_vace.tiny import umt5_shapes

UMT5 = "WanVideo_comfy/umt5-xxl-enc-fp8_e4m3fn.safetensors"
TOKENIZER = "Wan2.1-T2V-1.3B/google/umt5-xxl"
HEADS = 4


@pytest.fixture
def text(models) -> TextEncoder:
    return TextEncoder.from_files(models / UMT5, models / TOKENIZER, dtype=torch.float32)


@pytest.fixture(scope="module")
def weights(models):
    """What the file holds, in float32: the rounding to fp8 is in the values."""
    return {name: tensor.float() for name, tensor in load_file(models / UMT5).items()}


@pytest.fixture(scope="module")
def oracle(weights) -> UMT5EncoderModel:
    config = UMT5Config(vocab_size=128, d_model=32, d_kv=8, d_ff=40, num_layers=2, num_heads=HEADS)
    model = UMT5EncoderModel(config).eval()
    state = {transformers_name(name): tensor for name, tensor in weights.items()}
    model.load_state_dict(state | {"encoder.embed_tokens.weight": state["shared.weight"]})
    return model


def plain_t5(weights, tokens):
    """UMT5's encoder in Wan's own names, for at most eight tokens (whose position buckets are the distances)."""
    count = len(tokens)
    distance = torch.arange(count)[None] - torch.arange(count)[:, None]
    bucket = distance.abs() + 16 * (distance > 0)
    x = weights["token_embedding.weight"][tokens]
    for index in range(2):
        w = {n.removeprefix(f"blocks.{index}."): t for n, t in weights.items() if n.startswith(f"blocks.{index}.")}
        normed = rms(x, w["norm1.weight"])
        q, k, v = ((normed @ w[f"attn.{name}.weight"].T).unflatten(-1, (HEADS, -1)).transpose(0, 1) for name in "qkv")
        scores = q @ k.transpose(1, 2) + w["pos_embedding.embedding.weight"][bucket].permute(2, 0, 1)
        x = x + (scores.softmax(-1) @ v).transpose(0, 1).flatten(1) @ w["attn.o.weight"].T
        normed = rms(x, w["norm2.weight"])
        gate = F.gelu(normed @ w["ffn.gate.0.weight"].T, approximate="tanh")
        x = x + (gate * (normed @ w["ffn.fc1.weight"].T)) @ w["ffn.fc2.weight"].T
    return rms(x, weights["norm.weight"])


def rms(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * weight


@torch.inference_mode()
def test_names_mean_what_wan_s_code_means(models, weights):
    tokens = torch.tensor([5, 40, 7, 99, 12, 1])
    ours = load_umt5(models / UMT5, "cpu", torch.float32)(input_ids=tokens[None]).last_hidden_state[0]
    torch.testing.assert_close(ours, plain_t5(weights, tokens), atol=2e-6, rtol=0)


@torch.inference_mode()
def test_fp8_storage_equals_transformers_with_the_rounded_weights(models, oracle):
    tokens = torch.randint(0, 128, (1, 300), generator=torch.Generator().manual_seed(6))
    ours = load_umt5(models / UMT5, "cpu", torch.float32)(input_ids=tokens).last_hidden_state
    assert torch.equal(ours, oracle(input_ids=tokens).last_hidden_state)


def test_linear_weights_stay_in_fp8_and_the_rest_takes_the_compute_type(models):
    model = load_umt5(models / UMT5, "cpu", torch.bfloat16)
    linears = [module for module in model.modules() if isinstance(module, StoredLinear)]
    assert len(linears) == 2 * 7
    assert {linear.stored.dtype for linear in linears} == {torch.float8_e4m3fn}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    assert model.encoder.embed_tokens is model.shared
    output = model(input_ids=torch.tensor([[5, 6, 1]])).last_hidden_state
    assert output.dtype == torch.bfloat16
    assert output.isfinite().all()


@torch.inference_mode()
def test_encoding_real_tokens_equals_a_padded_batch_under_a_mask(models, text, oracle):
    prompts = ["a red fox in the snow", "", "two foxes"]
    batch = load_tokenizer(models / TOKENIZER)(
        prompts, padding="max_length", max_length=TEXT_LENGTH, truncation=True, return_tensors="pt"
    )
    padded = oracle(input_ids=batch.input_ids, attention_mask=batch.attention_mask).last_hidden_state
    expected = padded * batch.attention_mask[..., None]
    torch.testing.assert_close(text.encode(prompts), expected, atol=2e-6, rtol=0)


def test_results_have_512_tokens_and_zeros_after_the_last(text):
    result = text.encode(["ab", "x" * 2000])
    assert result.shape == (2, TEXT_LENGTH, text.width)
    # A word mark, two letters, the end of text.
    assert result[0].abs().sum(-1).nonzero().flatten().tolist() == [0, 1, 2, 3]
    assert (result[1].abs().sum(-1) > 0).all()


def test_prompts_are_cleaned_as_the_captions_were(text):
    assert clean_prompt(" a &amp;amp; b\n\t“c” ") == 'a & b "c"'
    assert torch.equal(text.encode(["a  cat\n"]), text.encode(["a cat"]))


class CountingTokenizer:
    """Counts how often a prompt really runs."""

    def __init__(self, tokenizer):
        self.tokenizer, self.prompts = tokenizer, []

    def __call__(self, prompt, **options):
        self.prompts.append(prompt)
        return self.tokenizer(prompt, **options)


@pytest.fixture
def counting(models) -> CountingTokenizer:
    return CountingTokenizer(load_tokenizer(models / TOKENIZER))


@pytest.fixture
def remembering(models, counting) -> TextEncoder:
    """Remembers the last two prompts."""
    return TextEncoder(load_umt5(models / UMT5, "cpu", torch.float32), counting, "cpu", remembered=2)


def test_a_prompt_is_encoded_once(remembering, counting):
    first = remembering.encode(["a", "b", "a"])
    again = remembering.encode(["b", "a"])
    assert counting.prompts == ["a", "b"]
    assert torch.equal(first[:2], again.flip(0))
    assert torch.equal(first[0], first[2])


def test_the_prompt_not_used_for_longest_is_forgotten(remembering, counting):
    for prompts in (["a"], ["b"], ["a"], ["c"], ["a"], ["b"]):
        remembering.encode(prompts)
    assert counting.prompts == ["a", "b", "c", "b"]


def test_more_prompts_than_are_remembered_still_come_back(remembering, text):
    prompts = ["a", "b", "c", "d"]
    assert torch.equal(remembering.encode(prompts), text.encode(prompts))


def test_a_result_cannot_change_what_is_remembered(text):
    first = text.encode(["a cat"]).clone()
    text.encode(["a cat"]).zero_()
    assert torch.equal(text.encode(["a cat"]), first)


def test_low_vram_gives_the_same_embeddings(models, text):
    frugal = TextEncoder.from_files(models / UMT5, models / TOKENIZER, dtype=torch.float32, low_vram=True)
    assert torch.equal(frugal.encode(["a cat"]), text.encode(["a cat"]))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_low_vram_lends_the_weights_and_takes_them_back(models):
    frugal = TextEncoder.from_files(models / UMT5, models / TOKENIZER, "cuda", torch.float32, low_vram=True)
    before = torch.cuda.memory_allocated()
    embeddings = frugal.encode(["a cat"])
    assert embeddings.device.type == "cuda"
    assert torch.cuda.memory_allocated() - before < 1_000_000


def test_full_size_names_and_shapes_are_those_of_umt5_xxl():
    shapes = umt5_shapes(vocabulary=256384, width=4096, ffn=10240, heads=64, layers=24)
    state = {transformers_name(name): tensor for name, tensor in shapes.items()}
    model = meta_encoder(state, Path("umt5.safetensors"))
    expected = {name: tensor.shape for name, tensor in model.state_dict().items()}
    assert expected.keys() - state.keys() == {"encoder.embed_tokens.weight"}
    assert {name: tensor.shape for name, tensor in state.items()}.items() <= expected.items()
    assert (model.config.num_layers, model.config.num_heads, model.config.d_kv) == (24, 64, 64)
    assert sum(tensor.numel() for tensor in state.values()) == 5_680_910_336

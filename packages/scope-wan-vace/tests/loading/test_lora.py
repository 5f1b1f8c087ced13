"""LoRA: equal to peft's merge in every common layout, and exact when scales change live."""

from typing import Any, cast

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file

from scope_wan_vace.loading.checkpoint import WeightsError
from scope_wan_vace.loading.lora import LiveLoras, merge_lora
from scope_wan_vace.model.dit import Dit
from scope_wan_vace.tiny import TINY_DIT, longlive_lora, random_state

TARGETS = r".*blocks\.\d+\.((self|cross)_attn\.[qkvo]|ffn\.[02])"
DIFFUSERS = {"self_attn.": "attn1.to_", "cross_attn.": "attn2.to_", "to_o.": "to_out.0.",
             "ffn.0.": "ffn.net.0.proj.", "ffn.2.": "ffn.net.2."}  # fmt: skip


@pytest.fixture(scope="module")
def state():
    with torch.device("meta"):
        shapes = Dit(TINY_DIT).state_dict()
    return random_state(shapes, torch.Generator().manual_seed(4))


@pytest.fixture(scope="module")
def lora(state):
    """A LoRA in peft's names."""
    return longlive_lora(state, torch.Generator().manual_seed(5))


@pytest.fixture(scope="module")
def peft_merged(state, lora):
    """What peft makes of it, by alpha over rank."""
    return {factor: _merged_by_peft(state, lora, factor) for factor in (1.0, 0.5)}


def _merged_by_peft(state, lora, factor):
    dit = Dit(TINY_DIT)
    dit.load_state_dict(state)
    rank = lora[next(iter(lora))].shape[0]
    config = LoraConfig(r=rank, lora_alpha=int(factor * rank), target_modules=TARGETS)
    model = get_peft_model(cast(Any, dit), config)
    assert get_peft_model_state_dict(model).keys() == lora.keys()
    trained = {name.replace(".weight", ".default.weight"): tensor for name, tensor in lora.items()}
    assert not model.load_state_dict(trained, strict=False).unexpected_keys
    return model.merge_and_unload().state_dict()


def in_layout(lora, layout):
    """The same LoRA as another tool would have saved it."""
    bare = {name.removeprefix("base_model.model."): tensor for name, tensor in lora.items()}
    if layout == "diffusers":
        return {f"transformer.{_replaced(name, DIFFUSERS)}": tensor for name, tensor in bare.items()}
    if layout == "comfyui":
        return {f"diffusion_model.{name}": tensor for name, tensor in bare.items()}
    if layout == "comfyui-down-up":
        names = {"lora_A": "lora_down", "lora_B": "lora_up"}
        return {f"diffusion_model.{_replaced(name, names)}": tensor for name, tensor in bare.items()}
    if layout == "diffsynth":
        return {name.replace(".weight", ".default.weight"): tensor for name, tensor in bare.items()}
    if layout == "fsdp":
        return {name.replace("blocks.", "blocks._fsdp_wrapped_module."): tensor for name, tensor in lora.items()}
    return {_kohya(name): tensor for name, tensor in bare.items()}


def _replaced(name, pairs):
    for old, new in pairs.items():
        name = name.replace(old, new)
    return name


def _kohya(name):
    module, _, part = name.partition(".lora_")
    return f"lora_unet_{module.replace('.', '_')}.lora_{'down' if part.startswith('A') else 'up'}.weight"


def assert_close(merged, expected):
    assert merged.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(merged[name], tensor, atol=2e-6, rtol=0)


@pytest.mark.parametrize("root", [None, "generator_lora"])
def test_longlive_s_file_merges_as_peft_merges(state, lora, peft_merged, tmp_path, root):
    torch.save({root: lora} if root else lora, tmp_path / "lora.pt")
    merged = merge_lora(state, tmp_path / "lora.pt")
    assert_close(merged, peft_merged[1.0])
    assert sum(merged[name] is not state[name] for name in state) == 4 * 10


@pytest.mark.parametrize("layout", ["diffusers", "comfyui", "comfyui-down-up", "diffsynth", "fsdp", "kohya"])
def test_other_layouts_merge_the_same(state, lora, peft_merged, tmp_path, layout):
    save_file(in_layout(lora, layout), tmp_path / "lora.safetensors")
    assert_close(merge_lora(state, tmp_path / "lora.safetensors"), peft_merged[1.0])


def test_alpha_divides_by_rank(state, lora, peft_merged, tmp_path):
    kohya = in_layout(lora, "kohya")
    alphas = {f"{name.partition('.')[0]}.alpha": torch.tensor(2.0) for name in kohya}
    save_file(kohya | alphas, tmp_path / "lora.safetensors")
    assert_close(merge_lora(state, tmp_path / "lora.safetensors"), peft_merged[0.5])


def test_scale_multiplies(state, lora, peft_merged, tmp_path):
    torch.save(lora, tmp_path / "lora.pt")
    assert_close(merge_lora(state, tmp_path / "lora.pt", scale=0.5), peft_merged[0.5])


def test_bfloat16_weights_are_rounded_once(state, lora, peft_merged, tmp_path):
    torch.save(lora, tmp_path / "lora.pt")
    half = {name: tensor.to(torch.bfloat16) for name, tensor in state.items()}
    exact = merge_lora({name: tensor.float() for name, tensor in half.items()}, tmp_path / "lora.pt")
    merged = merge_lora(half, tmp_path / "lora.pt")
    assert all(torch.equal(merged[name], exact[name].to(torch.bfloat16)) for name in state)


def test_full_differences_are_added(state, tmp_path):
    norm = torch.full_like(state["blocks.0.norm3.weight"], 0.25)
    bias = torch.full_like(state["blocks.1.ffn.0.bias"], -0.5)
    changes = {"diffusion_model.blocks.0.norm3.diff": norm, "diffusion_model.blocks.1.ffn.0.diff_b": bias}
    save_file(changes, tmp_path / "lora.safetensors")
    merged = merge_lora(state, tmp_path / "lora.safetensors")
    assert torch.equal(merged["blocks.0.norm3.weight"], state["blocks.0.norm3.weight"] + 0.25)
    assert torch.equal(merged["blocks.1.ffn.0.bias"], state["blocks.1.ffn.0.bias"] - 0.5)


@pytest.fixture
def live(state, lora, tmp_path):
    """Two LoRAs on a running model in bfloat16."""
    dit = Dit(TINY_DIT).to(torch.bfloat16)
    dit.load_state_dict({name: tensor.to(torch.bfloat16) for name, tensor in state.items()})
    torch.save(lora, tmp_path / "a.pt")
    torch.save({name: tensor for name, tensor in lora.items() if "blocks.0.ffn" in name}, tmp_path / "b.pt")
    loras = LiveLoras(dict(dit.named_parameters()))
    loras.add(tmp_path / "a.pt", 0.0)
    loras.add(tmp_path / "b.pt", 0.0)
    return dit, loras, tmp_path


def snapshot(dit):
    return {name: parameter.detach().clone() for name, parameter in dit.named_parameters()}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scales=st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=5))
def test_scales_changed_often_end_where_a_fresh_merge_ends(live, scales):
    dit, loras, folder = live
    loras.set_scales({folder / "a.pt": 0.0, folder / "b.pt": 0.0})
    base = snapshot(dit)
    for a, b in scales:
        loras.set_scales({folder / "a.pt": a, folder / "b.pt": b})
    assert loras.scales == {str(folder / "a.pt"): scales[-1][0], str(folder / "b.pt"): scales[-1][1]}
    exact = {name: tensor.float() for name, tensor in base.items()}
    exact = merge_lora(merge_lora(exact, folder / "a.pt", scales[-1][0]), folder / "b.pt", scales[-1][1])
    now = snapshot(dit)
    assert all(torch.equal(now[name], exact[name].to(torch.bfloat16)) for name in base)
    loras.set_scales({folder / "a.pt": 0, folder / "b.pt": 0})
    now = snapshot(dit)
    assert all(torch.equal(now[name], base[name]) for name in base)


def test_a_lora_added_while_another_is_active_restores_the_first_weights(state, lora, tmp_path):
    parameters = {name: tensor.to(torch.bfloat16) for name, tensor in state.items()}
    base = {name: tensor.clone() for name, tensor in parameters.items()}
    loras = LiveLoras(parameters)
    for name in ("a.pt", "b.pt"):
        torch.save(lora, tmp_path / name)
        loras.add(tmp_path / name, 0.7)
    loras.set_scales({tmp_path / "a.pt": 0.0, tmp_path / "b.pt": 0.0})
    assert all(torch.equal(parameters[name], base[name]) for name in base)


def test_live_changes_happen_in_place(live):
    dit, loras, folder = live
    before, addresses = snapshot(dit), {name: p.data_ptr() for name, p in dit.named_parameters()}
    loras.set_scales({str(folder / "a.pt"): 1.0, "never-added.safetensors": 3.0})
    assert {name: p.data_ptr() for name, p in dit.named_parameters()} == addresses
    changed = [name for name, tensor in snapshot(dit).items() if not torch.equal(tensor, before[name])]
    assert len(changed) == 4 * 10


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"blocks.9.ffn.0.lora_A.weight": torch.zeros(4, 24), "blocks.9.ffn.0.lora_B.weight": torch.zeros(48, 4)},
         r"changes blocks\.9\.ffn\.0, which the model does not have"),
        ({"blocks.0.ffn.0.lora_A.weight": torch.zeros(4, 25), "blocks.0.ffn.0.lora_B.weight": torch.zeros(48, 4)},
         r"changes blocks\.0\.ffn\.0\.weight by shape \[48, 25\], expected \[48, 24\]"),
        ({"blocks.0.ffn.0.lora_A.weight": torch.zeros(4, 24), "blocks.0.ffn.0.lora_B.weight": torch.zeros(48, 5)},
         r"changes blocks\.0\.ffn\.0\.weight by shape"),
        ({"blocks.0.ffn.0.lora_A.weight": torch.zeros(4, 24)}, r"only one half of the LoRA of blocks\.0\.ffn\.0"),
        ({"blocks.0.ffn.0.dora_scale": torch.zeros(48)}, r"holds blocks\.0\.ffn\.0\.dora_scale, which is no part"),
        ({}, "holds no LoRA layers"),
    ],
    ids=["layer", "shape", "rank", "half", "dora", "empty"],
)  # fmt: skip
def test_a_lora_that_does_not_fit_is_refused_with_the_layer(state, tmp_path, content, message):
    torch.save(content, tmp_path / "lora.pt")
    with pytest.raises(WeightsError, match=rf"lora\.pt .*{message}.*Choose another file\.$"):
        merge_lora(state, tmp_path / "lora.pt")

"""Generator and VACE checkpoints: roots, prefixes, names and shapes, tiny and full size."""

import json

import pytest
import torch
from diffusers.models.transformers.transformer_wan_vace import WanVACETransformer3DModel
from safetensors.torch import load_file

from scope_wan_vace.catalogue import GENERATORS, GeneratorName, StreamConfig, VaeType
from scope_wan_vace.loading.checkpoint import WeightsError
from scope_wan_vace.loading.configs import read_dit_config, read_stream_config
from scope_wan_vace.loading.models import load_dit, load_models
from scope_wan_vace.loading.weights import assign_state, load_generator, load_vace
from scope_wan_vace.model.config import WAN_1_3B
from scope_wan_vace.model.dit import Dit
from scope_wan_vace.model.vace import VaceBranch
from scope_wan_vace.tiny import TINY_DIT, random_state

LONGLIVE = "LongLive-1.3B/models/longlive_base.pt"
VACE = "WanVideo_comfy/Wan2_1-VACE_module_1_3B_bf16.safetensors"
PREFIXES = ["", "model.", "net.", "model._fsdp_wrapped_module.", "_fsdp_wrapped_module.model.", "_orig_mod.net."]


@pytest.fixture(scope="module")
def state():
    """Random weights of the tiny transformer."""
    with torch.device("meta"):
        shapes = Dit(TINY_DIT).state_dict()
    return random_state(shapes, torch.Generator().manual_seed(3))


def assert_same(loaded, expected):
    assert loaded.keys() == expected.keys()
    assert all(torch.equal(loaded[name], expected[name]) for name in expected)


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=list(GENERATORS))
def test_every_generator_of_the_menu_loads_into_the_transformer(models, generator):
    path = models / generator.relative(generator.checkpoint)
    with torch.device("meta"):
        dit = Dit(read_dit_config(models / "LongLive-1.3B/config.json"))
    assign_state(dit, load_generator(path, dit.config, generator.root), path)
    assert all(parameter.device.type == "cpu" for parameter in dit.parameters())


@pytest.mark.parametrize("prefix", PREFIXES)
def test_prefixes_of_training_wrappers_are_stripped(state, tmp_path, prefix):
    path = tmp_path / "model.pt"
    torch.save({"generator": {prefix + name: tensor for name, tensor in state.items()}}, path)
    assert_same(load_generator(path, TINY_DIT), state)


def test_wrappers_inside_a_name_are_stripped_as_well(state, tmp_path):
    wrapped = {name.replace("blocks.0.", "blocks.0._fsdp_wrapped_module."): tensor for name, tensor in state.items()}
    torch.save(wrapped, tmp_path / "model.pt")
    assert_same(load_generator(tmp_path / "model.pt", TINY_DIT), state)


@pytest.mark.parametrize("roots", [["generator_ema", "generator", "model"], ["generator", "model"], ["model"], []])
def test_averaged_weights_come_before_plain_ones(state, tmp_path, roots):
    zeros = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    content = {root: state if root == roots[0] else zeros for root in reversed(roots)} or dict(state)
    torch.save(content | {"step": 7}, tmp_path / "model.pt")
    assert_same(load_generator(tmp_path / "model.pt", TINY_DIT), state)


@pytest.mark.parametrize("root", ["generator_ema", "generator"])
def test_a_generator_s_own_root_is_read_whatever_else_is_there(state, tmp_path, root):
    zeros = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    content = {"generator_ema": zeros, "generator": zeros, "model": zeros} | {root: state}
    torch.save(content, tmp_path / "model.pt")
    assert_same(load_generator(tmp_path / "model.pt", TINY_DIT, root), state)


def test_a_checkpoint_without_the_generator_s_root_is_refused(state, tmp_path):
    torch.save({"generator": state, "step": 7}, tmp_path / "model.pt")
    with pytest.raises(WeightsError, match="holds no weights under 'generator_ema', but generator, step"):
        load_generator(tmp_path / "model.pt", TINY_DIT, "generator_ema")


def test_the_roots_are_those_that_the_publishers_run():
    """LongLive's configuration says `use_ema: false`; the READMEs of the others name `--use_ema` or leave it out."""
    roots = {name: generator.root for name, generator in GENERATORS.items()}
    assert roots == {
        "longlive": "generator",
        "self-forcing": "generator_ema",
        "causal-forcing": "generator_ema",
        "causal-forcing-chunkwise": "generator",
    }


@pytest.mark.usefixtures("in_models_dir")
def test_longlive_is_its_base_and_its_lora_at_full_strength(models):
    generator = GENERATORS[GeneratorName.LONGLIVE]
    base = torch.load(models / LONGLIVE, weights_only=True)["generator"]
    lora = torch.load(models / "LongLive-1.3B/models/lora.pt", weights_only=True)["generator_lora"]
    loaded = load_dit(generator, TINY_DIT, torch.device("cpu"), torch.float32).state_dict()
    for name, weight in loaded.items():
        layer = f"base_model.model.{name.removesuffix('.weight')}"
        expected = base[f"model.{name}"]
        if f"{layer}.lora_A.weight" in lora:
            expected = expected + lora[f"{layer}.lora_B.weight"] @ lora[f"{layer}.lora_A.weight"]
        torch.testing.assert_close(weight, expected)
    assert len(lora) == 2 * 4 * 10


@pytest.mark.usefixtures("in_models_dir")
def test_in_bfloat16_time_and_modulation_stay_float32(models):
    found = load_models(GENERATORS[GeneratorName.LONGLIVE], VaeType.TAE, True, torch.device("cpu"), torch.bfloat16)
    assert found.vace is not None
    parameters = {**dict(found.dit.named_parameters()), **dict(found.vace.named_parameters())}
    kept = {name for name, weight in parameters.items() if weight.dtype == torch.float32}
    assert kept == {name for name in parameters if name.startswith("time_") or name.endswith("modulation")}
    times = found.dit.time(torch.tensor([[937.5, 937.0]]))[1]
    assert not torch.equal(times[:, 0], times[:, 1])


def test_the_old_pickle_format_loads_too(state, tmp_path):
    torch.save({"generator": state}, tmp_path / "model.pt", _use_new_zipfile_serialization=False)
    assert_same(load_generator(tmp_path / "model.pt", TINY_DIT), state)


def test_the_vace_module_loads_into_the_branch(models):
    with torch.device("meta"):
        branch = VaceBranch(TINY_DIT)
    assign_state(branch, load_vace(models / VACE, TINY_DIT), models / VACE)
    assert branch.get_parameter("vace_blocks.0.before_proj.weight").dtype == torch.bfloat16
    assert not hasattr(branch.vace_blocks[1], "before_proj")


def test_vace_weights_are_found_inside_a_whole_model(models, state, tmp_path):
    torch.save(state | load_file(models / VACE), tmp_path / "whole.pt")
    assert_same(load_vace(tmp_path / "whole.pt", TINY_DIT), load_file(models / VACE))


def test_full_size_has_the_parameters_of_diffusers_1_3b_with_vace():
    """Names are compared where the weights are, in the model tests; here sizes, parameter by parameter."""
    with torch.device("meta"):
        ours = {**Dit(WAN_1_3B).state_dict(), **VaceBranch(WAN_1_3B).state_dict()}
        oracle = WanVACETransformer3DModel(
            num_attention_heads=12,
            attention_head_dim=128,
            ffn_dim=8960,
            num_layers=30,
            vace_layers=list(range(0, 30, 2)),
        )
    assert sorted(tuple(t.shape) for t in ours.values()) == sorted(tuple(t.shape) for t in oracle.state_dict().values())
    generator = {name: tensor for name, tensor in ours.items() if not name.startswith("vace_")}
    assert sum(tensor.numel() for tensor in generator.values()) == 1_418_996_800


@pytest.mark.parametrize(
    ("told", "renews"), [({}, True), ({"global_sink": True}, False), ({"model_kwargs": {"global_sink": False}}, True)]
)
def test_whether_a_prompt_switch_renews_the_sink_is_the_generator_s_unless_its_file_says(tmp_path, told, renews):
    (tmp_path / "config.json").write_text(json.dumps({"sink_size": 6, **told}))
    preset = StreamConfig(block=3, window=12, sink=3, renews_sink=True)
    expected = StreamConfig(block=3, window=12, sink=6, renews_sink=renews)
    assert read_stream_config(tmp_path / "config.json", preset) == expected

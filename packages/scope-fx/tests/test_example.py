"""The README's "add an effect in five steps", carried out: the module, its test, and its place in a list."""

import re
import sys
import types
from pathlib import Path

import pytest
import torch

import scope_gpu
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_fx.effects import EFFECTS
from scope_gpu.plugin.pipeline import EffectPipeline
from scope_gpu.plugin.schema import with_fields
from scope_testkit.readme import parameter_table

README = Path(__file__).parents[1] / "README.md"
# Where the tests run on a wheel, this is the copy inside it.
LIBRARY = scope_gpu.__name__


def code_of(name: str) -> str:
    """The code block of the README that stands under the marker `example: NAME`."""
    found = re.search(
        rf"<!-- example: {name} -->\n\n```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found, f"the README has no example {name!r}"
    return found[1]


def module_from(name: str, code: str) -> types.ModuleType:
    module = types.ModuleType(name)
    code = re.sub(rf"\b{LIBRARY.rpartition('.')[2]}\b", LIBRARY, code)
    exec(compile(code, f"{README.name}: {name}", "exec"), module.__dict__)
    return module


@pytest.fixture
def solarize(monkeypatch):
    module = module_from("scope_fx.effects.solarize", code_of("module"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_the_test_of_the_example_passes(solarize):
    module = module_from("test_solarize", code_of("test"))
    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 1
    for test in tests:
        test()


def test_the_list_is_all_that_the_pipeline_and_the_schema_need(solarize, video):
    effects = [*EFFECTS, solarize.Solarize()]

    @with_fields([effect.fields for effect in effects])
    class Config(BasePipelineConfig):
        pipeline_id = "fx-and-more"
        pipeline_name = "FX and more"
        pipeline_description = "One effect more."

    class Longer(EffectPipeline):
        config = Config

    Longer.effects = effects
    pipeline = Longer(device="cpu")
    plain, brighter = (pipeline(video=video, frame_time=0.0, **values)["video"] for values in ({}, {"solarize": 1.0}))
    assert torch.equal(plain, torch.cat(video) / 255.0)
    assert brighter.max() <= 0.5 + 1e-6
    assert "| `solarize_threshold` | Solarize threshold | a number from 0 to 1 | `0.5` | live |" in parameter_table(
        Config
    )

"""One-line fields: what they put into the schema of a plugin."""

import subprocess
import sys
from typing import Literal

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_gpu.plugin.controls import choice, seed, slider, text, toggle, unit_slider


class Config(BasePipelineConfig):
    steps: int = slider("Steps", "How many", 3, 1, 9, order=1)
    amount: float = unit_slider("Amount", "How much", order=2)
    shape: Literal["round", "square"] = choice("Shape", "Which form", "round", order=3)
    on: bool = toggle("On", "Whether", default=True, is_load_param=True, order=4)
    caption: str = text("Caption", "What is written", "hello", order=5)
    base_seed: int = seed("Which film", order=6)


def test_fields_carry_bounds_defaults_labels_and_tooltips():
    properties = Config.model_json_schema()["properties"]
    steps, amount, on = properties["steps"], properties["amount"], properties["on"]
    assert (steps["type"], steps["minimum"], steps["maximum"], steps["default"]) == ("integer", 1, 9, 3)
    assert (steps["description"], steps["ui"]["label"], steps["ui"]["order"]) == ("How many", "Steps", 1)
    assert (amount["default"], amount["minimum"], amount["maximum"], amount["ui"]["modulatable"]) == (
        0.0,
        0.0,
        1.0,
        True,
    )
    assert properties["shape"]["enum"] == ["round", "square"]
    assert (properties["caption"]["type"], properties["caption"]["default"]) == ("string", "hello")
    assert (on["default"], on["ui"]["is_load_param"]) == (True, True)
    assert (properties["base_seed"]["default"], properties["base_seed"]["minimum"]) == (42, 0)


def test_a_schema_needs_no_torch():
    code = "import sys, scope_gpu.plugin.controls; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

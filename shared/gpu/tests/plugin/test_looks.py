"""A look sets what nobody moved."""

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.looks import under


class Config(BasePipelineConfig):
    light: float = unit_slider("Light", "", 0.5)
    warp: float = unit_slider("Warp", "", 0.25)


def test_a_look_gives_way_to_controls_that_were_moved():
    params = Config(light=0.75)
    led = under(params, {"light": 1.0, "warp": 1.0})
    assert (led.light, led.warp) == (0.75, 1.0)
    assert (params.light, params.warp) == (0.75, 0.25)
    assert under(params, {"light": 1.0}) is params

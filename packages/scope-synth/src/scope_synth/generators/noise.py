"""Moving noise: fractional Brownian motion whose domain is bent by itself."""

from scope_gpu.image.noise import fbm_grid, fbm_sheet
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep

_CELLS = 1.3
# The bend stays within this: three octaves hardly ever add up.
_MOST_BEND = 0.8


class Noise(Generator):
    """Fractional Brownian motion, bent by itself."""

    name = "noise"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return noise(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def noise(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """fbm(p + warp * q(p)) with q two further fbm, after Inigo Quilez, "Domain warping" (iquilezles.org/articles/warp).

    Args:
        phase: seconds of motion; the third dimension of the noise.
        detail: 0 to 1, from two to six octaves.
        warp: 0 is plain noise, 1 bends by several cells.
    """
    x_span, y_span = view.spans(_CELLS)
    time = phase * 0.2
    bend_x = fbm_grid(x_span, y_span, time, seed, view.device, 3.0)
    bend_y = fbm_grid(x_span, y_span, time + 5.3, seed + 101, view.device, 3.0)
    x, y = view.grid(_CELLS)
    x.add_(bend_x, alpha=4.0 * warp)
    y.add_(bend_y, alpha=4.0 * warp)
    right, low = (_CELLS * reach + 4.0 * warp * _MOST_BEND for reach in view.reach)
    octaves, pixel = 2.0 + 4.0 * detail, _CELLS * view.pixel
    area = (-right, right), (-low, low)
    sheet = fbm_sheet(*area, phase * 0.15 + 11.7, seed + 202, view.device, octaves, pixel=pixel)
    value = sheet.read(x, y)
    bend = (bend_x * bend_x + bend_y * bend_y).sqrt_()
    light = 0.25 + 0.95 * smoothstep(-0.42, 0.38, value) + bend * 0.35
    return Field(value * 1.1 + bend * 0.7 * warp + 0.45, light)

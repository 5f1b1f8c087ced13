"""From a field to color: what a palette darkens towards, and how light is laid on."""

import pytest
import torch

from scope_gpu.image.oklab import srgb_to_oklab
from scope_gpu.image.palette import PALETTES, palette_table
from scope_synth.paint import paint, with_shadows
from scope_synth.view import Field

LOOK = {"hue": 0.0, "bands": 1.0, "intensity": 1.0, "contrast": 1.0}


def shaded(name, hue, light):
    """The color (3,) of a place in a palette under a light."""
    field = Field(torch.full((1, 1), hue), torch.full((1, 1), light))
    return paint(field, with_shadows(palette_table(name)), None, **LOOK)[0, :, 0, 0]


@pytest.mark.parametrize("name", PALETTES)
def test_in_full_light_a_color_is_the_palettes_own(name):
    table = palette_table(name)
    torch.testing.assert_close(shaded(name, 0.3, 1.0), table[:, int(0.3 * table.shape[1])], atol=1e-3, rtol=0)


def test_a_palette_without_color_has_gray_shadows():
    gray = shaded("mono", 0.4, 0.5)
    torch.testing.assert_close(gray, gray[:1].expand(3), atol=1e-3, rtol=0)


def test_yellow_beside_red_and_purple_darkens_to_red_and_never_to_olive():
    yellow, dim = shaded("sunset", 0.667, 1.0), shaded("sunset", 0.667, 0.4)
    assert float(dim[1] / dim[0]) < 0.8 * float(yellow[1] / yellow[0])


@pytest.mark.parametrize("name", PALETTES)
def test_shadows_are_about_as_light_as_their_colors_and_join_where_the_loop_closes(name):
    table = with_shadows(palette_table(name))
    color, shadow = (srgb_to_oklab(part[:, None].clamp(0.0, 1.0))[0, 0] for part in table.split(3))
    assert float((color - shadow).abs().max()) < 0.2
    steps = torch.cat((table, table[:, :1]), 1).diff(dim=1).abs().amax(0)
    assert float(steps[-1]) <= float(steps.max()) < 0.02

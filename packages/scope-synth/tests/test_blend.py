"""Prompts with weights and transitions, and looks: what of them a frame is made of."""

import pytest
import torch

from scope_gpu.image.oklab import oklab_to_srgb, srgb_to_oklab
from scope_gpu.image.palette import palette_table
from scope_gpu.plugin.prompts import Prompt
from scope_synth.blend import pictures, takes
from scope_synth.looks import LOOKS
from scope_synth.paint import PaletteBox
from scope_synth.pipeline import SynthPipeline
from scope_synth.schema import SynthConfig

FOLLOWING = SynthConfig(synth_follow=True)


def test_weights_blend_the_pace_and_name_the_pictures_in_their_shares():
    parts = takes(FOLLOWING, Prompt((("calm smoke", 0.75), ("fast stars", 0.25))))
    assert [part.params.synth_speed for part in parts] == pytest.approx([0.75 * 0.3 + 0.25 * 2.0] * 2)
    drawn = pictures(parts)
    assert [(part.params.synth_generator, part.share) for part in drawn] == [("noise", 0.75), ("stars", 0.25)]


def test_prompts_that_ask_for_one_picture_make_one_and_of_many_the_two_largest_count():
    one = pictures(takes(FOLLOWING, Prompt((("red smoke", 0.5), ("blue mist", 0.5)))))
    assert [(part.params.synth_generator, part.share) for part in one] == [("noise", 1.0)]
    three = pictures(takes(FOLLOWING, Prompt((("smoke", 0.2), ("stars", 0.6), ("water", 0.2)))))
    assert [part.params.synth_generator for part in three] == ["stars", "noise"]
    assert sum(part.share for part in three) == pytest.approx(1.0)


def test_a_palette_blend_is_the_mean_in_oklab():
    box = PaletteBox(torch.device("cpu"))
    blend = box.blend([("neon", "", 0.25), ("ice", "", 0.75)])
    neon, ice = (srgb_to_oklab(palette_table(name)[:, None]) for name in ("neon", "ice"))
    expected = oklab_to_srgb(0.25 * neon + 0.75 * ice)[:, 0].clamp(0.0, 1.0)
    torch.testing.assert_close(blend, expected, atol=1e-5, rtol=0)
    assert torch.equal(box.blend([("neon", "", 0.5), ("neon", "ignored", 0.5)]), palette_table("neon"))


@pytest.mark.parametrize("follow", [True, False])
def test_a_transition_glides_from_the_old_picture_to_the_new(follow):
    pipeline = SynthPipeline(device="cpu", height=24, width=32)
    call = {"synth_follow": follow, "prompts": ["red smoke"], "synth_speed": 0.0}
    change = {"transition": {"target_prompts": ["red stars"], "num_steps": 4}}
    film = [
        pipeline(frame_time=t, init_cache=t == 0.0, **call, **(change if t == 1.0 else {}))["video"]
        for t in (0.0, 1.0, 1.5, 2.0)
    ]
    assert torch.equal(film[0], film[1])
    torch.testing.assert_close(film[2], (film[0] + film[3]) / 2.0, atol=1e-5, rtol=0)
    assert not torch.equal(film[0], film[3])


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_is_a_picture_of_its_own_under_the_controls_that_were_moved(picture, look):
    values = LOOKS[look]
    assert SynthConfig(**values).model_dump() == SynthConfig().model_dump() | values
    assert torch.equal(picture(synth_look=look), picture(**values))
    moved = {"synth_generator": "bars", "synth_palette": "forest"}
    assert torch.equal(picture(synth_look=look, **moved), picture(**values | moved))

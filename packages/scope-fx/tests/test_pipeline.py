"""The pipeline `fx` as hosts call it."""

import gc
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import torch
from annotated_types import Ge, Le

from scope.core.pipelines.base_schema import UsageType
from scope_fx import register_pipelines
from scope_fx.effects import EFFECTS
from scope_fx.pipeline import FxPipeline
from scope_fx.schema import FxConfig
from scope_testkit.readme import update

EVERYTHING = {
    "stutter": 0.5,
    "slit_scan": 0.3,
    "echo": 0.5,
    "rgb_delay": 0.5,
    "liquid": 0.4,
    "feedback": 0.3,
    "datamosh": 0.5,
    "pixel_sort": 0.3,
    "strobe": 0.3,
    "vhs": 0.4,
    "crt": 0.4,
    "mirror": "left",
    "kaleidoscope": 0.7,
    "edge_glow": 0.3,
    "trails": 0.6,
    "grade_exposure": 0.3,
    "grade_contrast": 0.3,
    "bloom": 0.5,
    "aberration": 0.5,
    "vignette": 0.5,
    "pixelate": 0.1,
    "posterize": 0.3,
    "halftone": 0.3,
    "glitch": 0.5,
    "grain": 0.5,
}

CONTROLS = [name for name, field in FxConfig.model_fields.items() if "ui" in (field.json_schema_extra or ())]


def make(**load) -> FxPipeline:
    return FxPipeline(device="cpu", **load)


def run(video, pipeline=None, **call) -> torch.Tensor:
    return (pipeline or make())(video=video, frame_time=0.0, **call)["video"]


def film(video, **call) -> torch.Tensor:
    """A second and a half, in which whatever comes in bursts comes."""
    pipeline = make()
    return torch.cat([pipeline(video=video, frame_time=step * 0.3, **call)["video"] for step in range(5)])


def as_thwc(video) -> torch.Tensor:
    return torch.cat(video).to(torch.float32) / 255.0


def test_at_its_defaults_it_passes_frames_through_to_the_bit(video):
    assert torch.equal(run(video), as_thwc(video))
    defaults = {name: field.get_default() for name, field in FxConfig.model_fields.items()}
    assert torch.equal(run(video, make(**defaults), **{name: defaults[name] for name in CONTROLS}), as_thwc(video))


def test_every_amount_back_at_zero_is_a_passthrough_again(video):
    pipeline = make()
    run(video, pipeline, **EVERYTHING)
    assert torch.equal(run(video, pipeline), as_thwc(video))


def other_than_default(field) -> Any:
    """A value far from the default, and for a number one that hits no period."""
    if field.annotation is str:
        return str(Path(__file__).with_name("negative.cube"))
    if get_origin(field.annotation) is Literal:
        return next(choice for choice in reversed(get_args(field.annotation)) if choice != field.default)
    if isinstance(field.default, bool):
        return not field.default
    low = next(rule.ge for rule in field.metadata if isinstance(rule, Ge))
    high = next((rule.le for rule in field.metadata if isinstance(rule, Le)), 1000)
    far = high if high - field.default >= field.default - low else low
    return far if isinstance(field.default, int) else field.default + 0.97 * (far - field.default)


# Controls of some forms of an effect only, with what must be set for them to show.
NEEDS: dict[str, dict[str, Any]] = {
    "transform_edge": {"transform_zoom": -0.7},
    "glass_y": {"glass_kind": "bulge"},
    "key_hue": {"key_by": "color"},
    "key_behind_hue": {"key_behind": "color"},
    "blur_turn": {"blur_kind": "motion"},
    "blur_place": {"blur_kind": "tilt"},
    "strobe_unlimited": {"fx_bpm": 300.0},
    "stutter_way": {"fx_bpm": 300.0},
    "datamosh_refresh": {"fx_bpm": 200.0},
}


def switched_on(effect, control: str) -> dict[str, Any]:
    """The controls under which another control of the effect shows."""
    name, field = next(iter(effect.fields.model_fields.items()))
    amount = {name: 1.0} if field.default == 0.0 and not name.startswith("grade") else {}
    return amount | NEEDS.get(control, {})


OWN_CONTROLS = [(effect, name) for effect in EFFECTS for name in effect.fields.model_fields]


@pytest.mark.parametrize(("effect", "name"), OWN_CONTROLS, ids=[name for _, name in OWN_CONTROLS])
def test_every_control_changes_the_picture(effect, name, video):
    before = switched_on(effect, name)
    if name == next(iter(effect.fields.model_fields)):
        before = {}
    after = before | {name: other_than_default(FxConfig.model_fields[name])}
    assert not torch.equal(film(video, **after), film(video, **before))


@pytest.mark.parametrize("needs", [{"grain": 1.0}, {"glitch": 1.0}])
def test_the_seed_changes_what_is_random(needs, video):
    assert not torch.equal(run(video, base_seed=2, **needs), run(video, **needs))


def test_a_value_given_at_load_holds_until_a_call_changes_it(video):
    loaded = make(grade_exposure=1.0)
    assert torch.equal(run(video, loaded), run(video, grade_exposure=1.0))
    assert torch.equal(run(video, loaded, grade_exposure=0.0), as_thwc(video))


def test_uint8_and_float_frames_give_the_same_picture(video):
    floats = [frame.to(torch.float32) for frame in video]
    assert torch.equal(run(floats, **EVERYTHING), run(video, **EVERYTHING))


def test_frames_in_range_come_out_as_thwc(video):
    out = run(video, **EVERYTHING)
    assert out.shape == (2, 36, 64, 3)
    assert out.dtype == torch.float32
    assert ((out >= 0.0) & (out <= 1.0)).all()


@pytest.mark.parametrize(
    "frame", [torch.zeros(1, 36, 64, 3), torch.full((1, 36, 64, 3), 255.0), 255.0 * torch.rand(1, 36, 64, 3)]
)
def test_black_white_and_noise_stay_in_range(frame):
    pipeline = make()
    for number in range(4):
        out = pipeline(video=[frame], frame_time=number / 30, **EVERYTHING)["video"]
        assert ((out >= 0.0) & (out <= 1.0)).all()


def test_the_grouping_of_frames_does_not_matter_at_thirty_a_second(video):
    film = [video[0], video[1], video[0].flip(1), video[1].flip(1), video[0], video[1]]
    whole = run(film, **EVERYTHING)
    pipeline = make()
    singles = [pipeline(video=[f], frame_time=i / 30, **EVERYTHING)["video"] for i, f in enumerate(film)]
    torch.testing.assert_close(torch.cat(singles), whole, atol=1e-5, rtol=0)


def test_the_size_may_change_in_mid_stream(video):
    pipeline, smaller = make(), [frame[:, :20, :30] for frame in video]
    run(video, pipeline, **EVERYTHING)
    changed = pipeline(video=smaller, frame_time=1.0, **EVERYTHING)["video"]
    assert changed.shape == (2, 20, 30, 3)
    again = pipeline(video=[video[0], smaller[0]], frame_time=2.0, **EVERYTHING)["video"]
    assert again.shape == (2, 36, 64, 3)


def test_nothing_piles_up_while_every_slider_moves(video):
    pipeline = make()

    def live_tensors(frames: range) -> int:
        for number in frames:
            moved = {n: v * (0.5 + 0.01 * number) if isinstance(v, float) else v for n, v in EVERYTHING.items()}
            pipeline(video=video[:1], frame_time=number / 30, **moved)
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    # Within the first frames maps of variants come, of which a few are kept.
    assert live_tensors(range(20, 40)) <= live_tensors(range(20)) + 4


def test_init_cache_begins_again(video):
    pipeline = make()
    first = run(video, pipeline, init_cache=True, **EVERYTHING)
    assert not torch.equal(run(video, pipeline, **EVERYTHING), first)
    assert torch.equal(run(video, pipeline, init_cache=True, **EVERYTHING), first)


def test_two_instances_share_nothing(video):
    one, other = make(), make()
    expected = run(video, make(), trails=0.9)
    run([torch.full_like(frame, 255) for frame in video], other, trails=0.9)
    assert torch.equal(run(video, one, trails=0.9), expected)


def test_the_input_is_left_alone(video):
    floats = [frame.to(torch.float32) for frame in video]
    before = [frame.clone() for frame in floats]
    run(floats, **EVERYTHING)
    assert all(torch.equal(a, b) for a, b in zip(floats, before, strict=True))


def test_unknown_and_unusable_parameters_do_no_harm(video, caplog):
    out = run(video, bloom="bright", mirror="sideways", halftone=None, noise_scale=3, prompts=[{"text": "a"}], loras=[])
    assert torch.equal(out, as_thwc(video))
    assert "fx: parameter 'bloom' expected a number from 0.0 to 1.0, got 'bright'" in caplog.text


def test_values_out_of_range_are_clamped(video):
    assert torch.equal(run(video, vignette=7), run(video, vignette=1.0))


def test_without_video_it_says_what_is_missing():
    with pytest.raises(ValueError, match="fx: expected video input, got none"):
        make()()


def test_it_is_a_video_pipeline_and_a_postprocessor():
    assert make().prepare(video=True).input_size == 1
    assert FxConfig.get_supported_modes() == ["video"]
    assert FxConfig.usage == [UsageType.POSTPROCESSOR]
    assert not FxConfig.supports_prompts


def test_every_control_has_its_place_label_and_tooltip():
    properties = FxConfig.model_json_schema()["properties"]
    interfaces = [properties[name]["ui"] for name in CONTROLS]
    assert len({ui["order"] for ui in interfaces}) == len(CONTROLS)
    assert len({ui["label"] for ui in interfaces}) == len(CONTROLS)
    assert all(properties[name]["description"] for name in CONTROLS)


def test_released_controls_keep_their_names_values_and_defaults():
    """What a host has saved with an older version must mean the same; new controls and choices may come."""
    released = json.loads(Path(__file__).with_name("released.json").read_text(encoding="utf-8"))
    properties = FxConfig.model_json_schema()["properties"]
    for name, was in released.items():
        now = properties[name]
        assert {key: now[key] for key in was if key != "enum"} == {key: was[key] for key in was if key != "enum"}
        assert set(was.get("enum", [])) <= set(now.get("enum", []))


RENAMED = [
    ({"trails_zoom": 10.0}, {"trails_growth": 30 * math.log2(1.1)}),
    ({"trails_rotation": -6.0}, {"trails_turn": -0.5}),
    ({"trails_hue": 30.0}, {"trails_hue_turn": 2.5}),
    ({"grade_hue": -90.0}, {"grade_hue_turn": -0.25}),
]


@pytest.mark.parametrize(("old", "new"), RENAMED, ids=[next(iter(old)) for old, _ in RENAMED])
def test_a_control_goes_on_working_under_its_old_name_and_unit(old, new, video):
    expected = film(video, trails=0.9, **new)
    torch.testing.assert_close(film(video, trails=0.9, **old), expected, atol=1e-5, rtol=0)
    loaded = make(**old)
    torch.testing.assert_close(run(video, loaded, trails=0.9), expected[:2], atol=1e-5, rtol=0)


def test_amounts_are_off_by_default_and_open_to_modulation():
    for name, ui in ((n, FxConfig.model_json_schema()["properties"][n]["ui"]) for n in EVERYTHING):
        if name != "mirror" and not name.startswith("grade"):
            assert FxConfig.model_fields[name].default == 0.0
            assert (ui["modulatable"], ui["modulatable_min"], ui["modulatable_max"]) == (True, 0.0, 1.0)


def test_the_hook_registers_fx_and_never_raises(caplog):
    registered = []
    register_pipelines(registered.append)
    assert registered == [FxPipeline]

    def refuse(pipeline):
        raise RuntimeError("registry is closed")

    register_pipelines(refuse)
    assert "could not register the pipeline 'fx'" in caplog.text
    assert "registry is closed" in caplog.text


def test_importing_the_plugin_loads_neither_torch_nor_pydantic():
    code = "import sys, scope_fx; print(sorted({'torch', 'pydantic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_readme_lists_the_controls_of_the_schema():
    assert not update(Path(__file__).parents[1] / "README.md", [FxConfig]), "the table was old and is renewed now"


@pytest.mark.gpu
def test_the_gpu_agrees_with_the_cpu(video):
    """To 0.01 but for one value in fifty, whose hard edge may fall to either side."""
    calm = EVERYTHING | {"posterize": 0.0, "halftone": 0.0}
    ours = FxPipeline(device="cuda")(video=video, frame_time=0.0, **calm)["video"].cpu()
    assert ((ours - run(video, **calm)).abs() > 0.01).float().mean() < 0.02


@pytest.mark.parametrize(
    ("values", "kept"), [({}, False), ({"bloom": 1.0}, False), ({"bloom": 1.0, "trails": 0.5}, True)]
)
def test_a_film_may_be_split_while_no_effect_remembers(values, kept):
    assert FxConfig.keeps_state({**FxConfig().model_dump(), **values}) is kept

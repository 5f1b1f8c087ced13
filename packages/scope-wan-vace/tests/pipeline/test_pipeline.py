"""The whole pipeline through the calls of a host."""

import json
import logging
import shutil

import av
import pytest
import torch
from PIL import Image
from pydantic_core import PydanticUndefined

from scope_wan_vace.catalogue import AUTOENCODERS, GENERATORS
from scope_wan_vace.loading.checkpoint import WeightsError
from scope_wan_vace.stream.session import Session

FOX = [{"text": "a fox", "weight": 1.0}]
HARBOUR = [{"text": "a harbour at night", "weight": 1.0}]


def test_text_mode_needs_no_frames_and_video_mode_twelve(pipeline):
    assert pipeline.prepare() is None
    assert pipeline.prepare(video=True).input_size == 12


def test_a_framewise_generator_asks_for_four(make):
    assert make(generator="causal-forcing").prepare(video=True).input_size == 4


def test_returns_thwc_in_unit_range_for_text_and_for_video(pipeline, video):
    for call in ({"init_cache": True}, {}, {"video": video}, {"video": video}, {}):
        out = pipeline(prompts=FOX, pipeline_ids=["wan-vace"], graph=None, bpm=120, **call)["video"]
        assert out.shape == (9 if call.get("init_cache") else 12, 32, 48, 3)
        assert out.dtype == torch.float32
        assert out.min() >= 0
        assert out.max() <= 1
        assert out.isfinite().all()
        assert out.std() > 0


def test_gradients_of_the_host_do_not_reach_the_model(pipeline):
    with torch.enable_grad():
        assert not pipeline(prompt="a fox")["video"].requires_grad


def test_init_cache_restarts_the_same_film(pipeline):
    first = [pipeline(prompts=FOX, init_cache=not i)["video"] for i in range(3)]
    again = [pipeline(prompts=FOX, init_cache=not i)["video"] for i in range(3)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_a_prompt_string_equals_a_list_of_one(make):
    assert torch.equal(make()(prompt="a fox")["video"], make()(prompts=FOX)["video"])


def test_weighted_prompts_equal_the_blend_of_embeddings(make):
    blended, direct = make(), make()
    out = blended(prompts=[FOX[0] | {"weight": 3.0}, HARBOUR[0]])["video"]
    fox, harbour = direct._embed("a fox"), direct._embed("a harbour at night")
    direct._embed = direct._prompts._embed = lambda text: 0.75 * fox + 0.25 * harbour
    torch.testing.assert_close(out, direct(prompt="any")["video"])


def test_a_prompt_switch_shows_at_once_and_a_transition_arrives(make):
    kept, cut, moved = make(), make(), make()
    for pipeline in (kept, cut, moved):
        pipeline(prompts=FOX, init_cache=True)
    plain = kept(prompts=FOX)["video"]
    assert not torch.equal(cut(prompts=HARBOUR)["video"], plain)
    sent = {"target_prompts": HARBOUR, "num_steps": 3, "temporal_interpolation_method": "slerp"}
    assert not torch.equal(moved(prompts=FOX, transition=sent)["video"], plain)


@pytest.mark.parametrize(
    ("generator", "vae_type"), [*((name, "tae") for name in GENERATORS), *(("longlive", kind) for kind in AUTOENCODERS)]
)
def test_every_generator_and_vae_runs_both_modes(make, video, generator, vae_type):
    pipeline = make(generator=generator, vae_type=vae_type)
    assert pipeline(prompts=FOX, init_cache=True)["video"].isfinite().all()
    assert pipeline(prompts=FOX, video=video)["video"].isfinite().all()


def test_control_frames_masks_and_images_reach_the_picture(pipeline, tmp_path):
    Image.new("RGB", (48, 32), (255, 0, 0)).save(tmp_path / "red.png")
    frames, masks = torch.rand(12, 32, 48, 3), torch.zeros(12, 32, 48, 1)
    kept = pipeline(prompts=FOX, init_cache=True, vace_input_frames=frames, vace_input_masks=masks)["video"]
    # TAE shows three frames late.
    torch.testing.assert_close(kept, torch.cat([frames[3:4].expand(3, -1, -1, -1), frames[3:9]]))
    ends = pipeline(prompts=FOX, last_frame_image=str(tmp_path / "red.png"))["video"]
    torch.testing.assert_close(ends[-4:], torch.tensor([1.0, 0.0, 0.0]).expand(4, 32, 48, 3))
    after = pipeline(prompts=FOX, last_frame_image=str(tmp_path / "red.png"))["video"]
    assert after[-1, ..., 1:].max() > 0


def test_the_input_video_itself_can_be_the_control_and_be_inpainted(pipeline, video):
    out = pipeline(prompts=FOX, video=video, init_cache=True, vace_input_masks=torch.zeros(12, 32, 48))["video"]
    steered = pipeline(prompts=FOX, video=video, vace_use_input_video=True)["video"]
    assert steered.isfinite().all()
    seen = torch.nn.functional.interpolate(
        video[-4].permute(0, 3, 1, 2) / 255, (32, 48), mode="bilinear", antialias=True
    )
    torch.testing.assert_close(out[-1], seen[0].permute(1, 2, 0), atol=1e-5, rtol=0)


def test_references_are_sent_once_and_guide_until_they_are_taken_away(make, tmp_path):
    Image.effect_noise((20, 30), 90).save(tmp_path / "face.png")
    guided, plain = make(), make()
    for call in ({"vace_ref_images": [str(tmp_path / "face.png")]}, {}):
        assert not torch.equal(guided(prompts=FOX, **call)["video"], plain(prompts=FOX)["video"])
    assert guided(prompts=FOX, vace_ref_images=[])["video"].isfinite().all()
    assert guided._requests._references is None


def test_vace_scale_zero_equals_no_vace(make):
    silent, without = make(vace_context_scale=0.0), make(vace_enabled=False)
    frames = torch.rand(12, 32, 48, 3)
    for init in (True, False):
        ours = silent(prompts=FOX, init_cache=init, vace_input_frames=frames)["video"]
        assert torch.equal(ours, without(prompts=FOX, init_cache=init)["video"])


def test_unusable_values_are_reported_once_and_the_film_goes_on(pipeline, caplog):
    sent = {
        "vace_context_scale": "much", "denoising_step_list": ["x"], "vace_input_frames": torch.rand(3, 3),
        "first_frame_image": "nowhere.png", "lora_scales": "loud", "noise_scale": "some",
    }  # fmt: skip
    for _ in range(3):
        assert pipeline(prompts=FOX, **sent)["video"].isfinite().all()
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == len(set(messages))
    for name in (
        "vace_context_scale",
        "denoising_steps",
        "vace_input_frames",
        "first_frame_image",
        "loras",
        "noise_scale",
    ):
        assert any(name in message and "expected" in message for message in messages), name


def test_control_without_vace_is_said_and_left_out(make, caplog):
    pipeline = make(vace_enabled=False)
    assert pipeline(prompts=FOX, vace_input_frames=torch.rand(12, 32, 48, 3))["video"].isfinite().all()
    assert "load the pipeline with vace_enabled" in caplog.text


def test_denoising_steps_change_while_running(pipeline):
    outs = [
        pipeline(prompts=FOX, init_cache=True, denoising_step_list=s)["video"] for s in ([1000, 500], [1000], [9e9])
    ]
    assert not torch.equal(outs[0], outs[1])
    assert outs[2].isfinite().all()


def test_seed_decides_the_film(make):
    assert not torch.equal(make(base_seed=1)(prompts=FOX)["video"], make(base_seed=2)(prompts=FOX)["video"])


def test_parameters_that_a_host_leaves_undefined_or_unknown_are_ignored(make):
    pipeline = make(vace_ref_images=PydanticUndefined, seed=4, loras=[], quantization=None, made_up=1)
    assert pipeline(prompts=FOX, made_up=2)["video"].isfinite().all()


def write_lora(path, models):
    shutil.copy(models / "LongLive-1.3B" / "models" / "lora.pt", path)
    return str(path)


def test_lora_scales_are_live_and_zero_takes_the_lora_away(make, models, tmp_path):
    lora = write_lora(tmp_path / "style.pt", models)
    with_lora, without = make(loras=[{"path": lora, "scale": 1.0}]), make()
    plain = without(prompts=FOX, init_cache=True)["video"]
    assert not torch.equal(with_lora(prompts=FOX, init_cache=True)["video"], plain)
    taken_away = with_lora(prompts=FOX, init_cache=True, lora_scales=[{"path": lora, "scale": 0.0}])["video"]
    assert torch.equal(taken_away, plain)


def test_a_new_lora_scale_leaves_what_was_shown_as_it_was_made(make, models, tmp_path):
    lora = write_lora(tmp_path / "style.pt", models)
    ours, theirs = (make(loras=[{"path": lora, "scale": 1.0}]) for _ in range(2))
    for pipeline in (ours, theirs):
        pipeline(prompts=FOX, init_cache=True)
    theirs._session._finish()
    changed = [p(prompts=FOX, lora_scales=[{"path": lora, "scale": 0.0}])["video"] for p in (ours, theirs)]
    assert torch.equal(*changed)


def test_merged_loras_say_that_their_scales_are_fixed(make, models, tmp_path, caplog):
    lora = write_lora(tmp_path / "style.pt", models)
    pipeline = make(loras=[{"path": lora, "scale": 1.0}], lora_merge_strategy="permanent_merge")
    pipeline(prompts=FOX, lora_scales=[{"path": lora, "scale": 0.0}])
    assert "lora_scales are fixed" in caplog.text


def test_fp8_stays_close_to_the_full_weights(make):
    full, eighth = make()(prompts=FOX)["video"], make(quantization="fp8_e4m3fn")(prompts=FOX)["video"]
    assert not torch.equal(full, eighth)
    assert (full - eighth).abs().mean() < 0.1


def test_low_vram_makes_the_same_film(make):
    assert torch.equal(make(low_vram=True)(prompts=FOX)["video"], make()(prompts=FOX)["video"])


@pytest.mark.parametrize(("width", "height", "nearest"), [(100, 32, "96x32"), (48, 30, "48x32"), (49, 33, "48x32")])
def test_of_a_size_that_is_not_a_multiple_of_16_the_nearest_is_used_and_said(make, caplog, width, height, nearest):
    made = make(width=width, height=height)(prompts=FOX)["video"]
    assert f"{made.shape[2]}x{made.shape[1]}" == nearest
    message = f"width and height must be multiples of 16, got {width}x{height}; {nearest} is used"
    assert message in [record.getMessage().removeprefix("scope-wan-vace: ") for record in caplog.records]


def test_a_missing_file_names_itself_its_source_and_the_repair(make, models, monkeypatch, tmp_path, caplog):
    broken = shutil.copytree(models, tmp_path / "models")
    (broken / "LongLive-1.3B" / "models" / "longlive_base.pt").unlink()
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(broken))
    with pytest.raises(
        WeightsError, match=r"longlive_base.pt is missing.*download the model daydreamlive/LongLive-1.3B"
    ):
        make()
    assert caplog.records[-1].levelno == logging.ERROR
    assert "longlive_base.pt is missing" in caplog.records[-1].getMessage()


def test_a_film_starts_from_an_image_once(make, tmp_path):
    Image.new("RGB", (48, 32), (255, 0, 0)).save(tmp_path / "red.png")
    started, plain = make(), make()
    call = {"prompts": FOX, "start_clip": str(tmp_path / "red.png")}
    assert started(**call, init_cache=True)["video"].shape == (9, 32, 48, 3)
    plain(prompts=FOX, init_cache=True)
    assert not torch.equal(started(**call)["video"], plain(prompts=FOX)["video"])
    assert started._session.frame == 6
    again = started(**call, init_cache=True)["video"]
    assert again.shape == (9, 32, 48, 3)


def test_a_film_starts_from_a_clip_of_whole_blocks(make, tmp_path):
    with av.open(str(tmp_path / "clip.mp4"), "w") as clip:
        stream = clip.add_stream("mpeg4", rate=16, width=48, height=32)
        for shade in range(0, 250, 10):
            clip.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", (48, 32), (shade,) * 3))))
        clip.mux(stream.encode())
    pipeline = make()
    call = {"prompts": FOX, "start_clip": str(tmp_path / "clip.mp4")}
    # 25 frames hold 9 and 12 more.
    assert pipeline(**call, init_cache=True)["video"].shape == (21, 32, 48, 3)
    assert pipeline(**call)["video"].shape == (12, 32, 48, 3)


def test_a_start_that_cannot_be_read_is_reported_and_left_out(pipeline, tmp_path, caplog):
    (tmp_path / "clip.mp4").write_text("no video")
    assert pipeline(prompts=FOX, start_clip=str(tmp_path / "clip.mp4"))["video"].isfinite().all()
    assert "start_clip: expected an image or a video file at" in caplog.text


def test_a_custom_checkpoint_streams_as_the_file_beside_it_says(make, models, tmp_path):
    shutil.copy(models / "Self-Forcing/checkpoints/self_forcing_dmd.pt", tmp_path / "mine.pt")
    sizes = json.loads((models / "LongLive-1.3B/config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(sizes | {"num_frame_per_block": 1, "local_attn_size": 6}))
    custom = make(custom_checkpoint=str(tmp_path / "mine.pt"))
    assert [len(custom(prompts=FOX)["video"]) for _ in range(3)] == [1, 4, 4]
    (tmp_path / "config.json").write_text(json.dumps(sizes))
    custom = make(custom_checkpoint=str(tmp_path / "mine.pt"), generator="causal-forcing")
    assert [len(custom(prompts=FOX)["video"]) for _ in range(2)] == [1, 4]


def test_a_custom_checkpoint_that_is_not_there_is_said_and_the_generator_runs(make, caplog):
    assert make(custom_checkpoint="theirs.pt")(prompts=FOX)["video"].isfinite().all()
    assert "custom_checkpoint: expected a file, got theirs.pt; longlive runs" in caplog.text


def test_auto_takes_the_fast_autoencoder_where_memory_is_short(make, caplog):
    caplog.set_level(logging.INFO)
    pipeline = make(vae_type="auto")
    assert pipeline._session.models.codec.raw_decoder
    assert "vae_type auto is lighttae: the GPU has 0.0 GB" in caplog.text
    assert (pipeline.chosen, make(vae_type="tae").chosen) == ({"vae_type": "lighttae"}, {})


class ExhaustedSession(Session):
    """A session on a GPU whose memory is full."""

    def generate(self, request):
        raise torch.OutOfMemoryError("CUDA out of memory")


def test_out_of_memory_says_what_to_lower_holds_the_picture_and_recovers(pipeline, caplog):
    shown = pipeline(prompts=FOX, init_cache=True)["video"]
    pipeline._session.__class__ = ExhaustedSession
    for _ in range(2):
        assert torch.equal(pipeline(prompts=FOX)["video"], shown[-1:])
    assert caplog.text.count("out of GPU memory at 48x32; lower width and height") == 1
    pipeline._session.__class__ = Session
    assert torch.equal(pipeline(prompts=FOX)["video"], shown)

"""Control input in every form that clients send."""

import pytest
import torch
from PIL import Image

from scope_wan_vace.pipeline.pixels import InputError, control_frames, control_masks, last_frames, read_image

CPU, SIZE = torch.device("cpu"), (16, 32)


def test_all_forms_of_frames_mean_the_same():
    thwc = torch.randint(0, 256, (5, 16, 32, 3), dtype=torch.uint8)
    bcthw = (thwc.float() / 127.5 - 1).permute(3, 0, 1, 2)[None]
    forms = [thwc, thwc.float() / 255, bcthw, list(thwc.split(1)), torch.cat([thwc, thwc[..., :1]], dim=-1)]
    for form in forms:
        torch.testing.assert_close(control_frames(form, SIZE, CPU), bcthw, atol=1e-5, rtol=0)


def test_a_grey_map_is_shown_in_all_three_channels():
    grey = torch.rand(2, 16, 32, 1)
    frames = control_frames(grey, SIZE, CPU)
    assert frames.shape == (1, 3, 2, 16, 32)
    assert torch.equal(frames[:, 0], frames[:, 2])


def test_frames_of_another_size_are_resized():
    assert control_frames(torch.rand(3, 40, 50, 3), SIZE, CPU).shape == (1, 3, 3, 16, 32)


def test_all_forms_of_masks_mean_the_same():
    mask = (torch.rand(4, 16, 32) > 0.5).float()
    planar = mask[None, None]
    forms = [mask, mask[..., None], (mask * 255).byte()[..., None], planar, planar * 2 - 1]
    for form in forms:
        assert torch.equal(control_masks(form, SIZE, CPU), planar)


@pytest.mark.parametrize(
    "value", [torch.rand(3, 4), torch.rand(2, 16, 32, 5), "frames", [1, 2], torch.rand(0, 4, 4, 3)]
)
def test_unusable_frames_are_refused_in_words(value):
    with pytest.raises(InputError, match=r"vace_input_frames: expected .*, got "):
        control_frames(value, SIZE, CPU)


def test_the_newest_frames_count_and_a_short_clip_waits_at_its_first():
    clip = torch.arange(4.0).view(1, 1, 4, 1, 1)
    assert last_frames(clip, 2).flatten().tolist() == [2, 3]
    assert last_frames(clip, 6).flatten().tolist() == [0, 0, 0, 1, 2, 3]


def test_a_reference_is_shown_whole_and_a_frame_fills_the_picture(tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGB", (10, 10), (255, 0, 0)).save(path)
    whole = read_image("vace_ref_images", path, SIZE, CPU, whole=True)
    filled = read_image("first_frame_image", str(path), SIZE, CPU, whole=False)
    assert whole.shape == filled.shape == (1, 3, 1, 16, 32)
    assert whole[0, :, 0, 0, 0].tolist() == [1, 1, 1]
    assert whole[0, :, 0, 0, 16].tolist() == filled[0, :, 0, 0, 0].tolist() == [1, -1, -1]


def test_an_image_is_found_in_the_assets_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DAYDREAM_SCOPE_ASSETS_DIR", str(tmp_path))
    Image.new("RGB", (4, 4)).save(tmp_path / "face.png")
    assert read_image("first_frame_image", "face.png", SIZE, CPU, whole=False).mean() == -1


@pytest.mark.parametrize("path", ["", None, 7, "missing.png", "text.png"])
def test_an_unusable_image_is_refused_in_words(tmp_path, monkeypatch, path):
    monkeypatch.setenv("DAYDREAM_SCOPE_ASSETS_DIR", str(tmp_path))
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(InputError, match="first_frame_image: expected "):
        read_image("first_frame_image", path, SIZE, CPU, whole=False)

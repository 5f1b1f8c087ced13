"""What VACE is shown: masks, held images and encoder states."""

import pytest
import torch

from scope_wan_vace.catalogue import GENERATORS, GeneratorName, VaeType
from scope_wan_vace.loading.models import load_models
from scope_wan_vace.stream.control import Control, ControlEncoder, mask_latents, reference_context, with_held_images

pytestmark = pytest.mark.usefixtures("in_models_dir")
CPU = torch.device("cpu")


def test_mask_pixels_become_channels_and_the_nearest_frame_counts():
    mask = torch.zeros(1, 1, 12, 16, 24)
    mask[:, :, 2, 8 + 3, 16 + 5] = 1
    cells = mask_latents(mask, 3)
    assert cells.shape == (1, 64, 3, 2, 3)
    assert cells.sum() == 1
    assert cells[0, 3 * 8 + 5, 0, 1, 2] == 1


def test_images_are_held_for_four_frames_at_either_end():
    first, last = torch.full((1, 3, 1, 8, 8), 0.5), torch.full((1, 3, 1, 8, 8), -0.5)
    held = with_held_images(Control(torch.zeros(1, 3, 12, 8, 8), first=first, last=last))
    assert held.mask is not None
    assert held.mask[0, 0, :, 0, 0].tolist() == [0] * 4 + [1] * 4 + [0] * 4
    assert held.frames[0, 0, :, 0, 0].tolist() == [0.5] * 4 + [0] * 4 + [-0.5] * 4
    assert mask_latents(held.mask, 3)[0, 0, :, 0, 0].tolist() == [0, 1, 0]


@pytest.mark.parametrize("count", [9, 12])
def test_a_held_image_reaches_the_first_latent_of_any_chunk(count):
    held = with_held_images(Control(torch.zeros(1, 3, count, 8, 8), first=torch.ones(1, 3, 1, 8, 8)))
    assert held.mask is not None
    assert mask_latents(held.mask, 3)[0, 0, :, 0, 0].tolist() == [0, 1, 1]


def test_references_are_kept_and_nothing_of_them_is_reactive():
    latents = torch.randn(1, 16, 2, 4, 6)
    context = reference_context(latents)
    assert context.shape == (1, 96, 2, 4, 6)
    assert torch.equal(context[:, :16], latents)
    assert not context[:, 16:].any()


@torch.inference_mode()
def test_inactive_and_reactive_have_encoders_of_their_own():
    codec = load_models(
        GENERATORS[GeneratorName.LONGLIVE], VaeType.WAN, with_vace=False, device=CPU, dtype=torch.float32
    ).codec
    torch.manual_seed(0)
    clips = [torch.rand(1, 3, count, 16, 16) * 2 - 1 for count in (9, 12, 12)]
    mask = torch.zeros(1, 1, 12, 16, 16)
    mask[..., :8] = 1
    encoder, inactive, reactive = ControlEncoder(codec), codec.new_encoder(), codec.new_encoder()
    for clip in clips:
        part = mask[:, :, : clip.shape[2]]
        context, _ = encoder.context(Control(clip, part))
        torch.testing.assert_close(context[:, :16], inactive.encode(clip * (1 - part)))
        torch.testing.assert_close(context[:, 16:32], reactive.encode(clip * part))


class CountingEncoder:
    """Counts how often it is asked."""

    def reset(self):
        self.encoder.reset()

    def __init__(self, encoder):
        self.encoder, self.calls = encoder, 0

    def encode(self, frames):
        self.calls += 1
        return self.encoder.encode(frames)


@torch.inference_mode()
def test_latents_of_nothing_are_no_longer_asked_for_once_they_are_constant():
    codec = load_models(
        GENERATORS[GeneratorName.LONGLIVE], VaeType.WAN, with_vace=False, device=CPU, dtype=torch.float32
    ).codec
    encoder, asked = ControlEncoder(codec), codec.new_encoder()
    counting = CountingEncoder(encoder._inactive._encoder)
    encoder._inactive._encoder = counting
    for chunk in range(16):
        frames = torch.zeros(1, 3, 12 if chunk else 9, 16, 16)
        context, _ = encoder.context(Control(frames))
        torch.testing.assert_close(context[:, :16], asked.encode(frames), atol=1e-5, rtol=0)
    assert counting.calls == 11


def test_an_encoder_that_joins_late_stays_in_step(wan):
    context, _ = ControlEncoder(wan.codec).context(Control(torch.zeros(1, 3, 12, 16, 16)))
    assert context.shape == (1, 96, 3, 2, 2)


@torch.inference_mode()
def test_mask_and_pasted_pixels_are_as_late_as_the_codec(wan):
    """TAE shows what it encodes three frames late; its first three frames stand still."""
    encoder, pixels, cells = ControlEncoder(wan.codec), [], []
    frames = torch.arange(33.0).view(1, 1, 33, 1, 1).expand(1, 3, 33, 16, 16) / 33
    mask = torch.ones(1, 1, 33, 16, 16)
    mask[:, :, 7] = 0
    for part in (slice(0, 9), slice(9, 21), slice(21, 33)):
        context, shown = encoder.context(Control(frames[:, :, part], mask[:, :, part]))
        assert shown.mask is not None
        pixels.append(shown.frames[0, 0, :, 0, 0])
        cells.append(shown.mask[0, 0, :, 0, 0])
        assert torch.equal(context[:, 32:], mask_latents(shown.mask, 3))
    assert (torch.cat(pixels) * 33).round().tolist() == [0, 0, 0, *range(30)]
    assert torch.cat(cells).argmin() == 7 + 3


@torch.inference_mode()
def test_a_mask_that_ends_is_still_shown_for_as_long_as_it_is_late(wan):
    encoder = ControlEncoder(wan.codec)
    encoder.context(Control(torch.zeros(1, 3, 9, 16, 16), torch.zeros(1, 1, 9, 16, 16)))
    late = encoder.context(Control(torch.zeros(1, 3, 12, 16, 16)))[1].mask
    assert late is not None
    assert late[0, 0, :, 0, 0].tolist() == [0] * 3 + [1] * 9
    assert encoder.context(Control(torch.zeros(1, 3, 12, 16, 16)))[1].mask is None


@torch.inference_mode()
def test_held_images_stay_at_the_ends_of_their_chunk(wan):
    image = torch.full((1, 3, 1, 16, 16), 0.5)
    control = Control(torch.zeros(1, 3, 12, 16, 16), last=image)
    _, shown = ControlEncoder(wan.codec).context(control)
    assert shown.frames[0, 0, :, 0, 0].tolist() == [0] * 8 + [0.5] * 4
    assert shown.mask is not None
    assert shown.mask[0, 0, :, 0, 0].tolist() == [1] * 8 + [0] * 4

"""What all four codecs promise: chunks equal one long call, streams do not touch each other, clear refusals."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scope_wan_vace.catalogue import VaeType
from scope_wan_vace.codec import load_codec

CHUNKS = [[3, 3, 3, 3], [1] * 12, [4, 3, 3, 2]]


def pixel_frames(chunks: list[int]) -> list[int]:
    """Pixel frames of each chunk of latent frames: the first latent frame stands for one, the others for four."""
    return [4 * count - 3 if index == 0 else 4 * count for index, count in enumerate(chunks)]


def encoded(codec, video, chunks):
    encoder = codec.new_encoder()
    return torch.cat([encoder.encode(part) for part in video.split(pixel_frames(chunks), dim=2)], dim=2)


def decoded(codec, latents, chunks):
    decoder = codec.new_decoder()
    return torch.cat([decoder.decode(part) for part in latents.split(chunks, dim=2)], dim=2)


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
def test_encoding_in_chunks_equals_one_call(codec, video, chunks):
    torch.testing.assert_close(encoded(codec, video, chunks), codec.new_encoder().encode(video), atol=1e-9, rtol=0)


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
def test_decoding_in_chunks_equals_one_call(codec, latents, chunks):
    torch.testing.assert_close(decoded(codec, latents, chunks), codec.new_decoder().decode(latents), atol=1e-9, rtol=0)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_any_chunks_give_four_frames_for_every_latent_frame_but_the_first(codec, chunks):
    latents = torch.zeros(1, 16, sum(chunks), 1, 1)
    frames = decoded(codec, latents, chunks)
    assert frames.shape == (1, 3, 4 * sum(chunks) - 3, 8, 8)
    assert encoded(codec, frames, chunks).shape == latents.shape


def test_interleaved_streams_do_not_touch_each_other(codec, video, latents):
    a, b = codec.new_encoder(), codec.new_encoder()
    first, second = codec.new_decoder(), codec.new_decoder()
    encoded_a, decoded_a = [], []
    parts = zip(video.split(pixel_frames([3, 3, 3, 3]), dim=2), latents.split(3, dim=2), strict=True)
    for frames, chunk in parts:
        encoded_a.append(a.encode(frames))
        b.encode(-frames)
        decoded_a.append(first.decode(chunk))
        second.decode(-chunk)
    assert torch.equal(torch.cat(encoded_a, dim=2), encoded(codec, video, [3, 3, 3, 3]))
    assert torch.equal(torch.cat(decoded_a, dim=2), decoded(codec, latents, [3, 3, 3, 3]))


def test_state_matters(codec, video, latents):
    encoder, decoder = codec.new_encoder(), codec.new_decoder()
    chunks, frames = latents[:, :, :3], video[:, :, :9]
    assert not torch.equal(decoder.decode(chunks)[:, :, -1], decoder.decode(chunks)[:, :, -1])
    encoder.encode(frames)
    later = encoder.encode(frames[:, :, 1:])
    assert (later - codec.new_encoder().encode(frames)[:, :, 1:]).abs().max() > 1e-3


def test_reset_starts_the_stream_again(codec, video, latents):
    encoder, decoder = codec.new_encoder(), codec.new_decoder()
    first = encoder.encode(video[:, :, :9]), decoder.decode(latents[:, :, :3])
    encoder.encode(video[:, :, 9:21])
    decoder.decode(latents[:, :, 3:6])
    encoder.reset()
    decoder.reset()
    assert torch.equal(encoder.encode(video[:, :, :9]), first[0])
    assert torch.equal(decoder.decode(latents[:, :, :3]), first[1])


def test_videos_of_a_batch_are_independent(codec, video, latents):
    both = torch.cat([video, -video])
    torch.testing.assert_close(encoded(codec, both, [3, 9])[:1], encoded(codec, video, [3, 9]), atol=1e-9, rtol=0)
    both = torch.cat([latents, -latents])
    torch.testing.assert_close(decoded(codec, both, [3, 9])[:1], decoded(codec, latents, [3, 9]), atol=1e-9, rtol=0)


def test_frames_come_back_in_range(codec, latents):
    frames = codec.new_decoder().decode(latents * 10)
    assert frames.min() >= -1
    assert frames.max() <= 1
    assert frames.std() > 0.05


def test_half_precision_weights_take_any_input(models, video):
    codec = load_codec(VaeType.TAE, models / VaeType.TAE.file, dtype=torch.bfloat16)
    latents = codec.new_encoder().encode(video[:, :, :9].double())
    assert latents.dtype == torch.bfloat16
    assert codec.new_decoder().decode(latents.float()).isfinite().all()


def test_a_wrong_number_of_frames_is_refused(codec):
    encoder = codec.new_encoder()
    with pytest.raises(ValueError, match=r"encode expects 1 \+ 4k frames in the first chunk, got 12"):
        encoder.encode(torch.zeros(1, 3, 12, 16, 16))
    encoder.encode(torch.zeros(1, 3, 9, 16, 16))
    with pytest.raises(ValueError, match="encode expects 4k frames, got 9"):
        encoder.encode(torch.zeros(1, 3, 9, 16, 16))


def test_a_wrong_size_or_layout_is_refused(codec):
    with pytest.raises(ValueError, match="height and width must be multiples of 8, got 20x16"):
        codec.new_encoder().encode(torch.zeros(1, 3, 1, 20, 16))
    with pytest.raises(ValueError, match=r"frames must be \[B, 3, T, H, W\], got \[1, 1, 3, 16, 16\]"):
        codec.new_encoder().encode(torch.zeros(1, 1, 3, 16, 16))
    with pytest.raises(ValueError, match=r"latents must be \[B, 16, F, h, w\], got \[1, 4, 3, 2, 2\]"):
        codec.new_decoder().decode(torch.zeros(1, 4, 3, 2, 2))

"""One endless film: lengths, seeds, prompts, modes, control and memory."""

import gc
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_wan_vace.catalogue import StreamConfig
from scope_wan_vace.loading.models import Models
from scope_wan_vace.stream.control import Control
from scope_wan_vace.stream.request import ChunkRequest
from scope_wan_vace.stream.sampler import video_sigmas
from scope_wan_vace.stream.session import Session, whole_blocks

pytestmark = pytest.mark.usefixtures("no_gradients")
TOLERANCE = 1e-4


@pytest.fixture
def no_gradients():
    with torch.inference_mode():
        yield


def new_session(wan: Models, embeddings, **options) -> Session:
    session = Session(wan, 32, 48, **options)
    session.set_text(embeddings[:1], recache=False)
    return session


def film(session: Session, asked: ChunkRequest, chunks: int) -> torch.Tensor:
    return torch.cat([session.generate(asked) for _ in range(chunks)], dim=2)


def noise_video(session: Session, seed=5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, session.next_frames, 32, 48, generator=generator) * 2 - 1


def test_first_chunk_has_nine_frames_and_every_other_twelve(session, asked):
    assert [session.generate(asked).shape for _ in range(3)] == [(1, 3, n, 32, 48) for n in (9, 12, 12)]


def test_framewise_generator_streams_four_frames_a_chunk(wan, embeddings, asked):
    session = new_session(replace(wan, stream=StreamConfig(1, 4, 0)), embeddings)
    assert [session.generate(asked).shape[2] for _ in range(6)] == [1, 4, 4, 4, 4, 4]


def test_same_seed_makes_the_same_film(wan, embeddings, asked):
    first, second = (film(new_session(wan, embeddings), asked, 3) for _ in range(2))
    assert torch.equal(first, second)
    other = film(new_session(wan, embeddings), replace(asked, seed=asked.seed + 1000), 3)
    assert (other - first).abs().max() > 0.05


def test_reset_starts_the_same_film_again(session, asked):
    first = film(session, asked, 6)
    session.reset()
    assert torch.equal(film(session, asked, 6), first)


def test_a_clean_pass_at_once_and_noise_ahead_of_time_make_the_same_film(wan, embeddings, asked):
    """As on CUDA, where both fill the time in which the host takes the pictures."""
    later, at_once = (new_session(wan, embeddings) for _ in range(2))
    at_once._on_cuda = True
    for chunk in range(7):
        if chunk == 4:
            for session in (later, at_once):
                session.set_text(embeddings[1:], recache=True)
        request = replace(asked, seed=chunk // 3)
        assert torch.equal(at_once.generate(request), later.generate(request))
        assert at_once._pending is None
    assert at_once._noise._key is not None


def test_a_running_film_cannot_be_started_from_a_clip(session, asked):
    session.generate(asked)
    with pytest.raises(ValueError, match="a film that runs cannot be started from a clip; reset it first"):
        session.start_from(torch.zeros(1, 3, 9, 32, 48))


@given(st.integers(1, 80), st.sampled_from([(1, 4), (3, 12), (3, 21)]))
def test_a_beginning_is_whole_blocks_of_the_clip_s_end_and_an_image_stands_still(frames, sizes):
    block, window = sizes
    clip = torch.arange(float(frames)).view(1, 1, frames, 1, 1)
    begun = whole_blocks(clip, block, window).flatten()
    assert (len(begun) - (4 * block - 3)) % (4 * block) == 0
    assert 4 * block - 3 <= len(begun) <= 4 * window - 3
    assert begun[-1] == frames - 1
    assert set(begun.diff().tolist()) <= ({0.0, 1.0} if frames < 4 * block - 3 else {1.0})


def test_two_interleaved_films_do_not_touch_each_other(wan, embeddings, asked):
    other = replace(asked, seed=99)
    alone = [film(new_session(wan, embeddings), one, 4) for one in (asked, other)]
    sessions = [new_session(wan, embeddings) for _ in range(2)]
    chunks = [[session.generate(one) for session, one in zip(sessions, (asked, other), strict=True)] for _ in range(4)]
    for index in range(2):
        assert torch.equal(torch.cat([pair[index] for pair in chunks], dim=2), alone[index])


def test_recaching_keeps_the_sink_of_a_long_film_bit_by_bit(session, embeddings, asked):
    film(session, asked, 7)
    sink = session.ring.block_tokens
    before = [cache.k[:, :sink].clone() for cache in session.ring.layers]
    ring = [cache.k[:, sink:].clone() for cache in session.ring.layers]
    session.set_text(embeddings[1:], recache=True)
    for cache, old_sink, old_ring in zip(session.ring.layers, before, ring, strict=True):
        assert torch.equal(cache.k[:, :sink], old_sink)
        assert not torch.allclose(cache.k[:, sink:], old_ring)


@pytest.mark.parametrize("chunks_before", [1, 2, 6])
def test_a_new_prompt_shows_in_the_next_chunk(wan, embeddings, asked, chunks_before):
    kept, switched = (new_session(wan, embeddings) for _ in range(2))
    for session in (kept, switched):
        film(session, asked, chunks_before)
    switched.set_text(embeddings[1:], recache=True)
    assert (switched.generate(asked) - kept.generate(asked)).abs().max() > 0.01


def test_modes_switch_while_running(session, asked):
    frames = []
    for chunk in range(9):
        request = asked
        if 3 <= chunk < 6:
            sigmas = video_sigmas(torch.tensor(0.6), 3)
            request = ChunkRequest(seed=1, sigmas=sigmas, video=noise_video(session, seed=chunk))
        frames.append(session.generate(request))
    assert [chunk.shape[2] for chunk in frames] == [9] + [12] * 8
    assert all(chunk.isfinite().all() for chunk in frames)


def test_little_noise_keeps_the_video_and_much_noise_changes_it(wan, embeddings):
    def latents_after(scale):
        session = new_session(wan, embeddings)
        video = noise_video(session)
        session.generate(ChunkRequest(seed=1, sigmas=video_sigmas(torch.tensor(scale), 2), video=video))
        return session._history[-1].x0, wan.codec.new_encoder().encode(video)

    kept, target = latents_after(0.0)
    torch.testing.assert_close(kept, target)
    distances = [(x - z).abs().mean().item() for x, z in map(latents_after, (0.1, 0.5, 1.0))]
    assert distances == sorted(distances)


def controlled(session, asked, scale=1.0, mask=None):
    return replace(asked, control=Control(noise_video(session), mask), control_scale=scale)


def test_control_steers_and_scale_zero_equals_no_vace(wan, embeddings, asked):
    plain, steered, silent = (new_session(wan, embeddings) for _ in range(3))
    for _ in range(3):
        without = plain.generate(asked)
        assert torch.equal(silent.generate(controlled(silent, asked, scale=0.0)), without)
        assert (steered.generate(controlled(steered, asked)) - without).abs().max() > 0.01


def test_control_can_come_and_go_in_mid_stream(session, asked):
    for chunk in range(6):
        request = controlled(session, asked) if chunk % 3 else asked
        assert session.generate(request).isfinite().all()


def test_a_mask_of_zeros_keeps_the_input_and_a_half_mask_keeps_half(session, asked):
    """With TAE, which is three frames late, the frames and the mask of three frames ago."""
    tail = None
    for width in (48, 24):
        mask = torch.ones(1, 1, session.next_frames, 32, 48)
        mask[..., :width] = 0
        request = controlled(session, asked, mask=mask)
        out = session.generate(request)
        assert request.control is not None
        tail = request.control.frames[:, :, :1].expand(-1, -1, 3, -1, -1) if tail is None else tail
        late = torch.cat([tail, request.control.frames], dim=2)[:, :, : out.shape[2]]
        assert torch.equal(out[..., :width], late[..., :width])
        tail = request.control.frames[:, :, -3:]
    assert not torch.equal(out, late)


def test_references_change_the_film_and_leave_no_trace_in_its_length(wan, embeddings, asked):
    plain, guided = (new_session(wan, embeddings) for _ in range(2))
    image = torch.linspace(-1, 1, 32 * 48 * 3).view(1, 3, 1, 32, 48)
    references = guided.encode_references([image, -image])
    assert references is not None
    assert references.shape == (1, 16, 2, 4, 6)
    for _ in range(6):
        without, with_them = plain.generate(asked), guided.generate(replace(asked, references=references))
        assert with_them.shape == without.shape
        assert (with_them - without).abs().max() > 0.01
    assert guided.generate(asked).isfinite().all()


def test_a_schedule_without_steps_is_refused(session, asked):
    with pytest.raises(ValueError, match="denoising_steps must name at least one step, got none"):
        session.generate(replace(asked, sigmas=torch.empty(0)))


def tensor_bytes() -> tuple[int, int]:
    """Number and size of all live tensors."""
    gc.collect()
    # Compilers elsewhere in the process leave fake tensors behind, which have no memory.
    tensors = [thing for thing in gc.get_objects() if type(thing) in (torch.Tensor, torch.nn.Parameter)]
    return len(tensors), sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values())


def test_memory_is_constant_over_a_hundred_chunks(wan, embeddings):
    session = Session(wan, 16, 16)
    session.set_text(embeddings[:1], recache=False)
    sigmas, sizes = video_sigmas(torch.tensor(0.8), 1), []
    for chunk in range(110):
        frames = torch.zeros(1, 3, session.next_frames, 16, 16)
        control = Control(frames) if chunk % 4 else None
        session.generate(ChunkRequest(seed=1, sigmas=sigmas, video=frames, control=control))
        if chunk in (49, 79, 109):
            sizes.append(tensor_bytes())
    assert sizes[0] == sizes[1] == sizes[2]
    assert session.frame == 330

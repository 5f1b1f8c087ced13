"""Films against a naive loop: whole lists of unturned keys, complex rotations, one chunk after the other.

`Reference` shares weights and codecs with the session and nothing else: no ring, no fused products, no buffers, no
compiled code; time, modulation and attention are written out. It follows the papers: Wan (arXiv 2503.20314), VACE
(2503.07598), Self-Forcing (2506.08009), LongLive (2509.22622).
"""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from scope_wan_vace.catalogue import StreamConfig
from scope_wan_vace.stream.control import Control, ControlEncoder
from scope_wan_vace.stream.request import ChunkRequest
from scope_wan_vace.stream.sampler import video_sigmas
from scope_wan_vace.stream.session import Session

LONGLIVE, SELF_FORCING, FRAMEWISE = StreamConfig(3, 12, 3), StreamConfig(3, 9, 0), StreamConfig(1, 4, 0)


class Reference:
    def __init__(self, models, embeddings, rows, columns):
        self.models, self.rows, self.columns = models, rows, columns
        self.blocks = []  # oldest first: (frame, latents, unturned keys and values by layer, what made its hints)
        self.prompt = embeddings

    def rotated(self, x, positions):
        """Complex rotation of [tokens, heads, size]; `positions` are those of the frames."""
        size, device = x.shape[-1], torch.float64
        side = size // 6
        grid = torch.cartesian_prod(positions, torch.arange(self.rows // 2), torch.arange(self.columns // 2))
        pairs = (size // 2 - 2 * side, side, side)
        angles = [grid[:, axis, None] * 10000.0 ** (-torch.arange(n, dtype=device) / n) for axis, n in enumerate(pairs)]
        turned = torch.view_as_complex(x.double().unflatten(-1, (-1, 2))) * torch.polar(
            torch.ones(()).double(), torch.cat(angles, dim=-1)
        ).unsqueeze(1)
        return torch.view_as_real(turned).flatten(-2).float()

    def block(self, block, x, time, text, positions, past):
        """One transformer block over [tokens, dim]; returns its output and its own unturned keys and values."""
        heads, norm = block.self_attn.heads, lambda x: F.layer_norm(x, x.shape[-1:], eps=1e-6)
        rms = lambda x, layer: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * layer.weight  # noqa: E731
        split = lambda x: x.unflatten(-1, (heads, -1))  # noqa: E731
        each = len(x) // len(positions)
        m = (block.modulation + time).repeat_interleave(each, dim=1)[0]  # [tokens, 6, dim] after the frames' times
        y, attn = norm(x) * (1 + m[:, 1]) + m[:, 0], block.self_attn
        q, k, v = split(rms(attn.q(y), attn.norm_q)), split(rms(attn.k(y), attn.norm_k)), split(attn.v(y))
        keys = [(self.rotated(old_k, old_positions), old_v) for old_k, old_v, old_positions in past]
        keys.append((self.rotated(k, positions), v))
        all_k, all_v = (torch.cat(parts) for parts in zip(*keys, strict=True))
        x = x + attn.o(self.attended(self.rotated(q, positions), all_k, all_v)) * m[:, 2]
        cross = block.cross_attn
        text_k, text_v = split(rms(cross.k(text), cross.norm_k)), split(cross.v(text))
        y = F.layer_norm(x, x.shape[-1:], block.norm3.weight, block.norm3.bias, 1e-6)
        x = x + cross.o(self.attended(split(rms(cross.q(y), cross.norm_q)), text_k, text_v))
        hidden = F.gelu(block.ffn[0](norm(x) * (1 + m[:, 4]) + m[:, 3]), approximate="tanh")
        return x + block.ffn[2](hidden) * m[:, 5], (k, v)

    def attended(self, q, k, v):
        scores = torch.einsum("qhc,khc->hqk", q, k) / q.shape[-1] ** 0.5
        return torch.einsum("hqk,khc->qhc", scores.softmax(-1), v).flatten(1)

    def times(self, t, frames):
        half = torch.arange(8, dtype=torch.float64) / 8
        angles = float(t) * 10000.0**-half
        e = self.models.dit.time_embedding(torch.cat([angles.cos(), angles.sin()]).float())
        return e, self.models.dit.time_projection(e).unflatten(-1, (6, -1)).expand(1, frames, 6, -1)

    def embedded(self, x, layer):
        return F.conv3d(x[None], layer.weight, layer.bias, stride=(1, 2, 2))[0].flatten(1).T

    def hints(self, x, t, positions, context, scale):
        """What VACE adds after each of its layers."""
        dit, vace = self.models.dit, self.models.vace
        if context is None:
            return {}
        time, text = self.times(t, len(positions))[1], dit.text_embedding(self.prompt[0])
        hidden = vace.vace_blocks[0].before_proj(self.embedded(context, vace.vace_patch_embedding))
        hidden, hints = hidden + self.embedded(x, dit.patch_embedding), {}
        for layer, block in zip(dit.config.vace_layers, vace.vace_blocks, strict=True):
            hidden, _ = self.block(block, hidden, time, text, positions, [])
            hints[layer] = block.after_proj(hidden) * scale
        return hints

    def forward(self, x, t, positions, past, hints):
        """Velocity of latents [16, frames, rows, columns] at time `t`, and every layer's unturned keys and values."""
        dit = self.models.dit
        e, time = self.times(t, len(positions))
        text, tokens = dit.text_embedding(self.prompt[0]), self.embedded(x, dit.patch_embedding)
        kept = []
        for layer, block in enumerate(dit.blocks):
            tokens, own = self.block(block, tokens, time, text, positions, [(*kv[layer], at) for kv, at in past])
            kept.append(own)
            tokens = tokens + hints.get(layer, 0)
        shift, scale = (dit.head.modulation + e)[0]
        out = dit.head.head(F.layer_norm(tokens, tokens.shape[-1:], eps=1e-6) * (1 + scale) + shift)
        grid = (len(positions), self.rows // 2, self.columns // 2)
        return torch.einsum("frcxyz->zfrxcy", out.reshape(*grid, 2, 2, 16)).reshape(x.shape), kept

    def window(self, start):
        """Keys and values before a block at frame `start`, each with its positions: the sink at the window's start."""
        stream = self.models.stream
        sinks, room = stream.sink // stream.block, (stream.window - stream.block - stream.sink) // stream.block
        sink, rest = self.blocks[:sinks], self.blocks[sinks:]
        rest = rest[len(rest) - room :] if len(rest) > room else rest
        first = max(0, start + stream.block - stream.window)
        at = lambda i: torch.arange(first + i * stream.block, first + (i + 1) * stream.block)  # noqa: E731
        seen = [(kv, at(i)) for i, (_, _, kv, _) in enumerate(sink)]
        return seen + [(kv, torch.arange(begin, begin + stream.block)) for begin, _, kv, _ in rest]

    def chunk(self, request, start=None, context=None):
        """Latents of the next chunk, [16, block, rows, columns]."""
        block, frame = self.models.stream.block, self.models.stream.block * len(self.blocks)
        generator = torch.Generator().manual_seed(request.seed + frame)
        noises = [torch.randn(16, block, self.rows, self.columns, generator=generator) for _ in request.sigmas]
        positions, past = torch.arange(frame, frame + block), self.window(frame)
        sigma = request.sigmas[0]
        x = noises[0] if start is None else (1 - sigma) * start + sigma * noises[0]
        for step, sigma in enumerate(request.sigmas):
            if step:
                x = (1 - sigma) * x + sigma * noises[step]
            hints = self.hints(x, 1000 * sigma, positions, context, request.control_scale)
            x = x - sigma * self.forward(x, 1000 * sigma, positions, past, hints)[0]
        control = (context, request.control_scale)
        kept = self.forward(x, 0, positions, past, self.hints(x, 0, positions, *control))[1]
        self.blocks.append((frame, x, kept, control))
        return x

    def switch(self, embeddings):
        """Another prompt, shown to all that is visible in one forward in which everything sees everything."""
        self.prompt, stream = embeddings, self.models.stream
        slots, sinks = stream.window // stream.block, stream.sink // stream.block
        began_here = len(self.blocks) <= slots
        seen = self.blocks if began_here else self.blocks[-(slots if stream.renews_sink else slots - sinks) :]
        positions = torch.arange(seen[0][0], seen[-1][0] + stream.block)
        past = [] if began_here or stream.renews_sink else self.window(seen[-1][0])[:sinks]
        each = [self.hints(x, 0, torch.arange(f, f + stream.block), *control) for f, x, _, control in seen]
        layers = {layer for hints in each for layer in hints}
        nothing = torch.zeros(stream.block * self.rows * self.columns // 4, self.models.dit.config.dim)
        hints = {layer: torch.cat([hints.get(layer, nothing) for hints in each]) for layer in layers}
        kept = self.forward(torch.cat([x for _, x, _, _ in seen], dim=1), 0, positions, past, hints)[1]
        pieces = zip(*[zip(*(part.chunk(len(seen)) for part in kv), strict=True) for kv in kept], strict=True)
        rewritten = [(f, x, list(kv), control) for (f, x, _, control), kv in zip(seen, pieces, strict=True)]
        if stream.renews_sink and not began_here:
            self.blocks[:sinks] = rewritten[:sinks]
            rewritten = rewritten[sinks:]
        self.blocks[len(self.blocks) - len(rewritten) :] = rewritten


@pytest.fixture(autouse=True)
def no_gradients():
    with torch.inference_mode():
        yield


class Pair:
    """A session and the reference on the same models, in small pictures."""

    def __init__(self, wan, embeddings, stream=LONGLIVE, size=(32, 48)):
        self.models = replace(wan, stream=stream)
        self.session = Session(self.models, *size)
        self.session.set_text(embeddings[:1], recache=False)
        self.reference = Reference(self.models, embeddings[:1], size[0] // 8, size[1] // 8)

    def compare(self, request, start=None, context=None, tolerance=2e-4):
        self.session.generate(request)
        ours, theirs = self.session._history[-1].x0[0], self.reference.chunk(request, start, context)
        assert (ours - theirs).abs().max() < tolerance * theirs.abs().max(), self.session.frame


@pytest.mark.parametrize("stream", [LONGLIVE, SELF_FORCING, FRAMEWISE], ids=["longlive", "self-forcing", "framewise"])
def test_a_film_from_text_is_the_reference_s(wan, embeddings, asked, stream):
    pair = Pair(wan, embeddings, stream)
    for _ in range(8):
        pair.compare(asked)


def test_sixty_chunks_stay_the_reference_s(wan, embeddings, asked):
    pair = Pair(wan, embeddings, size=(16, 16))
    for _ in range(60):
        pair.compare(replace(asked, sigmas=asked.sigmas[::3]), tolerance=1e-3)


def frames_for(session, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, session.next_frames, 32, 48, generator=generator) * 2 - 1


def test_control_is_the_reference_s(wan, embeddings, asked):
    pair = Pair(wan, embeddings)
    inactive, reactive = wan.codec.new_encoder(), wan.codec.new_encoder()
    for chunk in range(7):
        frames = frames_for(pair.session, chunk)
        latents = [inactive.encode(torch.zeros_like(frames)), reactive.encode(frames), torch.ones(1, 64, 3, 4, 6)]
        request = replace(asked, control=Control(frames), control_scale=0.7)
        pair.compare(request, context=torch.cat(latents, dim=1)[0])


def test_text_video_text_video_is_the_reference_s(wan, embeddings, asked):
    pair, encoder = Pair(wan, embeddings), wan.codec.new_encoder()
    for chunk in range(9):
        if chunk // 2 % 2 == 0:
            pair.compare(asked)
            encoder = None
            continue
        frames = frames_for(pair.session, chunk)
        if encoder is None:
            # An encoder that joins a running film saw its first frame standing still.
            encoder = wan.codec.new_encoder()
            encoder.encode(frames[:, :, :1])
        request = ChunkRequest(seed=1, sigmas=video_sigmas(torch.tensor(0.7), 3), video=frames)
        pair.compare(request, start=encoder.encode(frames)[0])


@pytest.mark.parametrize("before", [1, 2, 4, 5, 9])
@pytest.mark.parametrize("renews", [False, True])
def test_a_prompt_switch_is_the_reference_s(wan, embeddings, asked, before, renews):
    pair = Pair(wan, embeddings, replace(LONGLIVE, renews_sink=renews))
    for _ in range(before):
        pair.compare(asked)
    pair.session.set_text(embeddings[1:], recache=True)
    pair.reference.switch(embeddings[1:])
    for _ in range(6):
        pair.compare(asked)


def test_a_prompt_switch_under_control_is_the_reference_s(wan, embeddings, asked):
    """Control comes and goes; a switch shows each chunk of the past its own control again."""
    pair, encoder = Pair(wan, embeddings), ControlEncoder(wan.codec)
    for chunk in range(9):
        if chunk in (3, 7):
            pair.session.set_text(embeddings[1:], recache=True)
            pair.reference.switch(embeddings[1:])
        if chunk % 3 == 0:
            pair.compare(asked)
            continue
        if chunk % 3 == 1:
            encoder = ControlEncoder(wan.codec)
        frames = frames_for(pair.session, chunk)
        request = replace(asked, control=Control(frames), control_scale=0.7)
        pair.compare(request, context=encoder.context(Control(frames))[0][0])


def test_without_a_recache_the_past_stays_as_the_old_prompt_made_it(wan, embeddings, asked):
    pair = Pair(wan, embeddings)
    for chunk in range(8):
        prompt = embeddings[chunk % 2 :][:1]
        pair.session.set_text(prompt, recache=False)
        pair.reference.prompt = prompt
        pair.compare(asked)


def test_given_latents_start_a_film_as_the_reference_s_past(wan, embeddings, asked):
    pair = Pair(wan, embeddings)
    clip = torch.rand(1, 3, 22, 32, 48) * 2 - 1
    assert pair.session.start_from(clip).shape == (1, 3, 21, 32, 48)
    latents = wan.codec.encode_clip(clip[:, :, 1:])[0]
    for index, part in enumerate(latents.split(3, dim=1)):
        frame = 3 * index
        kept = pair.reference.forward(part, 0, torch.arange(frame, frame + 3), pair.reference.window(frame), {})[1]
        pair.reference.blocks.append((frame, part, kept, (None, 1.0)))
    for _ in range(5):
        pair.compare(asked)

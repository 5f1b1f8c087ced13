"""The transformer's part of a film: the cache, the prompt in force, and the passes over a chunk's latents."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.attention import sdpa_kernel

from scope_wan_vace.codec import SPATIAL_FACTOR
from scope_wan_vace.cuda import Replay
from scope_wan_vace.loading.models import Models
from scope_wan_vace.model.attention import BACKENDS, TextKeys
from scope_wan_vace.model.dit import RunBlock, Time, project_text
from scope_wan_vace.model.kv import KvRing
from scope_wan_vace.model.rope import Rope, rotation
from scope_wan_vace.stream.compiled import PLAIN, Runners
from scope_wan_vace.stream.request import MAX_REFERENCES
from scope_wan_vace.stream.sampler import denoise
from scope_wan_vace.stream.workspace import ChunkKind, Workspace

MAX_WORKSPACES = 8


class Past(NamedTuple):
    """A finished chunk, as a recache needs it.

    Attributes:
        index: number of its block in the film.
        frame: position of its first latent frame.
        x0: its latents with its reference frames in front.
        context, scale: its embedded control and the strength of that.
        references: how many reference frames there are.
    """

    index: int
    frame: int
    x0: Tensor
    context: Tensor | None
    scale: Tensor
    references: int


class _Text(NamedTuple):
    main: list[TextKeys]
    vace: list[TextKeys]


class Denoiser:
    """Runs the transformer over chunks of one size.

    Args:
        size: height and width of the pictures in pixels.
        runners: how blocks are run.
        graphs: replay CUDA graphs for chunks of a full window.
    """

    def __init__(self, models: Models, size: tuple[int, int], runners: Runners = PLAIN, graphs: bool = False):
        self._models, self._runners, self._graphs = models, runners, graphs
        config, block = models.dit.config, models.stream.block
        self.cells = (block, size[0] // SPATIAL_FACTOR, size[1] // SPATIAL_FACTOR)
        self._grid = (self.cells[1] // config.patch[1], self.cells[2] // config.patch[2])
        references = 0 if models.vace is None else MAX_REFERENCES
        frame_tokens = self._grid[0] * self._grid[1]
        self.ring = KvRing(config, models.stream, frame_tokens, models.device, models.dit.dtype, references)
        self._text: _Text | None = None
        self._workspaces: dict[ChunkKind, Workspace] = {}
        self._pool = torch.cuda.graph_pool_handle() if graphs else None

    def set_text(self, embeddings: Tensor) -> None:
        """Use a prompt [1, text_length, text_dim] from now on."""
        embedded, vace = self._models.dit.embed_text(embeddings), self._models.vace
        main = project_text(self._models.dit.blocks, embedded)
        text = _Text(main, [] if vace is None else project_text(vace.vace_blocks, embedded))
        if self._text is None:
            self._text = text
            return
        for buffers, values in zip(self._text, text, strict=True):
            for buffer, value in zip(buffers, values, strict=True):
                buffer[0].copy_(value[0])
                buffer[1].copy_(value[1])

    def workspace(self, kind: ChunkKind) -> Workspace:
        """The buffers of a kind of chunk."""
        work = self._workspaces.pop(kind, None)
        if work is None:
            while len(self._workspaces) >= MAX_WORKSPACES:
                self._workspaces.pop(next(iter(self._workspaces)))
            dit = self._models.dit
            work = Workspace.allocate(kind, dit.config, self.cells, self._models.device, dit.dtype)
            for name, work_pass in (("denoise", self._denoise), ("clean", self._clean)):
                work.passes[name] = Replay(partial(work_pass, work, full=True), self._graphs, self._pool)
        self._workspaces[kind] = work
        return work

    def rope(self, frame: int, frames: int) -> Rope:
        """Rotation of `frames` latent frames from position `frame` on."""
        return rotation(frame, frames, *self._grid, self._models.dit.config.head_dim, self._models.device)

    def place(self, work: Workspace, index: int, frame: int) -> None:
        """Make a workspace the film's `index`-th block, at position `frame`; reference frames stand before it."""
        references = work.kind.references
        self.ring.turn_sink(frame)
        work.place(self.ring.segment(index, references), self.rope(frame - references, references + self.cells[0]))

    def denoise(self, work: Workspace, index: int) -> None:
        """Run the schedule from `work.x` to `work.x0`."""
        work.passes["denoise"]() if self.ring.is_full(index) else self._denoise(work, full=False)

    def clean(self, work: Workspace, index: int) -> None:
        """Run `work.x0` at time 0, so that the cache holds what was shown."""
        work.passes["clean"]() if self.ring.is_full(index) else self._clean(work, full=False)
        if index + 1 == self.ring.sink_slots:
            self.ring.keep_sink(start=0)

    def _denoise(self, work: Workspace, full: bool) -> None:
        times = self._models.dit.time(1000 * work.sigmas[None])
        frames = work.x.shape[2]

        def velocity(x: Tensor, step: int) -> Tensor:
            time = _over(times, step, frames)
            return self._models.dit.velocity(self._hidden(work, x, time[1], full), time[0], (frames, *self.cells[1:]))

        work.x0.copy_(denoise(velocity, work.x, work.sigmas, list(work.noises[1:])))

    def _clean(self, work: Workspace, full: bool) -> None:
        self._hidden(work, work.x0, self._clean_time(work.x0.shape[2])[1], full)

    def _clean_time(self, frames: int) -> Time:
        return _over(self._models.dit.time(torch.zeros(1, 1, device=self._models.device)), 0, frames)

    def _hidden(self, work: Workspace, x: Tensor, time: Tensor, full: bool) -> Tensor:
        """Output of the blocks; keys and values go to the cache."""
        assert self._text is not None, "set_text comes first"
        main, branch = self._runs(full and not work.kind.references)
        dit, vace, hints = self._models.dit, self._models.vace, None
        tokens = dit.embed(x)
        with sdpa_kernel(BACKENDS, set_priority=True):
            if work.context is not None and vace is not None:
                hints = vace(tokens, work.context, work.scale, time, work.rope, self._text.vace, branch)
            return dit(tokens, time, work.rope, self._text.main, self.ring.layers, work.segment, hints, main)

    def _runs(self, steady: bool) -> tuple[RunBlock, RunBlock]:
        runners = self._runners
        return (runners.steady, runners.steady_vace) if steady else (runners.varying, runners.varying_vace)

    def recache(self, past: Sequence[Past]) -> None:
        """Show the prompt in force to the visible past: one forward at time 0 in which all of it sees all of it.

        So LongLive was trained to switch prompts (arXiv 2509.22622, section 3.1). While the film is no longer than the
        window, that includes the sink. Later the sink stays, unless the generator says that it is renewed; then the
        oldest visible block becomes the sink.

        Args:
            past: the newest blocks of the film, oldest first, as many as the window holds.
        """
        assert self._text is not None
        rewritten, dit = self._rewritten(past), self._models.dit
        parts = [part for part, _ in rewritten]
        x = torch.cat([part.x0[:, :, part.references :] for part in parts], dim=2)
        segment = self.ring.segment_of([slot for _, slot in rewritten], past[-1].index)
        time, rope, hints = self._clean_time(x.shape[2])[1], self.rope(parts[0].frame, x.shape[2]), self._hints(parts)
        with sdpa_kernel(BACKENDS, set_priority=True):
            run = self._runners.varying
            dit(dit.embed(x), time, rope, self._text.main, self.ring.layers, segment, hints, run)
        if rewritten[0][1] == 0 and len(rewritten) >= self.ring.sink_slots:
            self.ring.keep_sink(parts[0].frame)

    def _rewritten(self, past: Sequence[Past]) -> list[tuple[Past, int]]:
        """The part of the past that a recache writes, with its slots."""
        ring = self.ring
        if past[-1].index < ring.slots:
            return [(part, part.index) for part in past]
        sink = list(enumerate(past[: ring.sink_slots])) if ring.stream.renews_sink else []
        return [(part, slot) for slot, part in sink] + [
            (part, ring.slot(part.index)) for part in past[ring.sink_slots :]
        ]

    def _hints(self, past: Sequence[Past]) -> dict[int, Tensor] | None:
        """What VACE says to each part of the past by itself, zeros where it took no part."""
        if all(part.context is None for part in past):
            return None
        each = [self._hints_of(part) for part in past]
        known = next(hints for hints in each if hints)
        nothing = {layer: torch.zeros_like(hint) for layer, hint in known.items()}
        return {layer: torch.cat([{**nothing, **hints}[layer] for hints in each], dim=1) for layer in known}

    def _hints_of(self, part: Past) -> dict[int, Tensor]:
        vace, frames = self._models.vace, part.x0.shape[2]
        if part.context is None or vace is None or self._text is None:
            return {}
        rope = self.rope(part.frame - part.references, frames)
        tokens, time = self._models.dit.embed(part.x0), self._clean_time(frames)[1]
        with sdpa_kernel(BACKENDS, set_priority=True):
            hints = vace(tokens, part.context, part.scale, time, rope, self._text.vace, self._runners.varying_vace)
        front = part.references * self.ring.frame_tokens
        return {layer: hint[:, front:] for layer, hint in hints.items()}


def _over(times: Time, step: int, frames: int) -> Time:
    """The time of one step, for every frame of a chunk; contiguous, so that compiled blocks see one layout."""
    head, blocks = times
    return (
        head[:, step : step + 1].expand(-1, frames, -1).contiguous(),
        blocks[:, step : step + 1].expand(-1, frames, -1, -1).contiguous(),
    )

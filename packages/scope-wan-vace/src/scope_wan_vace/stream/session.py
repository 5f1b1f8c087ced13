"""One endless film: the state between chunks and how a chunk is made.

A chunk is denoised against the ring of cached keys, decoded and handed out; only then are its final latents run
once more at time 0, so that the cache holds what was shown. On CUDA this clean pass is queued while the host takes the
pictures; elsewhere it is left to the next call, which keeps the pictures from waiting for it.
"""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor

from scope_wan_vace.codec.chunks import ChunkEncoder, pixel_frames
from scope_wan_vace.cuda import Lane
from scope_wan_vace.loading.models import Models
from scope_wan_vace.model.kv import KvRing
from scope_wan_vace.stream.compiled import PLAIN, Runners
from scope_wan_vace.stream.control import Control, ControlEncoder, paste_back, reference_context
from scope_wan_vace.stream.denoiser import Denoiser, Past
from scope_wan_vace.stream.noise import NoiseSource
from scope_wan_vace.stream.request import ChunkRequest
from scope_wan_vace.stream.sampler import renoise
from scope_wan_vace.stream.workspace import ChunkKind, Workspace

Stage = Callable[[str], AbstractContextManager]


class _Pending(NamedTuple):
    """A chunk that was shown and whose clean pass is still to come."""

    work: Workspace
    index: int


class Session:
    """State of one stream at a fixed size; memory is constant once the window is full.

    Args:
        height, width: of the pictures in pixels, multiples of 16.
        runners: how blocks are run.
        graphs: replay CUDA graphs for chunks of a full window; without CUDA it changes nothing.
        stage: opens a context around "encode", "denoise", "clean" and "decode", for a benchmark's stopwatch.
    """

    def __init__(
        self,
        models: Models,
        height: int,
        width: int,
        runners: Runners = PLAIN,
        graphs: bool = False,
        stage: Stage = nullcontext,
    ):
        self.models, self.size, self._stage = models, (height, width), stage
        self._on_cuda = models.device.type == "cuda"
        self._denoiser = Denoiser(models, self.size, runners, graphs and self._on_cuda)
        self._decoder = models.codec.new_decoder(graphs and self._on_cuda)
        self._noise = NoiseSource(models.device)
        self._model_lane, self._decoder_lane = Lane(models.device), Lane(models.device)
        self._history: deque[Past] = deque(maxlen=self.ring.slots)
        self.reset()

    @property
    def ring(self) -> KvRing:
        """The cache."""
        return self._denoiser.ring

    def reset(self) -> None:
        """Cut: the next chunk is the first of a new film. The prompt stays."""
        self.frame = 0
        self.ring.clear()
        self._history.clear()
        self._pending: _Pending | None = None
        self._decoder.reset()
        self._encoder: ChunkEncoder | None = None
        self._control: ControlEncoder | None = None

    @property
    def next_frames(self) -> int:
        """How many pixel frames the next chunk has."""
        return pixel_frames(self.models.stream.block, self.frame == 0)

    @property
    def _index(self) -> int:
        return self.frame // self.models.stream.block

    def set_text(self, embeddings: Tensor, recache: bool) -> None:
        """Use another prompt from the next chunk on.

        Args:
            embeddings: [1, text_length, text_dim].
            recache: show it to the visible past as well. Without, the past stays as the old prompt made it.
        """
        with self._model_lane.run():
            if recache and self._history:
                self._pending = None
                self._denoiser.set_text(embeddings)
                self._denoiser.recache(list(self._history))
            else:
                self._finish()
                self._denoiser.set_text(embeddings)

    @contextmanager
    def between_chunks(self) -> Generator[None]:
        """Change weights inside: after the clean pass of the last chunk, before the next one."""
        with self._model_lane.run():
            self._finish()
            yield

    def encode_references(self, images: Sequence[Tensor]) -> Tensor | None:
        """Latents [1, 16, R, rows, columns] of reference images [1, 3, 1, H, W] in [-1, 1]."""
        if not images:
            return None
        return torch.cat([self.models.codec.encode_clip(image).float() for image in images], dim=2)

    def start_from(self, clip: Tensor) -> Tensor:
        """Begin a film with given pictures, as Self-Forcing does with its `initial_latent`.

        Args:
            clip: [1, 3, T, H, W] in [-1, 1]. An image (T = 1) stands still for one block; of a longer clip the newest
                frames count that fill whole blocks, at most a window's.

        Returns:
            The pictures as the autoencoder shows them, [1, 3, T', H, W].
        """
        if self.frame:
            raise ValueError("scope-wan-vace: a film that runs cannot be started from a clip; reset it first")
        block = self.models.stream.block
        with self._model_lane.run():
            latents = self.models.codec.encode_clip(whole_blocks(clip, block, self.models.stream.window)).float()
            shown = [self._given(part) for part in latents.split(block, dim=2)]
        self._decoder_lane.hand_over(*shown)
        return torch.cat(shown, dim=2)

    def _given(self, latents: Tensor) -> Tensor:
        work = self._denoiser.workspace(ChunkKind(steps=0))
        self._denoiser.place(work, self._index, self.frame)
        work.x0.copy_(latents)
        frames = self._decoded(work)
        self._close(work)
        self._finish()
        return frames

    def generate(self, request: ChunkRequest) -> Tensor:
        """Make the next chunk: [1, 3, T, H, W] in [-1, 1]."""
        if len(request.sigmas) == 0:
            raise ValueError("scope-wan-vace: denoising_steps must name at least one step, got none")
        with self._model_lane.run():
            self._finish()
            work, shown = self._prepared(request)
            with self._stage("denoise"):
                self._denoiser.denoise(work, self._index)
            frames = self._decoded(work, shown)
            self._close(work)
            if self._on_cuda:
                self._finish()
                self._noise.prefetch(request.seed, self.frame, self._noise_shapes(work.kind))
        self._decoder_lane.hand_over(frames)
        return frames

    def _prepared(self, request: ChunkRequest) -> tuple[Workspace, Control | None]:
        """Buffers with everything that the chunk starts from, and the control that its pictures show."""
        context, shown = self._context(request)
        references = None if context is None else request.references
        kind = ChunkKind(len(request.sigmas), 0 if references is None else references.shape[2], context is not None)
        work = self._denoiser.workspace(kind)
        self._denoiser.place(work, self._index, self.frame)
        if context is not None:
            work.control(context, request.control_scale)
        self._start(work, request, references)
        return work, shown

    def _context(self, request: ChunkRequest) -> tuple[Tensor | None, Control | None]:
        vace, references = self.models.vace, request.references
        if vace is None or not request.control_scale or (request.control is None and references is None):
            self._control = None
            return None, None
        if self._control is None:
            self._control = ControlEncoder(self.models.codec)
        with self._stage("encode"):
            context, shown = self._control.context(request.control or self._neutral())
        if references is not None:
            context = torch.cat([reference_context(references), context.float()], dim=2)
        return vace.embed(context.float()), shown

    def _neutral(self) -> Control:
        """Control that asks for nothing, for chunks that have references only."""
        return Control(torch.zeros(1, 3, self.next_frames, *self.size, device=self.models.device))

    def _noise_shapes(self, kind: ChunkKind) -> list[tuple[int, ...]]:
        channels, cells = self.models.dit.config.in_channels, self._denoiser.cells
        chunk, front = (1, channels, *cells), (1, channels, kind.references, *cells[1:])
        return [chunk] * kind.steps + [front] * (kind.steps if kind.references else 0)

    def _start(self, work: Workspace, request: ChunkRequest, references: Tensor | None) -> None:
        """Noise for every step, and latents at the schedule's first level."""
        drawn = self._noise.take(request.seed, self.frame, self._noise_shapes(work.kind))
        work.sigmas.copy_(request.sigmas)
        front = work.kind.references
        for step, buffer in enumerate(work.noises):
            buffer[:, :, front:].copy_(drawn[step], non_blocking=True)
            if references is not None:
                buffer[:, :, :front].copy_(drawn[work.kind.steps + step], non_blocking=True)
        work.x.copy_(work.noises[0])
        if references is not None:
            work.x[:, :, :front].copy_(renoise(references, work.noises[0, :, :, :front], work.sigmas[0]))
        if request.video is None:
            self._encoder = None
            return
        clean = self._encoded(request.video)
        work.x[:, :, front:].copy_(renoise(clean, work.noises[0, :, :, front:], work.sigmas[0]))

    def _encoded(self, video: Tensor) -> Tensor:
        if self._encoder is None:
            self._encoder = ChunkEncoder(self.models.codec)
        with self._stage("encode"):
            return self._encoder.encode(video).float()

    def _decoded(self, work: Workspace, shown: Control | None = None) -> Tensor:
        with self._decoder_lane.run(), self._stage("decode"):
            frames = self._decoder.decode(work.x0[:, :, work.kind.references :])
            return frames if shown is None else paste_back(frames, shown)

    def _close(self, work: Workspace) -> None:
        """Count the chunk in; its clean pass is still to come."""
        context = None if work.context is None else work.context.clone()
        self._history.append(
            Past(self._index, self.frame, work.x0.clone(), context, work.scale.clone(), work.kind.references)
        )
        self._pending = _Pending(work, self._index)
        self.frame += self.models.stream.block

    def _finish(self) -> None:
        if self._pending is not None:
            with self._stage("clean"):
                self._denoiser.clean(*self._pending)
            self._pending = None


def whole_blocks(clip: Tensor, block: int, window: int) -> Tensor:
    """Frames BCTHW of as many whole blocks of latent frames as `clip` fills, at least one, at most a window's."""
    first, later = pixel_frames(block, first=True), pixel_frames(block, first=False)
    missing = first - clip.shape[2]
    if missing > 0:
        clip = torch.cat([clip, clip[:, :, -1:].expand(-1, -1, missing, -1, -1)], dim=2)
    blocks = min((clip.shape[2] - first) // later, window // block - 1)
    return clip[:, :, -(first + blocks * later) :]

"""One endless film: the state between chunks and how a chunk is made.

A chunk is denoised against the ring of cached keys, decoded and handed out; only then are its final latents run
once more at time 0, so that the cache holds what was shown. That clean pass is left to the next chunk, where it
shares one forward pass with the first step.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from scope_wan_vace.codec import SPATIAL_FACTOR
from scope_wan_vace.codec.chunks import ChunkEncoder, pixel_frames
from scope_wan_vace.loading.models import Models
from scope_wan_vace.model.dit import TextKeys, Time, project_text
from scope_wan_vace.model.kv import KvRing, Segment
from scope_wan_vace.model.rope import Rope, rotation
from scope_wan_vace.stream.control import Control, ControlEncoder, paste_back, reference_context
from scope_wan_vace.stream.sampler import denoise, renoise, seeded_noise, text_sigmas


@dataclass(frozen=True)
class ChunkRequest:
    """What the next chunk shall be.

    Attributes:
        seed: of all noise.
        sigmas: noise levels [steps] on the device.
        video: input frames [1, 3, T, H, W] in [-1, 1] to start from, None to start from noise alone.
        control: frames and mask for VACE, of as many frames as `Session.next_frames` says.
        control_scale: strength of the hints; 0 leaves VACE out.
        references: latents of reference images [1, 16, R, rows, columns].
    """

    seed: int
    sigmas: Tensor
    video: Tensor | None = None
    control: Control | None = None
    control_scale: float = 1.0
    references: Tensor | None = None


@dataclass(frozen=True)
class Part:
    """Latents on their way through the model: [1, 16, R + block, rows, columns], the R reference frames in front."""

    index: int
    x: Tensor
    time: Time
    rope: Rope
    context: Tensor | None
    scale: float
    references: int


Stage = Callable[[str], AbstractContextManager]

# Best first: on Hopper and Blackwell cuDNN's attention is far ahead of the default order's first.
ATTENTION = [
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.MATH,
]


class _Text(NamedTuple):
    main: list[TextKeys]
    vace: list[TextKeys]


class Session:
    """State of one stream at a fixed size; memory is constant once the window is full.

    Args:
        height, width: of the pictures in pixels, multiples of 16.
        fuse: let the clean pass share a forward pass with the next chunk's first step where shapes allow.
        stage: opens a context around "encode", "denoise", "clean" and "decode", for a benchmark's stopwatch.
    """

    def __init__(self, models: Models, height: int, width: int, fuse: bool = True, stage: Stage = nullcontext):
        self.models, self.size = models, (height, width)
        self._fuse, self._stage = fuse, stage
        self.rows, self.columns = height // SPATIAL_FACTOR, width // SPATIAL_FACTOR
        _, patch_rows, patch_columns = models.dit.config.patch
        self._grid = (self.rows // patch_rows, self.columns // patch_columns)
        frame_tokens = self._grid[0] * self._grid[1]
        self.ring = KvRing(models.dit.config, models.stream, frame_tokens, models.device, models.dit.dtype)
        self._history: deque[Part] = deque(maxlen=self.ring.slots - self.ring.sink_slots)
        self._text: _Text | None = None
        self.reset()

    def reset(self) -> None:
        """Cut: the next chunk is the first of a new film. The prompt stays."""
        self.frame = 0
        self.ring.clear()
        self._history.clear()
        self._pending: Part | None = None
        self._decoder = self.models.codec.new_decoder()
        self._encoder: ChunkEncoder | None = None
        self._control: ControlEncoder | None = None

    @property
    def next_frames(self) -> int:
        """How many pixel frames the next chunk has."""
        return pixel_frames(self.models.stream.block, self.frame == 0)

    def set_text(self, embeddings: Tensor, recache: bool) -> None:
        """Use another prompt from the next chunk on.

        Args:
            embeddings: [1, text_length, text_dim].
            recache: run the visible past behind the sink through the model again, under the new prompt.
        """
        if recache and self.ring.count <= self.ring.sink_slots:
            self._finish_pending()
        embedded = self.models.dit.embed_text(embeddings)
        vace = self.models.vace
        self._text = _Text(
            project_text(self.models.dit.blocks, embedded),
            [] if vace is None else project_text(vace.vace_blocks, embedded),
        )
        if recache:
            self._recache()

    def _recache(self) -> None:
        self._pending = None
        self.ring.clear_ring()
        past = list(self._history)
        self._history.clear()
        for part in past:
            self._run([self._kept(replace(part, index=self.ring.count))])

    def _finish_pending(self) -> None:
        if self._pending is not None:
            with self._stage("clean"):
                self._run([self._pending])
            self._pending = None

    def _kept(self, part: Part) -> Part:
        """Count a part in as the newest of the visible past."""
        self.ring.count += 1
        if part.index >= self.ring.sink_slots:
            self._history.append(part)
        return part

    def encode_references(self, images: Sequence[Tensor]) -> Tensor | None:
        """Latents [1, 16, R, rows, columns] of reference images [1, 3, 1, H, W] in [-1, 1]."""
        if not images:
            return None
        return torch.cat([self.models.codec.new_encoder().encode(image).float() for image in images], dim=2)

    def generate(self, request: ChunkRequest) -> Tensor:
        """Make the next chunk: [1, 3, T, H, W] in [-1, 1]."""
        assert self._text is not None, "set_text comes first"
        if len(request.sigmas) == 0:
            raise ValueError("scope-wan-vace: denoising_steps must name at least one step, got none")
        template = self._begin(request)
        start, noises = self._start(request)
        x0 = self._denoise(request, template, start, noises)
        with self._stage("decode"):
            frames = self._decoder.decode(x0[:, :, template.references :])
        self._pending = self._kept(replace(template, x=x0))
        self.frame += self.models.stream.block
        return frames if request.control is None or not request.control_scale else paste_back(frames, request.control)

    def _begin(self, request: ChunkRequest) -> Part:
        """Everything of the chunk but its latents; `time` is that of the clean pass."""
        block, references = self.models.stream.block, 0 if request.references is None else request.references.shape[2]
        frames = references + block
        clean = self.models.dit.time(torch.zeros(1, 1, device=self.models.device))
        device, head_dim = self.models.device, self.models.dit.config.head_dim
        return Part(
            index=self.ring.count,
            x=torch.empty(0),
            time=_over(clean, 0, frames),
            rope=rotation(self.frame - references, frames, *self._grid, head_dim, device),
            context=self._context(request),
            scale=request.control_scale,
            references=references,
        )

    def _context(self, request: ChunkRequest) -> Tensor | None:
        vace = self.models.vace
        if vace is None or not request.control_scale or (request.control is None and request.references is None):
            self._control = None
            return None
        control = self._neutral() if request.control is None else request.control
        if self._control is None:
            self._control = ControlEncoder(self.models.codec)
        with self._stage("encode"):
            context = self._control.context(control).float()
        if request.references is not None:
            context = torch.cat([reference_context(request.references), context], dim=2)
        return vace.embed(context)

    def _neutral(self) -> Control:
        """Control that asks for nothing, for chunks that have references only."""
        return Control(torch.zeros(1, 3, self.next_frames, *self.size, device=self.models.device))

    def _start(self, request: ChunkRequest) -> tuple[Tensor, list[Tensor]]:
        """Latents at the schedule's first level, and fresh noise for the later steps."""
        steps, channels = len(request.sigmas), self.models.dit.config.in_channels
        shapes: list[tuple[int, ...]] = [(1, channels, self.models.stream.block, self.rows, self.columns)] * steps
        if request.references is not None:
            shapes += [tuple(request.references.shape)] * steps
        noises = seeded_noise(request.seed, self.frame, shapes, self.models.device)
        noises, extra = noises[:steps], noises[steps:]
        x = noises[0] if request.video is None else renoise(self._encoded(request.video), noises[0], request.sigmas[0])
        if request.video is None:
            self._encoder = None
        if request.references is None:
            return x, noises[1:]
        front = renoise(request.references, extra[0], request.sigmas[0])
        pairs = zip(extra[1:], noises[1:], strict=True)
        return torch.cat([front, x], dim=2), [torch.cat(pair, dim=2) for pair in pairs]

    def _encoded(self, video: Tensor) -> Tensor:
        if self._encoder is None:
            self._encoder = ChunkEncoder(self.models.codec)
        with self._stage("encode"):
            return self._encoder.encode(video).float()

    def _denoise(self, request: ChunkRequest, template: Part, x: Tensor, noises: list[Tensor]) -> Tensor:
        times = self.models.dit.time(1000 * request.sigmas[None])
        frames = template.references + self.models.stream.block

        def velocity(latents: Tensor, step: int) -> Tensor:
            part = replace(template, x=latents, time=_over(times, step, frames))
            before, self._pending = self._pending, None
            return self._run([part] if before is None else [before, part])

        if self._pending is not None and not (self._fuse and _fusible(self._pending, template)):
            self._finish_pending()
        with self._stage("denoise"):
            return denoise(velocity, x, request.sigmas, noises)

    def _run(self, parts: list[Part]) -> Tensor:
        """Velocity of the last part; all of them are written to the ring in order."""
        segments = [self.ring.segment(part.index, part.references) for part in parts]
        x, time, rope = _joined(parts)
        with sdpa_kernel(ATTENTION, set_priority=True):
            out = self._velocity(x, time, rope, segments, parts)
        return out[:, :, -parts[-1].x.shape[2] :]

    def _velocity(self, x: Tensor, time: Time, rope: Rope, segments: list[Segment], parts: list[Part]) -> Tensor:
        assert self._text is not None
        dit, vace = self.models.dit, self.models.vace
        tokens, hints = dit.embed(x), None
        contexts = [part.context for part in parts if part.context is not None]
        if contexts and vace is not None:
            scale = torch.full((), parts[-1].scale, device=x.device)
            hints = vace(tokens, torch.cat(contexts, dim=1), scale, time[1], rope, segments, self._text.vace)
        shape = (x.shape[2], self.rows, self.columns)
        return dit(tokens, shape, time, rope, self.ring.layers, segments, self._text.main, hints)


def default_sigmas(device: torch.device) -> Tensor:
    """The four steps that all three generators were distilled to."""
    return text_sigmas([1000, 750, 500, 250]).to(device)


def _fusible(a: Part, b: Part) -> bool:
    """Whether one forward pass can serve both: same shapes, and the same hints or none."""
    if a.references or b.references:
        return False
    return (a.context is None) == (b.context is None) and (a.context is None or a.scale == b.scale)


def _over(times: Time, step: int, frames: int) -> Time:
    """The time of one step, for every frame of a part."""
    head, blocks = times
    return head[:, step : step + 1].expand(-1, frames, -1), blocks[:, step : step + 1].expand(-1, frames, -1, -1)


def _joined(parts: list[Part]) -> tuple[Tensor, Time, Rope]:
    if len(parts) == 1:
        return parts[0].x, parts[0].time, parts[0].rope
    x = torch.cat([part.x for part in parts], dim=2)
    head = torch.cat([part.time[0] for part in parts], dim=1)
    blocks = torch.cat([part.time[1] for part in parts], dim=1)
    cos, sin = (torch.cat([part.rope[axis] for part in parts]) for axis in (0, 1))
    return x, (head, blocks), (cos, sin)

"""From what a host sends to what the next chunk shall be."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from scope_gpu.plugin.frames import FrameError, intake
from scope_wan_vace.codec.chunks import pixel_frames
from scope_wan_vace.pipeline.pixels import InputError, control_frames, control_masks, last_frames, read_clip, read_image
from scope_wan_vace.schema import WanVaceConfig
from scope_wan_vace.stream.control import Control
from scope_wan_vace.stream.motion import MotionNoise
from scope_wan_vace.stream.request import MAX_REFERENCES, ChunkRequest
from scope_wan_vace.stream.sampler import text_sigmas, video_sigmas
from scope_wan_vace.stream.session import Session

logger = logging.getLogger(__name__)

MAX_STEPS = 10


class Reports:
    """Says each problem once, not at every chunk."""

    def __init__(self):
        self._said: set[str] = set()

    def say(self, message: str) -> None:
        """Log a warning unless this one was logged before."""
        if message not in self._said:
            self._said.add(message)
            logger.warning("scope-wan-vace: %s", message)


def usable_steps(steps: Sequence[int] | None, default: Sequence[int]) -> tuple[int, ...]:
    """Denoising steps falling, without doubles, in 1..1000, at most ten; the default if none is left."""
    usable = sorted({step for step in steps or () if 1 <= step <= 1000}, reverse=True)
    return tuple(usable[:MAX_STEPS]) or tuple(default)


class RequestMaker:
    """Turns calls into requests; remembers images, so that each file is read once and each one-time image used once."""

    def __init__(self, session: Session, reports: Reports):
        self._session, self._reports = session, reports
        self._device, self._size = session.models.device, session.size
        self._schedules: dict[tuple[int, ...], Tensor] = {}
        self._reference_paths: tuple[str, ...] | None = None
        self._references: Tensor | None = None
        self.restart()

    def restart(self) -> None:
        """A new film: motion starts at rest, and one-time images count again. References stay."""
        self._motion = MotionNoise()
        self._used: dict[str, str] = {}

    def start(self, params: WanVaceConfig) -> Tensor | None:
        """The pictures [1, 3, T, H, W] in [-1, 1] that a film starts with, once a film."""
        path, stream = params.start_clip, self._session.models.stream
        if not path or self._used.get("start_clip") == path:
            return None
        self._used["start_clip"] = path
        most = pixel_frames(stream.window, first=True)
        return self._guarded(lambda: read_clip("start_clip", path, self._size, self._device, most))

    def make(self, call: Mapping[str, Any], params: WanVaceConfig) -> ChunkRequest:
        """The next request."""
        video = self._video(call)
        control, from_video = self._control(call, params, video)
        start = None if from_video else video
        return ChunkRequest(
            seed=params.base_seed,
            sigmas=self._sigmas(params, start),
            video=start,
            control=control,
            control_scale=params.vace_context_scale,
            references=self._current_references(call, params),
        )

    def _video(self, call: Mapping[str, Any]) -> Tensor | None:
        if not call.get("video"):
            return None
        try:
            frames = intake(call["video"], self._device, self._size)
        except FrameError as error:
            self._reports.say(f"video: {error}")
            return None
        return last_frames((frames * 2 - 1).transpose(0, 1)[None], self._session.next_frames)

    def _sigmas(self, params: WanVaceConfig, video: Tensor | None) -> Tensor:
        default = WanVaceConfig.model_fields["denoising_steps"].default
        steps = usable_steps(params.denoising_steps, default)
        if video is not None:
            return video_sigmas(self._noise_scale(params, video), len(steps))
        if steps not in self._schedules:
            self._schedules = {steps: text_sigmas(steps).to(self._device)}
        return self._schedules[steps]

    def _noise_scale(self, params: WanVaceConfig, video: Tensor) -> Tensor:
        if params.noise_controller:
            return self._motion.level(video, params.noise_scale)
        return torch.full((), params.noise_scale, device=self._device)

    def _control(
        self, call: Mapping[str, Any], params: WanVaceConfig, video: Tensor | None
    ) -> tuple[Control | None, bool]:
        """Control of the chunk, and whether it replaces the input video as the start."""
        control = self._guarded(lambda: self._from_frames(call, params, video))
        first, last = (self._once(name, getattr(params, name)) for name in ("first_frame_image", "last_frame_image"))
        replaces = control is not None
        if first is not None or last is not None:
            control = replace(control or self._neutral(), first=first, last=last)
        if control is not None and self._session.models.vace is None:
            self._reports.say("VACE control was sent, but VACE is not loaded; load the pipeline with vace_enabled")
            return None, False
        return control, replaces

    def _from_frames(self, call: Mapping[str, Any], params: WanVaceConfig, video: Tensor | None) -> Control | None:
        frames, masks = call.get("vace_input_frames"), call.get("vace_input_masks")
        mask = None if masks is None else self._to_length(control_masks(masks, self._size, self._device))
        if frames is not None:
            return Control(self._to_length(control_frames(frames, self._size, self._device)), mask)
        if video is not None and (mask is not None or params.vace_use_input_video):
            return Control(video, mask)
        return None

    def _to_length(self, clip: Tensor) -> Tensor:
        return last_frames(clip, self._session.next_frames)

    def _neutral(self) -> Control:
        return Control(torch.zeros(1, 3, self._session.next_frames, *self._size, device=self._device))

    def _once(self, name: str, path: str) -> Tensor | None:
        """An image that counts for one chunk, although its path may arrive with every call."""
        if self._used.get(name, "") == path:
            return None
        self._used[name] = path
        return self._guarded(lambda: read_image(name, path, self._size, self._device, whole=False)) if path else None

    def _current_references(self, call: Mapping[str, Any], params: WanVaceConfig) -> Tensor | None:
        """Hosts send the paths once, so a call without them changes nothing; an empty list takes the images away."""
        paths = tuple(params.vace_ref_images)
        sent = "vace_ref_images" in call or self._reference_paths is None
        if sent and paths != self._reference_paths:
            self._reference_paths = paths
            self._references = self._read_references(paths)
        return self._references

    def _read_references(self, paths: Sequence[str]) -> Tensor | None:
        if len(paths) > MAX_REFERENCES:
            self._reports.say(f"vace_ref_images: expected at most {MAX_REFERENCES} images, got {len(paths)}")
        read = [
            self._guarded(lambda path=path: read_image("vace_ref_images", path, self._size, self._device, whole=True))
            for path in paths[:MAX_REFERENCES]
        ]
        return self._session.encode_references([image for image in read if image is not None])

    def _guarded[ResultT](self, make: Callable[[], ResultT]) -> ResultT | None:
        """Unusable input is reported once and left out; the film goes on."""
        try:
            return make()
        except InputError as error:
            self._reports.say(str(error))
            return None

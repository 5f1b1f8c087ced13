"""The pipeline that a host sees: loading, parameters, prompts, and one chunk a call."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from pydantic_core import PydanticUndefined
from torch import Tensor

from scope.core.config import get_model_file_path
from scope.core.pipelines.defaults import prepare_for_mode
from scope.core.pipelines.interface import Pipeline, Requirements
from scope_gpu.plugin.device import pick_device
from scope_gpu.plugin.params import ParameterResolver
from scope_wan_vace.catalogue import GENERATORS, Generator, VaeType, nearest_size, with_checkpoint
from scope_wan_vace.codec import TEMPORAL_FACTOR
from scope_wan_vace.cuda import Lane
from scope_wan_vace.loading.models import LoraFile, Models, live_loras, load_models, load_text_encoder, read_loras
from scope_wan_vace.model.fp8 import quantise_fp8
from scope_wan_vace.pipeline.requests import Reports, RequestMaker
from scope_wan_vace.schema import Quantization, WanVaceConfig
from scope_wan_vace.stream.compiled import PLAIN, compiled
from scope_wan_vace.stream.prompts import Change, PromptTrack
from scope_wan_vace.stream.session import Session
from scope_wan_vace.stream.warmup import warm_up

if TYPE_CHECKING:
    from scope.core.pipelines.base_schema import BasePipelineConfig

logger = logging.getLogger(__name__)

PLENTY = 24e9  # bytes: models and caches take 18 by arithmetic, the Wan VAE's features at 832x480 come on top

OUT_OF_MEMORY = (
    "out of GPU memory at {width}x{height}; lower width and height, choose vae_type tae, "
    "quantization fp8_e4m3fn, low_vram on, or vace_enabled off"
)


class WanVacePipeline(Pipeline):
    """Endless text-to-video and video-to-video.

    Args:
        device: CUDA where there is one, unless given.
        load: schema fields, and `loras` as `[{"path": str, "scale": float}]`; unknown names are ignored.

    Raises:
        ValueError: `loras` has another form.
        WeightsError: a model file is missing or damaged.
        torch.OutOfMemoryError: the models do not fit.
    """

    @classmethod
    def get_config_class(cls) -> "type[BasePipelineConfig]":
        return WanVaceConfig

    def __init__(self, device: torch.device | str | None = None, **load: Any):
        given = {name: value for name, value in load.items() if value is not None and value is not PydanticUndefined}
        try:
            self._load(pick_device(device), given)
        except Exception as error:
            # The original host shows a user no reason for a constructor that fails.
            reason = str(error).removeprefix("scope-wan-vace: ").splitlines() or [type(error).__name__]
            logger.error("scope-wan-vace: cannot be loaded: %s", reason[0])
            raise

    def _load(self, device: torch.device, load: Mapping[str, Any]) -> None:
        self._parameters: ParameterResolver[WanVaceConfig] = ParameterResolver(WanVaceConfig, load)
        params = self._parameters.resolve({})
        dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
        models = self._load_models(params, read_loras(load.get("loras")), device, dtype)
        self._text, self._text_lane = load_text_encoder(device, dtype, params.low_vram), Lane(device)
        self.components = {
            "num_frame_per_block": models.stream.block,
            "vae_temporal_downsample_factor": TEMPORAL_FACTOR,
        }
        self._start_session(models, params)

    def _load_models(
        self, params: WanVaceConfig, loras: list[LoraFile], device: torch.device, dtype: torch.dtype
    ) -> Models:
        vae_type = fitting_vae(params.vae_type, device)
        if vae_type is not params.vae_type:
            self.chosen = {"vae_type": str(vae_type)}
        models = load_models(asked_generator(params), vae_type, params.vace_enabled, device, dtype)
        live, quantised = live_loras(models.dit, loras), params.quantization is Quantization.FP8
        # Without the object its copies of the first weights go too: what is merged stays merged.
        self._loras = live if params.lora_merge_strategy == "runtime_peft" and not quantised else None
        if quantised:
            quantise_fp8(models.dit.blocks)
        return models

    def _start_session(self, models: Models, params: WanVaceConfig) -> None:
        fast = models.device.type == "cuda" and not params.eager
        if fast:
            models.codec.compile()
        height, width = fitting_size(params.height, params.width)
        self._session = Session(models, height, width, compiled() if fast else PLAIN, graphs=fast)
        self._reports = Reports()
        self._requests = RequestMaker(self._session, self._reports)
        self._prompts = PromptTrack(self._embed)
        self._last: Tensor | None = None
        if fast:
            warm_up(self._session, self._embed(""))

    def _embed(self, text: str) -> Tensor:
        with self._text_lane.run():
            embeddings = self._text.encode([text])
        self._text_lane.hand_over(embeddings)
        return embeddings

    def prepare(self, **kwargs: Any) -> Requirements | None:
        return prepare_for_mode(type(self), self.components, kwargs)

    @torch.inference_mode()
    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        try:
            self._last = self._chunk(kwargs)
        except torch.OutOfMemoryError:
            self._give_up_chunk()
        return {} if self._last is None else {"video": self._last}

    def _chunk(self, call: dict[str, Any]) -> Tensor:
        if "denoising_step_list" in call:
            call = {**call, "denoising_steps": call["denoising_step_list"]}
        if call.get("init_cache"):
            self._parameters.forget()
            self._restart()
        params = self._parameters.resolve(call)
        self._set_lora_scales(call)
        self._set_prompt(call, params)
        start = self._requests.start(params) if self._session.frame == 0 else None
        if start is not None:
            frames = self._session.start_from(start)
        else:
            frames = self._session.generate(self._requests.make(call, params))
        return ((frames[0].permute(1, 2, 3, 0).float() + 1) / 2).clamp(0, 1)

    def _restart(self) -> None:
        self._session.reset()
        self._requests.restart()
        self._prompts.restart()

    def _set_prompt(self, call: Mapping[str, Any], params: WanVaceConfig) -> None:
        embedding, change = self._prompts.advance(call)
        if change is not Change.NONE:
            self._session.set_text(embedding, recache=change is Change.CUT and params.manage_cache)

    def _set_lora_scales(self, call: Mapping[str, Any]) -> None:
        if not call.get("lora_scales"):
            return
        try:
            wanted: dict[Path | str, float] = {lora.path: lora.scale for lora in read_loras(call["lora_scales"])}
        except ValueError as error:
            self._reports.say(str(error).removeprefix("scope-wan-vace: "))
            return
        if self._loras is not None:
            with self._session.between_chunks():
                self._loras.set_scales(wanted)
        else:
            self._reports.say(
                "lora_scales are fixed: the LoRAs were merged at load; load with runtime_peft, unquantised"
            )

    def _give_up_chunk(self) -> None:
        """Leave the host alive: start the film anew with whatever fits, and hold the last picture meanwhile."""
        height, width = self._session.size
        self._reports.say(OUT_OF_MEMORY.format(height=height, width=width))
        self._restart()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if self._last is not None:
            self._last = self._last[-1:]


def asked_generator(params: WanVaceConfig) -> Generator:
    """The generator of the menu, with the user's own checkpoint in place of its own where there is one."""
    generator, path = GENERATORS[params.generator], params.custom_checkpoint
    if not path:
        return generator
    if not get_model_file_path(path).is_file():
        logger.error("scope-wan-vace: custom_checkpoint: expected a file, got %s; %s runs", path, params.generator)
        return generator
    return with_checkpoint(generator, path)


def fitting_vae(asked: VaeType, device: torch.device) -> VaeType:
    """The autoencoder that was asked for; for `auto` the Wan VAE where memory is plenty, else LightTAE."""
    if asked is not VaeType.AUTO:
        return asked
    memory = torch.cuda.get_device_properties(device).total_memory if device.type == "cuda" else 0
    chosen = VaeType.WAN if memory >= PLENTY else VaeType.LIGHTTAE
    logger.info("scope-wan-vace: vae_type auto is %s: the GPU has %.1f GB", chosen, memory / 1e9)
    return chosen


def fitting_size(height: int, width: int) -> tuple[int, int]:
    """The nearest (height, width) that the model can make; another one than asked for is said."""
    nearest = nearest_size(height, width)
    if nearest != (height, width):
        logger.warning(
            "scope-wan-vace: width and height must be multiples of 16, got %dx%d; %dx%d is used",
            *(width, height, nearest[1], nearest[0]),
        )
    return nearest

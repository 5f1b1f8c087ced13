"""Helpers for pipelines that work both from text and from video."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from scope.core.pipelines.interface import Requirements

if TYPE_CHECKING:
    from scope.core.pipelines.interface import Pipeline

DEFAULT_FRAMES_PER_BLOCK = 3
DEFAULT_TEMPORAL_DOWNSAMPLE_FACTOR = 4


def resolve_input_mode(kwargs: Mapping[str, Any]) -> Literal["text", "video"]:
    """The mode that the keywords of a call mean: "video" where there is video, else "text"."""
    return "text" if kwargs.get("video") is None else "video"


def prepare_for_mode(
    pipeline_class: "type[Pipeline]",
    components_config: Any,
    kwargs: Mapping[str, Any],
    video_input_size: int | None = None,
) -> Requirements | None:
    """What a multi-mode pipeline needs next: frames in video mode, nothing in text mode.

    Args:
        pipeline_class: the pipeline that asks.
        components_config: a mapping or object that may carry `num_frame_per_block` (3 without) and
            `vae_temporal_downsample_factor` (4 without).
        kwargs: the keywords of `prepare`; `kwargs["video"]` is not None in video mode.
        video_input_size: frames a call, instead of frames a block x temporal downsample factor.
    """
    if resolve_input_mode(kwargs) == "text":
        return None
    if video_input_size is None:
        frames = _read(components_config, "num_frame_per_block", DEFAULT_FRAMES_PER_BLOCK)
        factor = _read(components_config, "vae_temporal_downsample_factor", DEFAULT_TEMPORAL_DOWNSAMPLE_FACTOR)
        video_input_size = frames * factor
    return Requirements(input_size=video_input_size)


def _read(config: Any, name: str, default: int) -> int:
    value = config.get(name) if isinstance(config, Mapping) else getattr(config, name, None)
    return default if value is None else value

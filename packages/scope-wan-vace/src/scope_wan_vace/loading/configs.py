"""Sizes and windows from the `config.json` files beside the weights."""

import json
from dataclasses import replace
from pathlib import Path

from scope.core.config import get_model_file_path
from scope_wan_vace.catalogue import WAN_CONFIG, Generator, StreamConfig
from scope_wan_vace.loading.checkpoint import WeightsError
from scope_wan_vace.model.config import WAN_1_3B, DitConfig

# Names in Wan's own config.json → names here.
_DIT_KEYS = {
    "dim": "dim",
    "ffn_dim": "ffn_dim",
    "num_heads": "heads",
    "num_layers": "layers",
    "text_dim": "text_dim",
    "text_len": "text_length",
    "in_dim": "in_channels",
    "freq_dim": "freq_dim",
    "eps": "eps",
    "vace_layers": "vace_layers",
    "vace_in_dim": "vace_in_channels",
}


def read_dit_config(path: Path) -> DitConfig:
    """Read a `config.json` in Wan's own key names; keys it lacks keep the 1.3B values.

    Without `vace_layers` the hints go to every second layer, as in VACE 1.3B.

    Raises:
        ValueError: the file is not a JSON object.
    """
    raw = _read_object(path)
    known: dict = {ours: raw[theirs] for theirs, ours in _DIT_KEYS.items() if theirs in raw}
    layers = known.get("layers", WAN_1_3B.layers)
    known["vace_layers"] = tuple(known.get("vace_layers", range(0, layers, 2)))
    return replace(WAN_1_3B, **known)


def read_stream_config(path: Path, preset: StreamConfig) -> StreamConfig:
    """Override `preset` with `num_frame_per_block`, `local_attn_size`, `sink_size` where a `config.json` names them.

    With LongLive's `global_sink` true a prompt switch keeps the sink, with false it renews it. A `local_attn_size` of -1 (the
    training code's "no limit") keeps the preset's window.
    """
    raw = _read_object(path)
    raw = {**raw, **raw.get("model_kwargs", {})}
    window = raw.get("local_attn_size", -1)
    return replace(
        preset,
        block=raw.get("num_frame_per_block", preset.block),
        window=preset.window if window <= 0 else window,
        sink=raw.get("sink_size", preset.sink),
        renews_sink=not raw["global_sink"] if "global_sink" in raw else preset.renews_sink,
    )


def _read_object(path: Path) -> dict:
    raw = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict):
        raise ValueError(f"scope-wan-vace: {path} must hold a JSON object, got {type(raw).__name__}")
    return raw


def read_configs(generator: Generator) -> tuple[DitConfig, StreamConfig]:
    """Sizes and window from the generator's own `config.json`, then Wan's, then the published values.

    Raises:
        WeightsError: a `config.json` is damaged.
    """
    own = None if generator.config is None else get_model_file_path(generator.relative(generator.config))
    shared = get_model_file_path(WAN_CONFIG)
    found = next((path for path in (own, shared) if path is not None and path.is_file()), None)
    if found is None:
        return WAN_1_3B, generator.stream
    try:
        stream = read_stream_config(found, generator.stream) if found == own else generator.stream
        return read_dit_config(found), stream
    except (ValueError, TypeError) as error:
        raise WeightsError(found, f"is damaged ({error})") from error

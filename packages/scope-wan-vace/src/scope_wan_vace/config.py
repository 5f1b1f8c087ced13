"""Shapes of the models and of the stream: plain values, importable without torch.

Sources: the Wan2.1 report (arXiv 2503.20314) for the transformer, VACE (arXiv 2503.07598) for the
control branch, Self-Forcing (arXiv 2506.08009), LongLive (arXiv 2509.22622) and Causal-Forcing
(arXiv 2602.02214) for block, window and sink.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class DitConfig:
    """Architecture of the diffusion transformer and of its VACE branch.

    Attributes:
        patch: patch size (frames, rows, columns) in latent cells.
        vace_layers: indices of the main layers that receive a VACE hint.
        vace_in_channels: 16 inactive + 16 reactive + 64 mask channels.
    """

    dim: int = 1536
    ffn_dim: int = 8960
    heads: int = 12
    layers: int = 30
    text_dim: int = 4096
    text_length: int = 512
    in_channels: int = 16
    patch: tuple[int, int, int] = (1, 2, 2)
    freq_dim: int = 256
    eps: float = 1e-6
    vace_layers: tuple[int, ...] = tuple(range(0, 30, 2))
    vace_in_channels: int = 96

    @property
    def head_dim(self) -> int:
        """Channels of one attention head."""
        return self.dim // self.heads


WAN_1_3B = DitConfig()

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


@dataclass(frozen=True)
class StreamConfig:
    """How a checkpoint was trained to stream, in latent frames.

    Attributes:
        block: latent frames denoised together.
        window: latent frames that attention can see, the current block and the sink included.
        sink: first latent frames of the stream that never leave the window.
    """

    block: int
    window: int
    sink: int

    def __post_init__(self):
        if self.window % self.block or self.sink % self.block or self.sink + self.block > self.window:
            raise ValueError(
                f"scope-wan-vace: window {self.window} and sink {self.sink} must be multiples of block {self.block}, "
                "and the window must hold the sink and one more block"
            )


def read_stream_config(path: Path, preset: StreamConfig) -> StreamConfig:
    """Override `preset` with `num_frame_per_block`, `local_attn_size`, `sink_size` where a `config.json` names them.

    A `local_attn_size` of -1 (the training code's "no limit") keeps the preset's window.
    """
    raw = _read_object(path)
    raw = {**raw, **raw.get("model_kwargs", {})}
    window = raw.get("local_attn_size", -1)
    return StreamConfig(
        block=raw.get("num_frame_per_block", preset.block),
        window=preset.window if window <= 0 else window,
        sink=raw.get("sink_size", preset.sink),
    )


def _read_object(path: Path) -> dict:
    raw = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict):
        raise ValueError(f"scope-wan-vace: {path} must hold a JSON object, got {type(raw).__name__}")
    return raw


@dataclass(frozen=True)
class Generator:
    """A causal checkpoint of Wan2.1 1.3B: where its files are and how it streams.

    Attributes:
        repo_id: Hugging Face repository; files land in `<models>/<repository name>/<file>`.
        checkpoint, lora, config: files inside it, None where there is none.
        stream: used where `config` does not say otherwise.
    """

    repo_id: str
    checkpoint: str
    stream: StreamConfig
    lora: str | None = None
    config: str | None = None

    @property
    def files(self) -> list[str]:
        """Files of the repository that are needed."""
        return [name for name in (self.config, self.checkpoint, self.lora) if name]

    def relative(self, name: str) -> str:
        """Path of a file below the models directory."""
        return f"{self.repo_id.rsplit('/', 1)[-1]}/{name}"


GENERATORS = {
    "longlive": Generator(
        repo_id="daydreamlive/LongLive-1.3B",
        checkpoint="models/longlive_base.pt",
        lora="models/lora.pt",
        config="config.json",
        stream=StreamConfig(block=3, window=12, sink=3),
    ),
    "self-forcing": Generator(
        repo_id="gdhe17/Self-Forcing",
        checkpoint="checkpoints/self_forcing_dmd.pt",
        stream=StreamConfig(block=3, window=21, sink=0),
    ),
    "causal-forcing": Generator(
        repo_id="zhuhz22/Causal-Forcing",
        checkpoint="framewise/causal_forcing.pt",
        stream=StreamConfig(block=1, window=21, sink=0),
    ),
}

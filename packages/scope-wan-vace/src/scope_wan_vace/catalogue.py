"""What can be loaded, and from which files: the one list of generators and autoencoders. Importable without torch.

How each generator streams: Self-Forcing (arXiv 2506.08009), LongLive (arXiv 2509.22622), Causal-Forcing
(arXiv 2602.02214).
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact
from scope.core.pipelines.common_artifacts import (
    LIGHTTAE_ARTIFACT,
    LIGHTVAE_ARTIFACT,
    TAE_ARTIFACT,
    UMT5_ENCODER_ARTIFACT,
    VACE_ARTIFACT,
    WAN_1_3B_ARTIFACT,
)

WEIGHTS = {".pt", ".pth", ".safetensors"}


def weights_of(artifact: HuggingfaceRepoArtifact) -> str:
    """Path, below the models directory, of the only weight file of an artifact."""
    (path,) = [path for path in artifact.local_paths() if path.suffix in WEIGHTS]
    return str(path)


def folder_of(artifact: HuggingfaceRepoArtifact) -> PurePosixPath:
    """Folder of an artifact below the models directory."""
    return artifact.local_paths()[0].parent


WAN_CONFIG = str(folder_of(WAN_1_3B_ARTIFACT) / "config.json")
TOKENIZER_FOLDER = str(folder_of(WAN_1_3B_ARTIFACT) / "google" / "umt5-xxl")
TEXT_ENCODER_FILE = weights_of(UMT5_ENCODER_ARTIFACT)
VACE_FILE = weights_of(VACE_ARTIFACT)


class VaeType(StrEnum):
    """Autoencoders, from the most faithful to the fastest; `auto` is one of them, chosen when the memory is known."""

    WAN = "wan"
    LIGHTVAE = "lightvae"
    LIGHTTAE = "lighttae"
    TAE = "tae"
    AUTO = "auto"

    @property
    def artifact(self) -> HuggingfaceRepoArtifact:
        """What to download."""
        return AUTOENCODERS[self]

    @property
    def file(self) -> str:
        """Weight file below the models directory."""
        return weights_of(self.artifact)


AUTOENCODERS = {
    VaeType.WAN: WAN_1_3B_ARTIFACT,
    VaeType.LIGHTVAE: LIGHTVAE_ARTIFACT,
    VaeType.LIGHTTAE: LIGHTTAE_ARTIFACT,
    VaeType.TAE: TAE_ARTIFACT,
}


@dataclass(frozen=True)
class StreamConfig:
    """How a checkpoint was trained to stream, in latent frames.

    Attributes:
        block: latent frames denoised together.
        window: latent frames that attention can see, the current block and the sink included.
        sink: first latent frames of the stream that never leave the window.
        renews_sink: whether a prompt switch makes the oldest visible frames the new sink (LongLive calls the
            opposite `global_sink`).
    """

    block: int
    window: int
    sink: int
    renews_sink: bool = False

    def __post_init__(self):
        if self.window % self.block or self.sink % self.block or self.sink + self.block > self.window:
            raise ValueError(
                f"scope-wan-vace: window {self.window} and sink {self.sink} must be multiples of block {self.block}, "
                "and the window must hold the sink and one more block"
            )


class GeneratorName(StrEnum):
    """Causal checkpoints of Wan2.1 1.3B."""

    LONGLIVE = "longlive"
    SELF_FORCING = "self-forcing"
    CAUSAL_FORCING = "causal-forcing"
    CAUSAL_FORCING_CHUNKWISE = "causal-forcing-chunkwise"


@dataclass(frozen=True)
class Generator:
    """Where the files of a causal checkpoint are and how it streams.

    Attributes:
        repo_id: Hugging Face repository; files land in `<models>/<repository name>/<file>`. None for files of the
            user's own, whose names are paths.
        checkpoint, lora, config: files inside it, None where there is none.
        root: the state dict inside the checkpoint that its publisher runs; None takes the first of the usual ones.
        stream: used where `config` does not say otherwise.
    """

    repo_id: str | None
    checkpoint: str
    stream: StreamConfig
    root: str | None = None
    lora: str | None = None
    config: str | None = None

    @property
    def artifact(self) -> HuggingfaceRepoArtifact:
        """What to download."""
        assert self.repo_id is not None
        files = [name for name in (self.config, self.checkpoint, self.lora) if name]
        return HuggingfaceRepoArtifact(repo_id=self.repo_id, files=files)

    def relative(self, name: str) -> str:
        """Path of a file, absolute or below the models directory."""
        return name if self.repo_id is None else f"{self.repo_id.rsplit('/', 1)[-1]}/{name}"


GENERATORS = {
    GeneratorName.LONGLIVE: Generator(
        repo_id="daydreamlive/LongLive-1.3B",
        checkpoint="models/longlive_base.pt",
        root="generator",
        lora="models/lora.pt",
        config="config.json",
        stream=StreamConfig(block=3, window=12, sink=3),
    ),
    GeneratorName.SELF_FORCING: Generator(
        repo_id="gdhe17/Self-Forcing",
        checkpoint="checkpoints/self_forcing_dmd.pt",
        root="generator_ema",
        stream=StreamConfig(block=3, window=21, sink=0),
    ),
    GeneratorName.CAUSAL_FORCING: Generator(
        repo_id="zhuhz22/Causal-Forcing",
        checkpoint="framewise/causal_forcing.pt",
        root="generator_ema",
        stream=StreamConfig(block=1, window=21, sink=0),
    ),
    GeneratorName.CAUSAL_FORCING_CHUNKWISE: Generator(
        repo_id="zhuhz22/Causal-Forcing",
        checkpoint="chunkwise/causal_forcing.pt",
        root="generator",
        stream=StreamConfig(block=3, window=21, sink=0),
    ),
}


def with_checkpoint(generator: Generator, checkpoint: str) -> Generator:
    """Another checkpoint that streams like `generator`, unless the `config.json` beside it says otherwise.

    Args:
        checkpoint: path, absolute or below the models directory.
    """
    config = str(Path(checkpoint).with_name("config.json"))
    return Generator(repo_id=None, checkpoint=checkpoint, stream=generator.stream, config=config)


ARTIFACTS: list[HuggingfaceRepoArtifact] = [
    WAN_1_3B_ARTIFACT,
    UMT5_ENCODER_ARTIFACT,
    VACE_ARTIFACT,
    *(artifact for artifact in AUTOENCODERS.values() if artifact is not WAN_1_3B_ARTIFACT),
    *(generator.artifact for generator in GENERATORS.values()),
]


def repository_at(folders: tuple[str, ...]) -> str | None:
    """The Hugging Face repository that one of these folder names is the local copy of."""
    return next((found.repo_id for found in ARTIFACTS if folder_of(found).parts[0] in folders), None)


def nearest_size(height: int, width: int) -> tuple[int, int]:
    """The nearest (height, width) in pixels that splits into patches of 2 x 2 latent cells of 8 x 8 pixels.

    >>> nearest_size(480, 832), nearest_size(100, 3)
    ((480, 832), (96, 16))
    """
    return max(16, round(height / 16) * 16), max(16, round(width / 16) * 16)

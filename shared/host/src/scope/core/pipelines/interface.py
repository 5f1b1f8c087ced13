"""The class that every pipeline derives from. Importing this module does not import torch."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scope.core.pipelines.base_schema import BasePipelineConfig


@dataclass(frozen=True)
class Requirements:
    """What a pipeline needs before its next call.

    `input_size`: how many video frames to gather, 1 to 30. Keep it constant: the original host stalls on a larger one.
    """

    input_size: int


class Pipeline(ABC):
    """Turns frames, prompts and parameters into frames.

    A host constructs it with `cls(**schema_defaults, **load_params)` on a worker thread; a subclass need not call
    `super().__init__`.

    `chosen`: what an instance took itself for fields that leave it the choice, such as {"vae_type": "tae"} where "auto"
    was asked for; this host shows it beside them.
    """

    chosen: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    @abstractmethod
    def get_config_class(cls) -> "type[BasePipelineConfig]":
        """The schema of this pipeline: its metadata, parameters and their defaults."""

    def prepare(self, **kwargs: Any) -> Requirements | None:
        """How many frames the next call needs, or None to be called at once. Called often: keep it free of cost."""
        return None

    @abstractmethod
    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        """Make the next frames.

        `kwargs["video"]`, in video mode, is a list of tensors (1, H, W, C) in [0, 255], float32 or uint8. Runtime
        parameters arrive by name, only those that were set.

        Returns `{"video": THWC float tensor in [0, 1]}`. Other keys reach the next pipeline as parameters; an empty
        dict means that there is nothing to show yet.
        """

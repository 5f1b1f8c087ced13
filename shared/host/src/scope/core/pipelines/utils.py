"""What pipelines with models need around them. Importing this module does not import torch."""

from pathlib import Path
from typing import TYPE_CHECKING

from scope.core.pipelines.enums import VaeType

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["VaeType", "load_state_dict", "validate_resolution"]


def load_state_dict(weights_path: str | Path) -> "dict[str, Tensor]":
    """The tensors of a `.safetensors` file, or of one that torch wrote, on the CPU; nothing in it is executed.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = Path(weights_path)
    if not path.is_file():
        raise FileNotFoundError(f"expected a file with weights, found none at {path}")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path, device="cpu")
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def validate_resolution(height: int, width: int, scale_factor: int) -> None:
    """Raise ValueError unless both sides are multiples of `scale_factor`; the message names the nearest size that is."""
    if height % scale_factor == 0 and width % scale_factor == 0:
        return
    near = " x ".join(str(max(1, round(side / scale_factor)) * scale_factor) for side in (height, width))
    raise ValueError(
        f"expected height and width to be multiples of {scale_factor}, got {height} x {width}; the nearest is {near}"
    )

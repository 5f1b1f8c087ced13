"""Grey."""

from torch import Tensor

from scope_control.maps.base import ControlMap, SharedFields
from scope_gpu.image.color import luma


class Grey(ControlMap):
    """Brightness only: Rec. 709 luma."""

    name = "grey"

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        return luma(frames)

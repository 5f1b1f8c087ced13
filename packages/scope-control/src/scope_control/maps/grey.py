"""Grey."""

from torch import Tensor

from scope_control.maps.base import ControlMap, SharedFields


class Grey(ControlMap):
    """Brightness only, as OpenCV's and Pillow's grey, which models were trained on."""

    name = "grey"

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        return rec601_luma(frames)


def rec601_luma(frames: Tensor) -> Tensor:
    """Rec. 601 luma of TCHW as T1HW, in the range of the input (ITU-R BT.601)."""
    red, green, blue = frames.split(1, dim=-3)
    return (red * 0.299).add_(green, alpha=0.587).add_(blue, alpha=0.114)

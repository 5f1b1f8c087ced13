"""Gray."""

from torch import Tensor

from scope_control.maps.base import REC601_LUMA, ControlMap, SharedFields, Shot, Source


class Gray(ControlMap):
    """Brightness only, as OpenCV's and Pillow's gray, which models were trained on."""

    name = "gray"
    aliases = ("grey",)

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(weights=REC601_LUMA)

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        return shot.frames

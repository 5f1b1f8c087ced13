"""Up and down in size without a shift: level n + 1 has exactly half the pixels of level n, rounded up."""

from torch import Tensor

from scope_gpu.image.blur import enlarge, halve

__all__ = ["doubled", "halve"]


def doubled(planes: Tensor, like: Tensor, times: int = 1) -> Tensor:
    """TCHW `times` doubled, bilinear, and cut to the height and width of `like`: the way back from `halve`."""
    height, width = planes.shape[-2:]
    return enlarge(planes, height << times, width << times)[..., : like.shape[-2], : like.shape[-1]]

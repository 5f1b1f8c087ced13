"""How bright a picture is as a whole, so that thresholds find something in films that were shot in the dark."""

from torch import Tensor

# The mean luma from which a threshold means what it says, and the least share of one that is left.
_USUAL, _LEAST = 0.4, 0.25


def exposure(luma: Tensor) -> Tensor:
    """By how much to multiply a threshold of brightness: 1 in a picture of usual light, less in a dark one; 0-dim.

    Args:
        luma: display values [0, 1] of any shape.
    """
    return (luma.mean() / _USUAL).clamp(_LEAST, 1.0)

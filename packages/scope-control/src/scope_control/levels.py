"""Thresholds, given or taken from the picture, and soft steps between them. Nothing here waits for the device."""

from collections.abc import Callable

from torch import Tensor

type Levels = Callable[[Tensor], tuple[Tensor | float, Tensor | float]]
"""Makes (low, high) for values T1HW; as T111 where they differ between frames."""


NARROWEST = 1e-4
"""Added to the distance of two levels: equal ones make a hard step, but none that amplifies rounding."""


def fixed(low: float, high: float) -> Levels:
    """The same two levels for every picture; `high` is lifted to `low` where it lies below."""
    return lambda values: (low, max(low, high))


def automatic(floor: float, medians: float, gain: float) -> Levels:
    """Levels from the median of each frame's values, so that noise and busy texture raise them.

    high = (floor + medians * median) / gain, low = 0.4 * high; 0.4 is the usual ratio of Canny's two thresholds.
    """

    def levels(values: Tensor) -> tuple[Tensor, Tensor]:
        high = (floor + medians * median(values)) / gain
        return 0.4 * high, high

    return levels


def gain(detail: float) -> float:
    """How much more sensitive than usual a map shall be: a third at detail 0, 1 at 0.5, threefold at 1."""
    return 9.0 ** (detail - 0.5)


def median(planes: Tensor) -> Tensor:
    """The median of each plane of T1HW, as T111, from every second pixel in both directions."""
    return planes[..., ::2, ::2].flatten(1).median(dim=1).values.view(-1, 1, 1, 1)


def smoothstep(values: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """0 up to `low`, 1 from `high`, and the Hermite curve 3t² - 2t³ between."""
    t = ((values - low) / (high - low + NARROWEST)).clamp_(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)

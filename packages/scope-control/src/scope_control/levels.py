"""Thresholds, given or taken from the picture, and soft steps between them. Nothing here waits for the device."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

type Levels = Callable[[Tensor], tuple[Tensor | float, Tensor | float]]
"""Makes (low, high) for values T1HW; as T111 where they differ between frames."""


NARROWEST = 1e-4
"""Added to the distance of two levels: equal ones make a hard step, but none that amplifies rounding."""


SAMPLE = 20_000
"""How many pixels of a frame the automatic thresholds are taken from."""


FAINTEST = 2.0 / 255.0
"""The lowest automatic threshold: a flat picture in 8 bits has steps of one, and no lines."""
PEAK, FAINTER = 0.002, 0.25
"""Nor is it lower than this part of what only that share of the values exceeds: beside bold lines faint traces are none."""


def fixed(low: float, high: float) -> Levels:
    """The same two levels for every picture; `high` is lifted to `low` where it lies below."""
    return lambda values: (low, max(low, high))


def automatic(
    floor: float, medians: float, gain: float, share: float = 0.0, most: float = 1.0, highest: float = 1.0
) -> Levels:
    """Levels from the median of each frame's values, so that noise and busy texture raise them.

    high = (floor + medians * median) / gain, low = 0.4 * high; 0.4 is the usual ratio of Canny's two thresholds.

    Args:
        share: of the frame's values (times `gain`) that shall lie above `high` at the least: in a picture so soft, dark
            or busy that fewer do, `high` is lowered to that percentile, though not below what 8 bits can tell apart, nor
            far below the strongest values, as in a drawing whose few lines are bold.
        most: of them that may lie above it: in a picture of strong contrasts `high` is raised to that percentile.
        highest: what the median may raise it to.
    """

    def levels(values: Tensor) -> tuple[Tensor, Tensor]:
        high = (floor + medians * median(values)).clamp(max=highest) / gain
        if share > 0.0:
            least = (FAINTER * strongest(values, PEAK)).clamp(min=FAINTEST)
            high = torch.minimum(high, torch.maximum(strongest(values, min(0.5, share * gain)), least))
        if most < 1.0:
            high = torch.maximum(high, strongest(values, min(0.5, most * gain)))
        return 0.4 * high, high

    return levels


def gain(detail: float) -> float:
    """How much more sensitive than usual a map shall be: a third at detail 0, 1 at 0.5, threefold at 1."""
    return 9.0 ** (detail - 0.5)


def median(planes: Tensor) -> Tensor:
    """The median of each plane of T1HW, as T111, from a sample."""
    return sample(planes).flatten(1).median(dim=1).values.view(-1, 1, 1, 1)


def strongest(planes: Tensor, share: float) -> Tensor:
    """The value that a `share` of each plane of T1HW lies above, as T111, from a sample."""
    values = sample(planes).flatten(1)
    place = max(1, math.ceil((1.0 - share) * values.shape[1]))
    return values.kthvalue(place, dim=1).values.view(-1, 1, 1, 1)


def sample(planes: Tensor) -> Tensor:
    """Some `SAMPLE` values of each plane of T1HW, evenly spread, T1hw."""
    step = max(1, round(math.sqrt(planes.shape[-2] * planes.shape[-1] / SAMPLE)))
    return planes[..., ::step, ::step]


def smoothstep(values: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """0 up to `low`, 1 from `high`, and the Hermite curve 3t² - 2t³ between."""
    t = ((values - low) / (high - low + NARROWEST)).clamp_(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)

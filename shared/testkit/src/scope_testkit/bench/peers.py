"""The same work by well-known libraries, where they are installed."""

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from scope_testkit.bench.measure import Subject

SIGMA, LOW, HIGH = 1.4, 40, 100
"""Of Canny: the blur and OpenCV's thresholds that `control` comes to on this footage."""


def peers(frame: Tensor, device: torch.device) -> Iterator[Subject]:
    """Canny edges and a Gaussian of sigma 10 of a frame (1, H, W, 3) uint8, by OpenCV and by kornia.

    In their own formats: OpenCV takes and gives uint8, kornia float planes. What `control` spends on the way in and out,
    and on smoothing over time, they do not.
    """
    if importlib.util.find_spec("cv2"):
        yield from _opencv(importlib.import_module("cv2"), frame[0].numpy())
    if importlib.util.find_spec("kornia"):
        yield from _kornia(
            importlib.import_module("kornia.filters"), frame.to(device).permute(0, 3, 1, 2).to(torch.float32) / 255.0
        )


def _opencv(cv2: ModuleType, picture: np.ndarray) -> Iterator[Subject]:
    def canny(picture: np.ndarray) -> object:
        return cv2.Canny(cv2.GaussianBlur(picture, (0, 0), SIGMA), LOW, HIGH)

    cv2.setNumThreads(torch.get_num_threads())
    yield Subject("OpenCV: canny", lambda number: canny(picture))
    yield Subject("OpenCV: canny of brightness", lambda number: canny(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)))
    yield Subject("OpenCV: blur", lambda number: cv2.GaussianBlur(picture, (0, 0), 10.0))


def _kornia(filters: ModuleType, planes: Tensor) -> Iterator[Subject]:
    def canny(number: int) -> object:
        return filters.canny(planes, LOW / 1020, HIGH / 1020, (9, 9), (SIGMA, SIGMA), hysteresis=True)

    yield Subject("kornia: canny of brightness", canny)
    yield Subject("kornia: blur", lambda number: filters.gaussian_blur2d(planes, (61, 61), (10.0, 10.0)))

"""The same work by well-known libraries, where they are installed."""

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from scope_testkit.bench.measure import Subject


def peers(frame: Tensor, device: torch.device) -> Iterator[Subject]:
    """Canny edges and a Gaussian of sigma 10 of a frame (1, H, W, 3) uint8, by OpenCV and by kornia."""
    if importlib.util.find_spec("cv2"):
        yield from _opencv(importlib.import_module("cv2"), frame[0].numpy())
    if importlib.util.find_spec("kornia"):
        yield from _kornia(
            importlib.import_module("kornia.filters"), frame.to(device).permute(0, 3, 1, 2).to(torch.float32) / 255.0
        )


def _opencv(cv2: ModuleType, picture: np.ndarray) -> Iterator[Subject]:
    def canny(number: int) -> object:
        return cv2.Canny(cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.4), 25, 50)

    cv2.setNumThreads(torch.get_num_threads())
    yield Subject("OpenCV: canny", canny)
    yield Subject("OpenCV: blur", lambda number: cv2.GaussianBlur(picture, (0, 0), 10.0))


def _kornia(filters: ModuleType, planes: Tensor) -> Iterator[Subject]:
    yield Subject("kornia: canny", lambda number: filters.canny(planes, hysteresis=True))
    yield Subject("kornia: blur", lambda number: filters.gaussian_blur2d(planes, (61, 61), (10.0, 10.0)))

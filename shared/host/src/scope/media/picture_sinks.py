"""PNG: every frame in a file of its own, or the last frame only."""

import torch
from PIL import Image

from scope.media.sink import Sink
from scope.media.staging import StagedFile, StagedSequence

# zlib's fastest level: a third larger than the default, several times as fast.
_COMPRESSION = 1


class SequenceSink(Sink):
    """Each frame a PNG, numbered from 0."""

    def __init__(self, staging: StagedSequence) -> None:
        super().__init__(staging)
        self._files = staging

    def _put(self, pixels: torch.Tensor) -> None:
        Image.fromarray(pixels.numpy()).save(self._files.path(self.frames), "PNG", compress_level=_COMPRESSION)

    def _finish(self) -> None:
        """Nothing is held."""

    def _drop(self) -> None:
        """Nothing is open."""


class LastPictureSink(Sink):
    """One PNG of the last frame: what a stream has come to after the frames asked for."""

    def __init__(self, staging: StagedFile) -> None:
        super().__init__(staging)
        self._file = staging.path
        self._last: torch.Tensor | None = None

    def _put(self, pixels: torch.Tensor) -> None:
        # A copy, for the caller may reuse the memory, and a view would keep the whole batch alive.
        self._last = pixels.clone()

    def _finish(self) -> None:
        if self._last is not None:
            Image.fromarray(self._last.numpy()).save(self._file, "PNG")

    def _drop(self) -> None:
        self._last = None

"""What every sink does: write all or nothing; and with frames: check, convert, fit to one size."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from av.error import FFmpegError

from scope.media.errors import MediaError, cannot_continue
from scope.media.fit import Size, cover
from scope.media.staging import Staging


class Output(ABC):
    """Makes a file, which appears under its name only when it is complete.

    As a context manager it closes at the end and aborts when the block is left by an exception, an interrupt too. When
    writing fails, the partial file is gone before the error is raised.
    """

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._open = True

    @property
    def path(self) -> Path:
        """The file, or the pattern of the files, that close() makes."""
        return self._staging.target

    @property
    @abstractmethod
    def written(self) -> str:
        """How much was written, in words."""

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing was written."""

    def close(self) -> None:
        """Finish the file and give it its name. Closing again does nothing.

        Raises:
            MediaError: nothing was written, or finishing failed; nothing is left behind.
        """
        if not self._open:
            return
        if self.is_empty:
            self.abort()
            raise MediaError(f"nothing came to write to {self.path}")
        try:
            self._finish()
            self._staging.commit()
        except (OSError, FFmpegError) as error:
            self.abort()
            raise cannot_continue(self.path, error, self.written) from error
        except BaseException:
            self.abort()
            raise
        self._open = False

    def abort(self) -> None:
        """Remove what was written; what had the name before keeps it."""
        if not self._open:
            return
        self._open = False
        try:
            with suppress(OSError, FFmpegError):
                self._drop()
        finally:
            self._staging.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    @abstractmethod
    def _finish(self) -> None:
        """Write what is still held and close the staged file."""

    @abstractmethod
    def _drop(self) -> None:
        """Let go of the staged file, complete or not."""

    @contextmanager
    def _writing(self) -> Generator[None]:
        """What every write goes through: after an error nothing is left behind."""
        if not self._open:
            raise ValueError(f"{self.path} is closed")
        try:
            yield
        except (OSError, FFmpegError) as error:
            self.abort()
            raise cannot_continue(self.path, error, self.written) from error


class Sink(Output):
    """Takes frames and makes a file of them.

    `frames` counts what was written; `size` is (width, height) of the first frame, and later frames of another size are
    scaled to cover it.
    """

    def __init__(self, staging: Staging) -> None:
        super().__init__(staging)
        self.frames = 0
        self.size: Size | None = None

    @property
    def written(self) -> str:
        """How many frames were written."""
        return f"{self.frames} frame{'' if self.frames == 1 else 's'}"

    @property
    def is_empty(self) -> bool:
        """Whether there was no frame."""
        return not self.frames

    def write(self, frames: torch.Tensor) -> None:
        """Append frames (T, H, W, 3), float in [0, 1] or uint8, on any device.

        Floats outside [0, 1] are clamped and NaN is black.

        Raises:
            ValueError: another shape or type; nothing is written then.
            MediaError: the disk is full or the encoder refuses; nothing is left behind.
        """
        check_frames(frames)
        with self._writing():
            # One at a time, so that a long batch never stands in memory twice.
            for frame in frames:
                self.size = self.size or (frame.shape[1], frame.shape[0])
                self._put(cover(as_uint8(frame), self.size))
                self.frames += 1

    @abstractmethod
    def _put(self, pixels: torch.Tensor) -> None:
        """Write one picture, uint8 (H, W, 3) on the CPU, always of the first one's size."""


def check_frames(frames: torch.Tensor) -> None:
    """Refuse anything but frames (T, H, W, 3), float or uint8.

    Raises:
        ValueError: another shape or type.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or 0 in frames.shape[1:]:
        raise ValueError(f"expected frames of shape (T, H, W, 3), got {tuple(frames.shape)}")
    if frames.dtype != torch.uint8 and not frames.is_floating_point():
        raise ValueError(f"expected float or uint8 frames, got {frames.dtype}")


def as_uint8(pixels: torch.Tensor) -> torch.Tensor:
    """Pixels of any shape, float in [0, 1] or uint8, as uint8 on the CPU: rounded to nearest, clamped, NaN as black."""
    pixels = pixels.detach()
    if pixels.dtype != torch.uint8:
        scaled = pixels.float() * 255
        pixels = scaled.nan_to_num_(nan=0.0).clamp_(0, 255).round_().to(torch.uint8)
    return pixels.cpu()

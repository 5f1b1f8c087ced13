"""Newest picture wins between two processes: a ring of four slots in shared memory, one writer, any readers.

A slot's `seq` is odd while the slot is written, and a reader looks at it again after copying: it never hands out half a
picture, it waits for nobody and holds nobody up.
"""

import os
import secrets
import shutil
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import NamedTuple

import numpy as np

SLOTS = 4

# seq, captured ns, number, width, height, pipeline microseconds, bytes; padded to a cache line of 64.
_HEADER = struct.Struct("<QQIHHII")
_SEQ = struct.Struct("<Q")
_HEADER_SIZE = 64
_MOUNT = Path("/dev/shm")

Fill = Callable[[np.ndarray], object]


class RingError(OSError):
    """No shared memory for a ring, in one sentence."""


class Slot(NamedTuple):
    """A picture as it was read: `pixels` is a copy, uint8 (H, W, 3); the rest is what the writer said of it."""

    pixels: np.ndarray
    number: int
    captured_ns: int
    pipeline_us: int


@dataclass(frozen=True)
class Stamp:
    """What goes with a picture: its number, its capture on `time.monotonic_ns`, and its time in the pipeline."""

    number: int
    captured_ns: int
    pipeline_us: int = 0


class Ring:
    """Shared memory for the newest pictures of one tap, each of at most `capacity` bytes.

    The side that creates it calls `unlink` at the end; the other one opens it by name and calls `close`.
    """

    def __init__(self, memory: SharedMemory) -> None:
        self._memory = memory
        self._writing = threading.Lock()
        self.capacity = memory.size // SLOTS - _HEADER_SIZE
        # A ring outlives its writers: the next one goes on counting, or its pictures would look old.
        self._written = max(self._sequences())[0] // 2

    @classmethod
    def create(cls, capacity: int, last_number: int = 0) -> "Ring":
        """A new ring that goes on behind the picture `last_number`; pages are used only once they are written.

        Raises:
            RingError: the system has no room for it.
        """
        size = SLOTS * (_HEADER_SIZE + -(-capacity // _HEADER_SIZE) * _HEADER_SIZE)
        _check_room(size)
        try:
            memory = SharedMemory(segment_name(), create=True, size=size)
        except OSError as error:
            raise RingError(f"no shared memory for pictures ({size >> 20} MB): {error.strerror or error}") from error
        ring = cls(memory)
        _HEADER.pack_into(ring._bytes, 0, 0, 0, last_number, 0, 0, 0, 0)
        return ring

    @classmethod
    def open(cls, name: str) -> "Ring":
        """The ring that another process created under that name; FileNotFoundError when it is gone."""
        return cls(SharedMemory(name))

    @property
    def name(self) -> str:
        """What `open` takes in another process."""
        return self._memory.name

    @property
    def last_number(self) -> int:
        """The number of the newest picture, or the one that this ring goes on behind."""
        with self._writing:
            return max(_HEADER.unpack_from(self._bytes, self._start(i))[2] for i in range(SLOTS))

    def has_newer(self, after: int) -> bool:
        """Whether a picture is there whose number is above `after`."""
        seq, start = max(self._sequences())
        return seq > 0 and _HEADER.unpack_from(self._bytes, start)[2] > after

    def write(self, width: int, height: int, stamp: Stamp, fill: Fill) -> None:
        """Let `fill` put a picture into the oldest slot, an array uint8 (height, width, 3).

        Raises:
            ValueError: the picture is larger than a slot.
            RingError: another thread has closed the ring.
        """
        nbytes = width * height * 3
        if nbytes > self.capacity:
            raise ValueError(f"a picture of {width}x{height} needs {nbytes} bytes, a slot has {self.capacity}")
        with self._writing:
            seq = 2 * (self._written + 1)
            start = self._start(self._written % SLOTS)
            _SEQ.pack_into(self._bytes, start, seq - 1)
            fill(self._pixels(start, width, height))
            header = (stamp.captured_ns, stamp.number, width, height, min(stamp.pipeline_us, 2**32 - 1), nbytes)
            _HEADER.pack_into(self._bytes, start, seq - 1, *header)
            _SEQ.pack_into(self._bytes, start, seq)
            self._written += 1

    def newest(self, after: int = 0) -> Slot | None:
        """A copy of the newest whole picture whose number is above `after`; None when there is none."""
        for _ in range(SLOTS):
            seq, start = max(self._sequences())
            if seq == 0 or _HEADER.unpack_from(self._bytes, start)[2] <= after:
                return None
            if (slot := self._copy(start, seq)) is not None:
                return slot
        return None

    def close(self) -> None:
        """Let go of the memory when no picture is being written; the other side keeps it."""
        with self._writing, suppress(BufferError):  # an array of a fill that still lives: the mapping ends with it
            self._memory.close()

    def unlink(self) -> None:
        """Close it and remove it from the system. Safe to call twice."""
        self.close()
        with suppress(FileNotFoundError):
            self._memory.unlink()

    @property
    def _bytes(self) -> memoryview:
        if self._memory.buf is None:
            raise RingError(f"the ring {self.name} is closed")
        return self._memory.buf

    def _sequences(self) -> list[tuple[int, int]]:
        """(seq, start) of every slot that is not being written."""
        starts = [self._start(i) for i in range(SLOTS)]
        found = [(_SEQ.unpack_from(self._bytes, start)[0], start) for start in starts]
        return [(seq, start) for seq, start in found if seq % 2 == 0] or [(0, 0)]

    def _copy(self, start: int, seq: int) -> Slot | None:
        _, captured, number, width, height, pipeline_us, nbytes = _HEADER.unpack_from(self._bytes, start)
        if nbytes > self.capacity:
            return None
        pixels = self._pixels(start, width, height).copy() if nbytes == width * height * 3 else None
        if pixels is None or _SEQ.unpack_from(self._bytes, start)[0] != seq:
            return None
        return Slot(pixels, number, captured, pipeline_us)

    def _pixels(self, start: int, width: int, height: int) -> np.ndarray:
        return np.ndarray((height, width, 3), np.uint8, self._bytes, start + _HEADER_SIZE)

    def _start(self, index: int) -> int:
        return index * (self._memory.size // SLOTS // _HEADER_SIZE * _HEADER_SIZE)


def segment_name() -> str:
    """A new name for shared memory, which says whose it is: the process that creates it also removes it."""
    return f"scope-{os.getpid()}-{secrets.token_hex(4)}"


def _check_room(size: int) -> None:
    """Writing beyond a full /dev/shm would kill the process with SIGBUS, so a lack of room is said here."""
    if sys.platform != "linux" or not _MOUNT.is_dir():
        return
    free = shutil.disk_usage(_MOUNT).free
    if free < size:
        raise RingError(
            f"a ring for pictures needs {size >> 20} MB of {_MOUNT}, which has {free >> 20} MB left "
            "(in a container: --shm-size=1g)"
        )

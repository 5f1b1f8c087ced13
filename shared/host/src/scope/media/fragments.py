"""Fragmented MP4 repaired where it lies: its boxes, each a length and a name (ISO/IEC 14496-12), cut off or struck out."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

# Players skip a box of this name, whatever is in it.
_NOTHING = b"free"
# Boxes that hold others, some of which are about one track each: where those say which.
_HOLDERS = frozenset({b"moov", b"mvex", b"moof", b"mfra"})
_NUMBERED_IN = {b"trak": b"tkhd", b"traf": b"tfhd", b"trex": b"trex", b"tfra": b"tfra"}


class Box(NamedTuple):
    """A whole box: it lies from `start` to `end`, and what is in it begins at `body`."""

    kind: bytes
    start: int
    body: int
    end: int


def cut_to_whole_fragments(path: Path) -> None:
    """Cut off what a write that stopped short has left behind the last whole `mdat` box."""
    with path.open("r+b") as file:
        file.truncate(max((box.end for box in _boxes(file) if box.kind == b"mdat"), default=0))


def strike_out_sound(path: Path) -> None:
    """Make a film one without sound: every box about such a track becomes an empty one. No byte is moved.

    Raises:
        OSError: the file cannot be changed.
    """
    with path.open("r+b") as file:
        about = list(_about_tracks(file))
        sounds = {track for box, track in about if box.kind == b"trak" and _is_sound(file, box)}
        for box, track in about:
            if track in sounds:
                file.seek(box.start + 4)
                file.write(_NOTHING)


def _boxes(file: BinaryIO, within: Box | None = None) -> Iterator[Box]:
    """The whole boxes of a file or of a box, in order."""
    position = within.body if within else 0
    end = within.end if within else file.seek(0, 2)
    while position + 8 <= end:
        file.seek(position)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size < 8 or position + size > end:
            return
        yield Box(kind, position, position + 8, position + size)
        position += size


def _part(file: BinaryIO, within: Box, kind: bytes) -> Box:
    """The first box of a kind in another one; that one itself where there is none."""
    return next((box for box in _boxes(file, within) if box.kind == kind), within)


def _about_tracks(file: BinaryIO, within: Box | None = None) -> Iterator[tuple[Box, int]]:
    """Every box that is about one track, and that track's number."""
    for box in _boxes(file, within):
        if box.kind in _HOLDERS:
            yield from _about_tracks(file, box)
        elif box.kind in _NUMBERED_IN:
            yield box, _track_of(file, _part(file, box, _NUMBERED_IN[box.kind]))


def _is_sound(file: BinaryIO, track: Box) -> bool:
    handler = _part(file, _part(file, track, b"mdia"), b"hdlr")
    file.seek(handler.body + 8)
    return file.read(4) == b"soun"


def _track_of(file: BinaryIO, box: Box) -> int:
    """The track that a box names behind its version; in a `tkhd` two times of 4 or, in version 1, 8 bytes come first."""
    file.seek(box.body)
    start = file.read(24)
    at = 4 if box.kind != b"tkhd" else 20 if start[0] else 12
    return int.from_bytes(start[at : at + 4])

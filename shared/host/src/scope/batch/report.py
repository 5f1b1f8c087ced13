"""What became of a batch: a row a job, the throughput of each worker, and a picture of every film."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from scope.batch.manifest import Entry, Manifest
from scope.batch.stores import is_url
from scope.media import MediaError, contact_sheet, open_source
from scope.media.remote import Remote
from scope.media.spans import key_frame_spans

SHEET_COLUMNS = 5
SHEET_TILE = 320
SHEET_LIMIT = 100


@dataclass(frozen=True)
class Throughput:
    """What one worker did: films and parts of films, frames, and frames for each second of its work."""

    worker: str
    films: int
    frames: int
    speed: float


def latest(folder: Path) -> list[Entry]:
    """The last attempt at each film, or at a part of one, in the order of their names."""
    entries = {entry.job: entry for entry in Manifest(folder).read()}
    return [entries[name] for name in sorted(entries, key=_natural)]


def _natural(name: str) -> list[tuple[float, str]]:
    """A key that sorts film-2 before film-10."""
    return [
        (float(piece), "") if index % 2 else (0.0, piece)
        for index, piece in enumerate(re.split(r"(\d+(?:\.\d+)?)", name))
    ]


def of_films(entries: Sequence[Entry]) -> list[Entry]:
    """Those of films alone; and of a part that failed, for there is no film then."""
    return [entry for entry in entries if not entry.film or entry.state == "failed"]


def throughputs(entries: Sequence[Entry]) -> list[Throughput]:
    """The workers by name; only what was finished counts, and of a film in parts the parts."""
    done = [entry for entry in entries if entry.state == "done" and not entry.parts]
    workers = sorted({entry.worker for entry in done})
    return [_throughput(worker, [entry for entry in done if entry.worker == worker]) for worker in workers]


def _throughput(worker: str, entries: Sequence[Entry]) -> Throughput:
    frames, seconds = sum(entry.frames for entry in entries), sum(entry.seconds for entry in entries)
    return Throughput(worker, len(entries), frames, frames / max(seconds, 1e-9))


def write_sheet(folder: Path, entries: Sequence[Entry]) -> Path | None:
    """A contact sheet of a picture from the middle of each film, of the first hundred; None if no film can be read."""
    tiles = list(_tiles(folder, entries))
    if not tiles:
        return None
    path = folder / "contact-sheet.png"
    contact_sheet(tiles, SHEET_COLUMNS, SHEET_TILE).save(path)
    return path


def _tiles(folder: Path, entries: Sequence[Entry]) -> Iterator[tuple[str, torch.Tensor]]:
    done = [(entry, place) for entry in entries if entry.state == "done" and (place := _place(folder, entry))]
    for entry, place in done[:SHEET_LIMIT]:
        try:
            picture = _middle(place, entry.frames / max(1.0, entry.rate) / 2)
        except MediaError:
            continue
        yield Path(entry.job).with_suffix("").as_posix(), picture


def _place(folder: Path, entry: Entry) -> Path | Remote | None:
    """Where a film lies: in the folder, which may have moved meanwhile, or in a store; None where it is gone."""
    if is_url(entry.output):
        return Remote(entry.output)
    found = (folder / entry.job, Path(entry.output or entry.job))
    return next((path for path in found if path.is_file()), None)


def _middle(place: Path | Remote, seconds: float) -> torch.Tensor:
    """The picture after so many seconds, HWC; decoded from the key frame before it on, as far as there is one.

    Raises:
        MediaError: the film cannot be read, or holds none.
    """
    spans = key_frame_spans(place, max(seconds, 0.01))
    with open_source(place, span=spans[min(1, len(spans) - 1)]) as source:
        shown = None
        for shown in source:
            if shown.time >= seconds:
                break
    if shown is None:
        raise MediaError(f"{place} holds no picture")
    return shown.pixels

"""What became of a batch: a row a job, the throughput of each worker, and a picture of every film."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from scope.batch.manifest import Entry, Manifest
from scope.media import MediaError, contact_sheet, open_source

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
    """A contact sheet of the middle picture of each film that lies in the folder; None if there is none."""
    tiles = list(_tiles(folder, entries))
    if not tiles:
        return None
    path = folder / "contact-sheet.png"
    contact_sheet(tiles, SHEET_COLUMNS, SHEET_TILE).save(path)
    return path


def _tiles(folder: Path, entries: Sequence[Entry]) -> Iterator[tuple[str, torch.Tensor]]:
    done = [entry for entry in entries if entry.state == "done" and (folder / entry.job).is_file()]
    for entry in done[:SHEET_LIMIT]:
        try:
            with open_source(folder / entry.job, limit=entry.frames // 2 + 1) as source:
                *_, last = source
        except (MediaError, ValueError):
            continue
        yield Path(entry.job).with_suffix("").as_posix(), last.pixels

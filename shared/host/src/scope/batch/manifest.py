"""What was rendered, one line of JSON a finished attempt: the memory of a batch across interruptions."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

NAME = "manifest.jsonl"


@dataclass(frozen=True)
class Entry:
    """One attempt at one job.

    `key`: `Job.key`. `input`: size and checksum of the file that was read. `setup`: the hash of the set-up document.
    `plugins`, `models`: versions and checksums of what it was made with. `seconds`: of work, from the first call to the
    finished file. `worker`: host and process. `error`: why it failed, in one sentence. `film`: what it is a part of, and
    `parts`: of how many it was joined, where a long clip was split. `output`: the path or URL of what was made.
    """

    job: str
    key: str
    state: Literal["done", "failed"]
    attempt: int
    worker: str
    finished: str
    setup: str = ""
    input: Mapping[str, Any] | None = None
    plugins: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    frames: int = 0
    size: tuple[int, int] = (0, 0)
    rate: float = 0.0
    seconds: float = 0.0
    loading: float = 0.0
    notes: tuple[str, ...] = ()
    error: str = ""
    film: str = ""
    parts: int = 0
    output: str = ""


class Manifest:
    """The file in a batch's folder. One process writes; a line that was cut short by the end of it is passed over."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def read(self) -> list[Entry]:
        """Every whole line, in order."""
        entries = []
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else ():
            try:
                entries.append(Entry(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return entries

    def done(self) -> dict[str, Entry]:
        """The last successful attempt at each job, by name."""
        return {entry.job: entry for entry in self.read() if entry.state == "done"}

    def add(self, entry: Entry) -> None:
        """Append an entry; it is on the disk when this returns."""
        line = json.dumps(asdict(entry)).encode() + b"\n"
        with self.path.open("ab+") as file:
            if file.tell() and not self._ends_with_a_line(file):
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def _ends_with_a_line(file: Any) -> bool:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"

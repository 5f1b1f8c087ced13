"""What was downloaded, with size and checksum, so that it can be verified without a network."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from scope.core.files import SHARED, write

# The folder inside the models folder for records, locks and partial files; every name in it begins with a dot for
# hosts that list the models folder.
OWN_FOLDER = ".scope-downloads"


@dataclass(frozen=True)
class Record:
    """One placed file. `digest`: `sha256:…` or `git-sha1:…`; `license` as the hub names it."""

    size: int
    digest: str
    source: str
    revision: str | None = None
    license: str | None = None


class Records:
    """Records of one models folder, by path relative to it; safe for several processes."""

    def __init__(self, models: Path) -> None:
        self._folder = models / OWN_FOLDER
        self._path = self._folder / "records.json"

    def read(self) -> dict[str, Record]:
        """All records; none where the file is missing or damaged, for it can be made anew."""
        try:
            return {name: Record(**value) for name, value in json.loads(self._path.read_text(encoding="utf-8")).items()}
        except (FileNotFoundError, ValueError, TypeError):
            return {}

    def add(self, records: Mapping[str, Record]) -> None:
        with self._changed() as known:
            known.update(records)

    def remove(self, names: list[str]) -> None:
        with self._changed() as known:
            for name in names:
                known.pop(name, None)

    @contextmanager
    def _changed(self) -> Generator[dict[str, Record]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / "records.lock"):
            known = self.read()
            yield known
            write(self._path, json.dumps({name: asdict(r) for name, r in known.items()}, indent=1), SHARED)

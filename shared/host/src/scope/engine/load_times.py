"""How long pipelines took to load on this machine, so that the next load can say how far it has come."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from scope.core.files import write

# Quicker ones need no progress.
_WORTH_SECONDS = 1.0
_KEPT = 100


class LoadTimes:
    """Seconds by what was loaded, in a file; without a path nothing is kept. Belongs to one thread."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seconds = {} if path is None else _read(path)

    def last(self, key: str) -> float | None:
        """How long it took the last time; None if that is not known."""
        return self._seconds.get(key)

    def note(self, key: str, seconds: float) -> None:
        """It took so long now. A file that cannot be written is done without."""
        if self._path is None or seconds < _WORTH_SECONDS:
            return
        self._seconds.pop(key, None)
        self._seconds[key] = round(seconds, 1)
        newest = dict(list(self._seconds.items())[-_KEPT:])
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write(self._path, json.dumps(newest, indent=1))


def _read(path: Path) -> dict[str, float]:
    try:
        found: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return {key: float(value) for key, value in found.items() if isinstance(value, int | float)}
    except (OSError, ValueError, AttributeError):
        return {}

"""The log file: where it is, and its last lines."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from scope.core.config import get_base_dir

_MAX_BYTES = 5_000_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_to_file() -> tuple[Path, logging.Handler]:
    """Write the log, from INFO on, to `logs/scope.log` in the base folder as well; three older files are kept.

    What went to the terminal before is still only what is worth a warning.

    Raises:
        OSError: the folder cannot be written.
    """
    path = get_base_dir() / "logs" / "scope.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=_MAX_BYTES, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    for other in root.handlers:
        other.setLevel(max(other.level, logging.WARNING))
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    return path, handler


def tail(path: Path | None, lines: int, since_offset: int) -> tuple[list[str], int]:
    """At most the last `lines` lines after `since_offset` bytes, and the offset of the end.

    A file that has become shorter was begun anew and is read from its start.
    """
    if path is None or not path.is_file():
        return [], 0
    with path.open("rb") as file:
        end = file.seek(0, 2)
        start = since_offset if since_offset <= end else 0
        file.seek(max(start, end - lines * 2000))
        text = file.read(end - file.tell()).decode("utf-8", "replace")
    return text.splitlines()[-lines:], end

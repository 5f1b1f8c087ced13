"""The one step that makes a generation current, and what brings an interrupted step to its end.

Order: the intent (`switching`), the pointer (`current`, by one atomic replace: before it the old state holds, after it
the new), plugins.txt, the history. Whoever takes the lock next finishes what was interrupted.
"""

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from scope.core import files
from scope.install.generations import Store
from scope.install.plugins_txt import FILE_NAME, digest, read_text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Intent:
    """A switch to `to`. plugins.txt becomes `manifest` unless somebody edited it since it had the digest `before`."""

    to: str
    since: str | None
    by: str
    what: str
    before: str
    manifest: str


def now() -> str:
    """The time as it is recorded: UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def switch(store: Store, intent: Intent) -> list[str]:
    """Make `intent.to` current; gives sentences about what could not be brought to its end yet.

    Raises:
        OSError: the pointer could not be written; the old generation is still current.
    """
    if hasattr(os, "sync"):
        os.sync()
    files.write(_journal(store), json.dumps(asdict(intent)))
    manifest = _prepare_manifest(store, intent)
    try:
        files.write(store.pointer, f"{intent.to}\n")
    except BaseException:
        if store.current() != intent.to:
            _drop(manifest)
            _journal(store).unlink(missing_ok=True)
        raise
    return _finish(store, intent, manifest)


def recover(store: Store) -> None:
    """Bring an interrupted switch to its end, and remove the files that an interrupted write left."""
    for path in [*files.leftovers(store.plugins, FILE_NAME), *files.leftovers(store.env)]:
        path.unlink(missing_ok=True)
    intent = _read(_journal(store))
    if intent is None:
        _journal(store).unlink(missing_ok=True)
    elif store.current() == intent.to:
        _finish(store, intent, _prepare_manifest(store, intent))
    else:
        _journal(store).unlink(missing_ok=True)


def _finish(store: Store, intent: Intent, manifest: Path | None) -> list[str]:
    """plugins.txt, history, and the end of the intent. The pointer has moved: a failure here undoes nothing."""
    try:
        if manifest is not None:
            files.replace(manifest, store.manifest)
        _record(store, intent)
    except OSError as error:
        log.warning("the change is done; the record of it follows with the next command: %s", error)
        return [
            f"The change is done, but its record could not be written ({error.strerror}); the next command writes it."
        ]
    _journal(store).unlink(missing_ok=True)
    if digest(read_text(store.manifest)) == digest(intent.manifest):
        return []
    return ["plugins.txt was edited meanwhile and differs from what is installed; `scope install` makes them agree."]


def _prepare_manifest(store: Store, intent: Intent) -> Path | None:
    """The new plugins.txt beside the old one, or None if it need not, or must not, be replaced."""
    present = read_text(store.manifest)
    if digest(present) != intent.before or present == intent.manifest:
        return None
    return files.prepare(store.manifest, intent.manifest)


def _record(store: Store, intent: Intent) -> None:
    history = store.history()
    if history and history[-1]["to"] == intent.to:
        return
    line = {"at": now(), "from": intent.since, "to": intent.to, "by": intent.by, "what": intent.what}
    files.append(store.env / "history.jsonl", json.dumps(line))


def _journal(store: Store) -> Path:
    return store.env / "switching"


def _read(path: Path) -> Intent | None:
    with suppress(FileNotFoundError, ValueError, TypeError):
        return Intent(**json.loads(path.read_text(encoding="utf-8")))
    return None


def _drop(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)

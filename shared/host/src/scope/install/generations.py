"""Generations: complete folders of installed plugins, numbered, never changed once they are complete.

`generation.json` is written last: where it is, the generation is complete. Standard library and filelock only, because
the engine process reads this before it imports anything else.
"""

import json
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from scope.core import files
from scope.install import plugins_txt
from scope.install.environment import environment_name

FORMAT = 1
RECORD = "generation.json"


class DamagedError(Exception):
    """A generation that is not there, not complete, or of a format this host does not know."""


@dataclass(frozen=True)
class Installed:
    """One plugin of a generation. `line` is its line in plugins.txt, `pipelines` are (id, name) each.

    `problems` are those that it had when the generation became current.
    """

    name: str
    version: str
    line: str
    source: str
    commit: str = ""
    editable: bool = False
    pipelines: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generation:
    """What `generation.json` says.

    `host` is the fingerprint it was resolved against, `manifest` plugins.txt after it, `pre` who may be a pre-release.
    """

    name: str
    parent: str | None
    host: str
    python: str
    manifest: str
    plugins: tuple[Installed, ...]
    at: str
    pre: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Counts up; a person names a generation by it."""
        return int(self.name.split("-")[0])


class Store:
    """The plugins folder, and in it the folder of one environment: this one, unless another is named."""

    def __init__(self, plugins: Path, environment: str | None = None) -> None:
        self.plugins = plugins
        self.env = plugins / "envs" / (environment or environment_name())
        self.manifest = plugins / plugins_txt.FILE_NAME
        self.pointer = self.env / "current"
        self.logs = self.env / "logs"

    def folder(self, name: str) -> Path:
        """Where a generation lives."""
        return self.env / "generations" / name

    def site(self, name: str) -> Path:
        """The folder of a generation that goes on `sys.path`."""
        return self.folder(name) / "site"

    def current(self) -> str | None:
        """The name that the pointer holds; whether that generation is sound is another question.

        Raises:
            OSError: the folder cannot be read.
        """
        try:
            return self.pointer.read_text(encoding="utf-8").strip() or None
        except (FileNotFoundError, NotADirectoryError):
            return None

    def load(self, name: str) -> Generation:
        """Read a generation.

        Raises:
            DamagedError: it is missing or unreadable.
        """
        try:
            document = json.loads((self.folder(name) / RECORD).read_text(encoding="utf-8"))
            if document.pop("format") != FORMAT:
                raise DamagedError(f"generation {name} was written by another version of this host")
            return Generation(name=name, **_tuples(document))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DamagedError(f"generation {name} is damaged: {error}") from error

    def base(self) -> Generation | None:
        """The current generation if it is sound, else the newest sound one that was current, else None."""
        for name in [self.current(), *(switch["to"] for switch in reversed(self.history()))]:
            with suppress(DamagedError):
                if name:
                    return self.load(name)
        return None

    def names(self) -> list[str]:
        """Every generation's folder, complete or not, oldest first."""
        folder = self.env / "generations"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def complete(self) -> list[str]:
        """The complete ones among them."""
        return [name for name in self.names() if (self.folder(name) / RECORD).exists()]

    def begin(self) -> str:
        """Make the folder of the next generation. The random part keeps a process of an earlier try out of it."""
        number = max((int(name.split("-")[0]) for name in self.names()), default=self._last_number()) + 1
        name = f"{number:04d}-{secrets.token_hex(2)}"
        self.folder(name).mkdir(parents=True)
        return name

    def finish(self, generation: Generation) -> None:
        """Declare a generation complete."""
        document: dict[str, Any] = {"format": FORMAT, **asdict(generation)}
        del document["name"]
        files.write(self.folder(generation.name) / RECORD, json.dumps(document, indent=1))

    def discard(self, name: str) -> None:
        """Remove a generation's folder; its record goes first, so that half of it is never taken for a whole."""
        (self.folder(name) / RECORD).unlink(missing_ok=True)
        shutil.rmtree(self.folder(name), ignore_errors=True)

    def history(self) -> list[dict[str, str]]:
        """Every switch, oldest first: `at`, `from`, `to`, `by`, `what`; a torn line is passed over."""
        path = self.env / "history.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        found = []
        for line in lines:
            with suppress(ValueError):
                found.append(json.loads(line))
        return found

    def mark_used(self, name: str, pid: int) -> FileLock | None:
        """Hold a generation for the life of this process; None where the folder cannot be written."""
        users = self.folder(name) / "users"
        try:
            users.mkdir(exist_ok=True)
            lock = FileLock(users / str(pid))
            lock.acquire(timeout=0)
        except (OSError, Timeout):
            return None
        return lock

    def in_use(self, name: str) -> bool:
        """True if a living process holds the generation."""
        users = self.folder(name) / "users"
        return users.is_dir() and any(held(path) for path in users.iterdir())

    def _last_number(self) -> int:
        return max((int(switch["to"].split("-")[0]) for switch in self.history()), default=0)


def held(path: Path) -> bool:
    """True if some process holds the lock file; the system frees it when that process ends, however it ends."""
    try:
        with FileLock(path).acquire(timeout=0):
            return False
    except Timeout:
        return True


def _tuples(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"plugins": tuple(map(_installed, document["plugins"])), "pre": tuple(document["pre"])}


def _installed(document: dict[str, Any]) -> Installed:
    document["pipelines"] = tuple((pipeline_id, name) for pipeline_id, name in document["pipelines"])
    document["problems"] = tuple(document["problems"])
    return Installed(**document)

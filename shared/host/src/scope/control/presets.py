"""Set-ups as files in one folder, written all or nothing."""

import re
from dataclasses import dataclass
from pathlib import Path

from scope.control.setup import Setup, SetupError, parse_setup
from scope.control.strict_json import MAX_BYTES
from scope.core.files import SHARED, write

NAME = re.compile(r"[A-Za-z0-9._ -]{1,120}")
SUFFIX = ".json"


class PresetError(Exception):
    """A preset that cannot be read or written, in one sentence."""


@dataclass(frozen=True)
class Preset:
    """One file: the name without its ending, and when it was written in Unix seconds."""

    name: str
    modified: float


class Presets:
    """The presets in `folder`, which is made when the first one is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> list[Preset]:
        """Every preset, by name."""
        files = self._folder.glob(f"*{SUFFIX}") if self._folder.is_dir() else ()
        return sorted((Preset(f.stem, f.stat().st_mtime) for f in files if f.is_file()), key=lambda p: p.name.lower())

    def load(self, name: str) -> Setup:
        """The set-up of that name.

        Raises:
            PresetError: there is none, or the file holds none.
        """
        path = self._path(name)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise PresetError(f"preset {name!r} is larger than {MAX_BYTES} bytes")
            return parse_setup(path.read_bytes())
        except FileNotFoundError as error:
            raise PresetError(f"there is no preset {name!r}") from error
        except (OSError, SetupError) as error:
            raise PresetError(f"preset {name!r} cannot be used: {error}") from error

    def save(self, name: str, setup: Setup) -> None:
        """Write or replace a preset.

        Raises:
            PresetError: the name is not allowed, or the disk refuses.
        """
        path = self._path(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write(path, setup.model_dump_json(indent=1), SHARED)
        except OSError as error:
            raise PresetError(f"preset {name!r} cannot be saved: {error.strerror or error}") from error

    def delete(self, name: str) -> None:
        """Remove a preset.

        Raises:
            PresetError: there is none, or the disk refuses.
        """
        try:
            self._path(name).unlink()
        except FileNotFoundError as error:
            raise PresetError(f"there is no preset {name!r}") from error
        except OSError as error:
            raise PresetError(f"preset {name!r} cannot be deleted: {error.strerror or error}") from error

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name) or name.startswith(".") or name.strip() != name:
            raise PresetError(
                f"expected a name of 1 to 120 letters, digits, spaces and . _ - that does not begin with a dot, got {name!r}"
            )
        return self._folder / (name + SUFFIX)

"""LoRA files in the models folder: which there are, where they came from, and bringing and removing them."""

import json
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock

from scope.core.config import get_models_dir
from scope.core.files import SHARED, write
from scope.models.checksums import digest_of
from scope.models.child import Fetcher
from scope.models.records import OWN_FOLDER
from scope.models.sentences import FetchError

ENDINGS = (".safetensors", ".bin", ".pt")
_NAME = re.compile(r"[A-Za-z0-9._ ()\[\]+-]{1,200}")
_SHOWN = 40


@dataclass(frozen=True)
class Lora:
    """A file; `name` is its path in the LoRA folder. `record`: what is known of it, None if somebody put it there."""

    name: str
    path: Path
    size: int
    record: Mapping[str, Any] | None


class Loras:
    """The files in `<models>/lora` and what is recorded of them."""

    def __init__(self) -> None:
        self.folder = get_models_dir() / "lora"
        self._own = get_models_dir() / OWN_FOLDER

    def list(self) -> list[Lora]:
        """Every file, by name."""
        records = self._records()
        found = sorted(path for path in self.folder.rglob("*") if path.suffix in ENDINGS and path.is_file())
        names = {path.relative_to(self.folder).as_posix(): path for path in found}
        return [Lora(name, path, path.stat().st_size, records.get(name)) for name, path in names.items()]

    def find(self, name: str) -> Lora | None:
        """The file of that path in the folder, or of that file name, or of that name without its ending."""
        known = self.list()
        exact = [lora for lora in known if lora.name == name]
        alike = [lora for lora in known if name in (lora.path.name, lora.path.stem)]
        return next(iter(exact or alike), None)

    def bring(
        self,
        request: Mapping[str, Any],
        provenance: Mapping[str, Any],
        cancel: threading.Event,
        *,
        filename: str | None = None,
        folder: str | None = None,
        sha256: str | None = None,
        on_progress: Callable[[int, int | None], None] = lambda done, total: None,
    ) -> Lora:
        """Fetch what a request of `scope.models.fetch` asks for; it gets its place when it is whole and checked.

        Raises:
            FetchError: it cannot be fetched, is not what was expected, or a file of its name is there.
            DownloadCancelledError: `cancel` was set.
        """
        if filename is not None:
            self._place(filename, folder)
        staging = self._own / f"lora-{threading.get_ident()}"
        try:
            name, staged = self._fetched(request, staging, cancel, on_progress)
            target = self._place(filename or PurePosixPath(name).name, folder)
            digest = _checked(staged, target.name, sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return self._noted(target, digest, provenance)

    def remove(self, lora: Lora) -> None:
        """Delete a file and its record."""
        lora.path.unlink(missing_ok=True)
        with FileLock(self._own_file("loras.lock")):
            records = self._records()
            records.pop(lora.name, None)
            self._write(records)

    def set_provenance(self, lora: Lora, provenance: Mapping[str, Any]) -> Lora:
        """Say where a file came from."""
        known = lora.record or {}
        digest = known.get("sha256") or digest_of(lora.path, "sha256").removeprefix("sha256:")
        return self._noted(lora.path, digest, provenance)

    def _fetched(
        self,
        request: Mapping[str, Any],
        staging: Path,
        cancel: threading.Event,
        on_progress: Callable[[int, int | None], None],
    ) -> tuple[str, Path]:
        total: int | None = None

        def tell(done: int, note: dict[str, Any]) -> None:
            nonlocal total
            total = note.get("size", total)
            on_progress(done, total)

        with Fetcher(cancel) as fetcher:
            answer = fetcher.ask({**request, "do": "fetch", "staging": str(staging)}, tell)
        [(name, staged)] = answer["files"].items()
        return name, Path(staged)

    def _place(self, filename: str, folder: str | None) -> Path:
        inside = PurePosixPath(folder or "")
        wrong = inside.is_absolute() or any(not _NAME.fullmatch(part) or part.startswith(".") for part in inside.parts)
        if wrong or not _NAME.fullmatch(filename) or filename.startswith("."):
            raise FetchError(f"expected a plain file name and folder, got {filename!r} in {str(inside)!r}")
        if Path(filename).suffix not in ENDINGS:
            raise FetchError(f"expected a file that ends in {', '.join(ENDINGS)}, got {filename!r}")
        target = self.folder / inside / filename
        if target.exists():
            raise FetchError(f"{target.relative_to(self.folder).as_posix()} is there already; delete it first")
        return target

    def _noted(self, path: Path, digest: str, provenance: Mapping[str, Any]) -> Lora:
        name = path.relative_to(self.folder).as_posix()
        lora = Lora(name, path, path.stat().st_size, None)
        record = {"provenance": dict(provenance), "sha256": digest, "added_at": datetime.now(UTC).isoformat()}
        with FileLock(self._own_file("loras.lock")):
            self._write(self._records() | {name: record})
        return replace(lora, record=record)

    def _records(self) -> dict[str, Any]:
        try:
            return json.loads(self._own_file("loras.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def _write(self, records: Mapping[str, Any]) -> None:
        write(self._own_file("loras.json"), json.dumps(records, indent=1), SHARED)

    def _own_file(self, name: str) -> Path:
        self._own.mkdir(parents=True, exist_ok=True)
        return self._own / name


def _checked(path: Path, name: str, sha256: str | None) -> str:
    """The checksum of a fetched file.

    Raises:
        FetchError: it is another one than expected, or the file is not what its ending says.
    """
    digest = digest_of(path, "sha256").removeprefix("sha256:")
    if sha256 is not None and sha256.lower() != digest:
        raise FetchError(f"{name} has the SHA-256 {digest}, expected {sha256}; it was deleted")
    if name.endswith(".safetensors") and not _is_safetensors(path):
        with path.open("rb") as file:
            start = file.read(_SHOWN)
        raise FetchError(f"{name} is not a safetensors file: it begins with {start!r}")
    return digest


def _is_safetensors(path: Path) -> bool:
    """Whether a file begins as the format says: the length of its JSON header, then the header."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return length < path.stat().st_size and file.read(1) == b"{"

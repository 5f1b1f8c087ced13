"""Downloads of artifacts: resumed, checked, and placed only when they are complete."""

import hashlib
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from filelock import FileLock, Timeout

from scope.core import files as files_on_disk
from scope.core.config import get_models_dir
from scope.core.pipelines.artifacts import Artifact, GoogleDriveArtifact, HuggingfaceRepoArtifact
from scope.models.checksums import digest_of
from scope.models.child import DownloadCancelledError, Fetcher, kept
from scope.models.records import OWN_FOLDER, Record, Records
from scope.models.remote import Listing, RemoteFile
from scope.models.sentences import FetchError

State = Literal["waiting", "listing", "downloading", "checking", "done", "failed", "cancelled"]


@dataclass
class Progress:
    """How far a download is. Sizes in bytes; `total` is None while a source has not said it."""

    state: State = "waiting"
    file: str = ""
    done: int = 0
    total: int | None = None
    files: int = 0
    error: str | None = None
    licenses: dict[str, str] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Download:
    """One download of several artifacts, in the calling thread (`run`) or in one of its own (`start`)."""

    def __init__(
        self,
        artifacts: Sequence[Artifact],
        on_progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        self.progress = Progress()
        self._artifacts = list({repr(a): a for a in artifacts}.values())
        self._on_progress = on_progress
        self._models = get_models_dir()
        self._cancel = cancel or threading.Event()
        self._fetcher = Fetcher(self._cancel)
        self._thread: threading.Thread | None = None
        # What is missing: by artifact what its source lists, and by path in the models folder its bytes.
        self._listings: dict[str, Listing] = {}
        self._sizes: dict[str, int | None] = {}
        self._before = 0

    def sizes(self) -> dict[str, int | None]:
        """What `run` would fetch, by path in the models folder, with bytes where the source says them.

        Raises:
            FetchError: a source cannot be asked.
        """
        with self._fetcher:
            self._survey()
        return dict(self._sizes)

    def start(self, name: str) -> None:
        """Begin in a thread; `name` tells it apart. Outcomes are in `progress`."""
        self._thread = threading.Thread(target=self.run, name=f"scope:download:{name}", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """End it at once. What came so far stays for the next time."""
        self._cancel.set()

    def join(self, timeout: float | None = None) -> None:
        if self._thread is not None:
            self._thread.join(timeout)

    def run(self) -> Progress:
        """Fetch what is missing. A failure is `progress.error`, one sentence; only Ctrl-C is passed on, with one as well."""
        try:
            with self._fetcher:
                self._survey()
                self._check_space()
                self._tell(files=len(self._sizes), total=self._total())
                for artifact in self._artifacts:
                    if listing := self._listings.get(repr(artifact)):
                        with self._alone(artifact):
                            self._fetch(artifact, listing)
            self._tell(state="done", file="")
        except DownloadCancelledError:
            self._tell_cancelled()
        except KeyboardInterrupt:
            self._tell_cancelled()
            raise
        except FetchError as error:
            self._tell(state="failed", error=str(error))
        except OSError as error:
            self._tell(
                state="failed", error=f"{error.filename or self._models}: {error.strerror}; nothing half is left."
            )
        return self.progress

    def _alone(self, artifact: Artifact) -> FileLock:
        """One download a source at a time: a second one, of this or another process, waits and then finds the files."""
        self._tell(state="waiting", file=source_of(artifact))
        folder = self._models / OWN_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{_safe(source_of(artifact))}.lock")
        while not self._cancel.is_set():
            try:
                lock.acquire(timeout=0.2)
                return lock
            except Timeout:
                continue
        raise DownloadCancelledError(source_of(artifact))

    def _survey(self) -> None:
        """Ask every source what is missing, so that sizes are known, and are held against the disk, from the start."""
        for artifact in self._artifacts:
            if missing := self._missing(artifact):
                self._tell(state="listing", file=source_of(artifact))
                listing = self._listings[repr(artifact)] = self._list(artifact)
                self._sizes |= {file.target: file.size for file in _within(listing, missing)}

    def _missing(self, artifact: Artifact) -> list[PurePosixPath]:
        return [path for path in artifact.local_paths() if not (self._models / path).exists()]

    def _fetch(self, artifact: Artifact, listing: Listing) -> None:
        missing = self._missing(artifact)
        files = _within(listing, missing)
        # What somebody else has brought meanwhile is no part of this download any more.
        for file in listing.files:
            if file not in files:
                self._sizes.pop(file.target, None)
        staged: dict[str, str] = {}
        for file in files:
            if file.target not in staged:
                staged |= self._one(artifact, listing, file)
        if missing:
            self._place(artifact, listing, files, staged, missing)

    def _list(self, artifact: Artifact) -> Listing:
        listing = Listing.from_json(self._ask(artifact, {"do": "list"})["listing"])
        if listing.license:
            self.progress.licenses[listing.source] = listing.license
        return listing

    def _one(self, artifact: Artifact, listing: Listing, file: RemoteFile) -> dict[str, str]:
        self._tell(state="downloading", file=file.target)
        request = {"do": "fetch", "file": asdict(file), "revision": listing.revision}
        answer = self._ask(artifact, request, lambda done, note: self._watch(file, done, note))
        self._sizes |= {target: Path(path).stat().st_size for target, path in answer["files"].items()}
        self._before += sum(self._sizes[target] or 0 for target in answer["files"])
        self._tell(done=self._before, total=self._total())
        return answer["files"]

    def _watch(self, file: RemoteFile, done: int, note: dict[str, Any]) -> None:
        if "checking" in note:
            self._tell(state="checking")
        elif "size" in note:
            self._sizes[file.target] = note["size"]
            self._tell(total=self._total())
        else:
            self._tell(done=self._before + done)

    def _ask(self, artifact: Artifact, request: dict[str, Any], watch: Callable[..., None] = lambda *_: None) -> dict:
        request = request | request_for(artifact) | {"staging": str(self._staging(artifact))}
        return self._fetcher.ask(request, watch)

    def _staging(self, artifact: Artifact) -> Path:
        # Inside the models folder, so that placing a file is a rename on one disk.
        files = hashlib.sha256(repr(artifact).encode()).hexdigest()[:8]
        return self._models / OWN_FOLDER / f"{_safe(source_of(artifact))}-{files}"

    def _kept(self) -> int:
        return sum(kept(self._staging(artifact)) for artifact in self._artifacts)

    def _check_space(self) -> None:
        needed = sum(size or 0 for size in self._sizes.values()) - self._kept()
        self._models.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._models).free
        if needed > free:
            sources = ", ".join(source_of(a) for a in self._artifacts if repr(a) in self._listings)
            raise FetchError(
                f"{sources}: {size_text(needed)} more are needed, but only {size_text(free)} are free at {self._models}; "
                "nothing was downloaded. Make room there, or set DAYDREAM_SCOPE_MODELS_DIR to a folder with more."
            )

    def _total(self) -> int | None:
        known = [size for size in self._sizes.values() if size is not None]
        return sum(known) if len(known) == len(self._sizes) else None

    def _place(
        self,
        artifact: Artifact,
        listing: Listing,
        files: list[RemoteFile],
        staged: dict[str, str],
        missing: list[PurePosixPath],
    ) -> None:
        """Give everything its place by renames: a folder only when all of it is there."""
        # Records first: one without its file does no harm, a file without its record could not be verified.
        Records(self._models).add({f.target: _record(listing, f, Path(staged[f.target])) for f in files})
        for path in missing:
            inside = [f.target for f in files if _inside(f.target, path)]
            target = self._models / path
            target.parent.mkdir(parents=True, exist_ok=True)
            whole = self._staging(artifact) / "whole"
            shutil.rmtree(whole, ignore_errors=True)
            for name in inside:
                place = whole / name if str(path) != name else target
                place.parent.mkdir(parents=True, exist_ok=True)
                files_on_disk.settle(Path(staged[name]))
                files_on_disk.replace(Path(staged[name]), place)
            if str(path) not in inside:
                files_on_disk.replace(whole / path, target)
        shutil.rmtree(self._staging(artifact))

    def _tell_cancelled(self) -> None:
        came = self._kept()
        rest = f"{size_text(came)} are kept and will be resumed" if came else "nothing had come yet"
        self._tell(state="cancelled", error=f"Cancelled; {rest}.")

    def _tell(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self.progress, name, value)
        if self._on_progress is not None:
            self._on_progress(self.progress)


def source_of(artifact: Artifact) -> str:
    """The repository or the file id from which an artifact comes."""
    return str(request_for(artifact)["source"])


def request_for(artifact: Artifact) -> dict[str, Any]:
    """What `scope.models.fetch` must know of an artifact.

    Raises:
        FetchError: an artifact of another kind.
    """
    if isinstance(artifact, HuggingfaceRepoArtifact):
        return {"kind": "hub", "source": artifact.repo_id, "files": artifact.files}
    if isinstance(artifact, GoogleDriveArtifact):
        folder = artifact.name or artifact.file_id
        return {"kind": "drive", "source": artifact.file_id, "files": artifact.files, "folder": folder}
    raise FetchError(f"{type(artifact).__name__} is not a kind of artifact that this host can download")


def size_text(size: int) -> str:
    """Bytes for a person, in units of 1000.

    >>> size_text(950), size_text(6_730_000_000)
    ('950 bytes', '6.7 GB')
    """
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


def _within(listing: Listing, paths: Sequence[PurePosixPath]) -> list[RemoteFile]:
    return [file for file in listing.files if any(_inside(file.target, path) for path in paths)]


def _record(listing: Listing, file: RemoteFile, staged: Path) -> Record:
    digest = file.digest or digest_of(staged, "sha256")
    return Record(staged.stat().st_size, digest, listing.source, listing.revision, listing.license)


def _inside(target: str, path: PurePosixPath) -> bool:
    return PurePosixPath(target) == path or path in PurePosixPath(target).parents


def _safe(source: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "--" for c in source)

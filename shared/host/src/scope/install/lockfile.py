"""`pylock.toml` (PEP 751) as uv writes it: what was resolved, and how a second resolution differs from a first."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scope.install.redact import redact

FILE_NAME = "pylock.toml"


@dataclass(frozen=True)
class Pin:
    """One resolved distribution. `version` is None where only a build would tell it (a folder, a dynamic version).

    `requirement` installs exactly this; `origin` is the place without the version, `source` the same as it may be shown.
    `commit`: of an archive, its SHA-256.
    """

    name: str
    version: str | None
    requirement: str
    origin: str
    commit: str = ""
    folder: bool = False
    editable: bool = False

    @property
    def source(self) -> str:
        """Where it comes from, for a person."""
        return redact(self.origin)

    @property
    def identity(self) -> str:
        """What an installation depends on: equal for two pins that install the same."""
        return f"{self.requirement} {self.version} {self.commit}"


@dataclass(frozen=True)
class Change:
    """One distribution before and after; None where it is not there."""

    name: str
    old: Pin | None
    new: Pin | None

    @property
    def moved(self) -> bool:
        """True if something is added, removed or replaced."""
        return self.old is None or self.new is None or self.old.identity != self.new.identity


def read(path: Path) -> list[Pin]:
    """The pins of a lock file, by name; none if there is no file."""
    if not path.exists():
        return []
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return sorted((_pin(entry, path.parent) for entry in document.get("packages", [])), key=lambda pin: pin.name)


def changes(old: list[Pin], new: list[Pin]) -> list[Change]:
    """Both lists side by side, by name; unchanged ones too."""
    before, after = ({pin.name: pin for pin in pins} for pins in (old, new))
    return [Change(name, before.get(name), after.get(name)) for name in sorted(before | after)]


def _pin(entry: dict[str, Any], base: Path) -> Pin:
    name, version = entry["name"], entry.get("version")
    if "vcs" in entry:
        return _git(name, version, entry["vcs"])
    if "directory" in entry:
        return _folder(name, version, entry["directory"], base)
    if "archive" in entry:
        return _archive(name, version, entry["archive"], base)
    return Pin(name, version, f"{name}=={version}{_hashes(entry)}", "package index")


def _git(name: str, version: str | None, vcs: dict[str, Any]) -> Pin:
    folder = f"#subdirectory={vcs['subdirectory']}" if vcs.get("subdirectory") else ""
    commit = vcs["commit-id"]
    ref = f"@{vcs['requested-revision']}" if vcs.get("requested-revision") else ""
    return Pin(name, version, f"{name} @ git+{vcs['url']}@{commit}{folder}", f"git+{vcs['url']}{ref}{folder}", commit)


def _folder(name: str, version: str | None, directory: dict[str, Any], base: Path) -> Pin:
    path = (base / directory["path"]).resolve()
    editable = directory.get("editable", False)
    requirement = f"-e {path.as_uri()}" if editable else f"{name} @ {path.as_uri()}"
    return Pin(name, version or _static_version(path), requirement, str(path), folder=True, editable=editable)


def _static_version(folder: Path) -> str | None:
    """The version in a project's own words, if it is there and not computed by the build."""
    try:
        return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return None


def _archive(name: str, version: str | None, archive: dict[str, Any], base: Path) -> Pin:
    url = archive.get("url") or (base / archive["path"]).resolve().as_uri()
    folder = f"#subdirectory={archive['subdirectory']}" if archive.get("subdirectory") else ""
    return Pin(name, version, f"{name} @ {url}{folder}", url, archive.get("hashes", {}).get("sha256", ""))


def _hashes(entry: dict[str, Any]) -> str:
    files = [*entry.get("wheels", []), *([entry["sdist"]] if "sdist" in entry else [])]
    found = {f"{kind}:{value}" for file in files for kind, value in file.get("hashes", {}).items()}
    return "".join(f" --hash={value}" for value in sorted(found))

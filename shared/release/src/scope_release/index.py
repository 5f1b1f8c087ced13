"""A static package index out of a folder of wheels (PEP 503 pages, PEP 691 JSON, PEP 658 metadata).

Links are relative, so the folder can be served from any address by anything that serves files.
"""

import hashlib
import html
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from scope_release.checkout import ReleaseError

FOLDER = "simple"
PAGE = '<!DOCTYPE html>\n<html>\n<head>\n<meta name="pypi:repository-version" content="1.1">\n<title>{title}</title>\n\
</head>\n<body>\n{body}\n</body>\n</html>\n'


@dataclass(frozen=True)
class Wheel:
    """A wheel, its METADATA file, and what the index says of it."""

    path: Path
    project: str
    version: str
    requires_python: str | None
    metadata: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def metadata_sha256(self) -> str:
        return hashlib.sha256(self.metadata).hexdigest()


def write_index(directory: Path) -> dict[str, list[str]]:
    """Makes `directory/simple` from the wheels in `directory`; gives project → file names.

    Raises:
        ReleaseError: there is no wheel, or one is not what its name says.
    """
    wheels = [read_wheel(path) for path in sorted(directory.glob("*.whl"))]
    if not wheels:
        raise ReleaseError(f"{directory} has no wheels to make an index of.")
    projects: dict[str, list[Wheel]] = {}
    for wheel in wheels:
        wheel.path.with_name(f"{wheel.path.name}.metadata").write_bytes(wheel.metadata)
        projects.setdefault(wheel.project, []).append(wheel)
    for project, files in projects.items():
        _write_project(directory / FOLDER / project, project, files)
    _write_root(directory / FOLDER, sorted(projects))
    return {project: [wheel.path.name for wheel in files] for project, files in projects.items()}


def read_wheel(path: Path) -> Wheel:
    """What the index needs to know of a wheel.

    Raises:
        ReleaseError: it is no wheel, or its name and its metadata disagree.
    """
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
        with zipfile.ZipFile(path) as archive:
            inside = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            metadata = archive.read(inside)
    except (InvalidWheelFilename, zipfile.BadZipFile, StopIteration) as error:
        raise ReleaseError(f"{path.name} is not a wheel ({error or 'it has no METADATA'}).") from error
    headers = HeaderParser().parsestr(metadata.decode("utf-8"))
    said = canonicalize_name(headers["Name"]), headers["Version"]
    if said != (name, str(version)):
        raise ReleaseError(f"{path.name}: its metadata says {said[0]} {said[1]}, so the file was renamed.")
    return Wheel(path, name, str(version), headers["Requires-Python"], metadata)


def _write_project(folder: Path, project: str, wheels: list[Wheel]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    body = f"<h1>{project}</h1>\n" + "\n".join(_anchor(wheel) for wheel in wheels)
    (folder / "index.html").write_text(PAGE.format(title=project, body=body), encoding="utf-8")
    page = {
        "meta": {"api-version": "1.1"},
        "name": project,
        "versions": sorted({wheel.version for wheel in wheels}),
        "files": [_file(wheel) for wheel in wheels],
    }
    _write_json(folder, page)


def _anchor(wheel: Wheel) -> str:
    python = f' data-requires-python="{html.escape(wheel.requires_python)}"' if wheel.requires_python else ""
    core = f' data-core-metadata="sha256={wheel.metadata_sha256}"'
    return f'<a href="{_link(wheel)}#sha256={wheel.sha256}"{python}{core}>{wheel.path.name}</a><br>'


def _file(wheel: Wheel) -> dict[str, object]:
    return {
        "filename": wheel.path.name,
        "url": _link(wheel),
        "size": wheel.path.stat().st_size,
        "hashes": {"sha256": wheel.sha256},
        "core-metadata": {"sha256": wheel.metadata_sha256},
        **({"requires-python": wheel.requires_python} if wheel.requires_python else {}),
    }


def _link(wheel: Wheel) -> str:
    return f"../../{wheel.path.name}"


def _write_root(folder: Path, projects: list[str]) -> None:
    body = "\n".join(f'<a href="{project}/">{project}</a><br>' for project in projects)
    (folder / "index.html").write_text(PAGE.format(title="Packages", body=body), encoding="utf-8")
    _write_json(folder, {"meta": {"api-version": "1.1"}, "projects": [{"name": project} for project in projects]})


def _write_json(folder: Path, page: Mapping[str, object]) -> None:
    (folder / "index.json").write_text(json.dumps(page, indent=1) + "\n", encoding="utf-8")

"""What a source distribution carries besides the package, so that it builds the same wheel on its own.

In a checkout a plugin reaches the shared folders through `../../shared/`; in its source distribution they lie under
`shared/` of the package itself, and pyproject.toml says so.
"""

from pathlib import Path

from scope_release.vendor import library_files

ABOVE, INSIDE = '"../../shared/', '"shared/'
CARRIED = ("gpu/src/scope_gpu", "release/src/scope_release")
HOOK = "release/hatch_build.py"


def sdist_files(package: Path, shared: Path) -> dict[str, bytes]:
    """Path in the source distribution → content, for the files from outside the package and the adapted pyproject."""
    pyproject = (package / "pyproject.toml").read_text(encoding="utf-8")
    files = {"pyproject.toml": pyproject.replace(ABOVE, INSIDE).encode()}
    for path in (shared / HOOK, *(file for folder in CARRIED for file in library_files(shared / folder))):
        files[f"shared/{path.relative_to(shared).as_posix()}"] = path.read_bytes()
    return files

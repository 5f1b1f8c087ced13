"""A look into a wheel file before anything is unpacked."""

import zipfile
from pathlib import Path, PurePosixPath

from scope.install.errors import InstallError


def refuse_outside_paths(wheel: Path) -> None:
    """Refuse a wheel with members that would land outside the folder it is unpacked into.

    Raises:
        InstallError: it has such members, or it is no complete zip archive.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise InstallError(f"{wheel.name} is damaged: not a complete wheel.") from error
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise InstallError(f'{wheel.name} holds paths outside its folder ("{name}") and was refused.')

"""Which files a set-up may name: those in the assets and models folders."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scope.core.config import get_assets_dir, get_models_dir

# Parameters that hold paths, in lists or under "path" in objects.
_FILE_NAMES = frozenset(
    {"first_frame_image", "images", "last_frame_image", "lora_scales", "loras", "ref_images", "vace_ref_images"}
)


class ForbiddenPathError(ValueError):
    """A file outside the folders that clients may name; the message says which folders those are."""


def check_paths(values: Mapping[str, Any]) -> None:
    """Refuse parameters that name files outside the assets and models folders.

    Raises:
        ForbiddenPathError: with the parameter and the path.
    """
    for name in _FILE_NAMES & values.keys():
        for path in _paths(values[name]):
            confined(path, name)


def absolute(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with file names in full, as pipelines open them."""
    return {name: _absolute(value, name) if name in _FILE_NAMES else value for name, value in values.items()}


def confined(path: str, name: str) -> Path:
    """The file that `path`, in full or relative to the assets folder, means.

    Raises:
        ForbiddenPathError: it lies outside the assets and models folders.
    """
    assets, models = get_assets_dir().resolve(), get_models_dir().resolve()
    try:
        found = (assets / path).resolve()
    except (OSError, ValueError):
        found = None
    if found is None or not (found.is_relative_to(assets) or found.is_relative_to(models)):
        raise ForbiddenPathError(f"{name}: expected a file in {assets} or {models}, got {path!r}")
    return found


def _paths(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item)
    elif isinstance(value, dict) and isinstance(value.get("path"), str):
        yield value["path"]


def _absolute(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return str(confined(value, name))
    if isinstance(value, list):
        return [_absolute(item, name) for item in value]
    if isinstance(value, dict) and isinstance(value.get("path"), str):
        return value | {"path": str(confined(value["path"], name))}
    return value

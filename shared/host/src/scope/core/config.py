"""Where a host keeps its files. Every function reads the environment anew, so tests and tools can redirect it."""

import os
from pathlib import Path


class HomelessError(RuntimeError):
    """The user has no home folder, as in some containers, and no variable names another."""


def get_base_dir() -> Path:
    """The host's own folder: `DAYDREAM_SCOPE_DIR`, or `~/.daydream-scope`."""
    return _from_environment("DAYDREAM_SCOPE_DIR") or _home() / ".daydream-scope"


def get_models_dir() -> Path:
    """Downloaded models: `DAYDREAM_SCOPE_MODELS_DIR`, or `models` in the base folder."""
    return _from_environment("DAYDREAM_SCOPE_MODELS_DIR") or get_base_dir() / "models"


def get_plugins_dir() -> Path:
    """Installed plugins and `plugins.txt`: `DAYDREAM_SCOPE_PLUGINS_DIR`, or `plugins` in the base folder."""
    return _from_environment("DAYDREAM_SCOPE_PLUGINS_DIR") or get_base_dir() / "plugins"


def get_assets_dir() -> Path:
    """Files that users bring (reference images, clips): `DAYDREAM_SCOPE_ASSETS_DIR`, or `assets` in the base folder."""
    return _from_environment("DAYDREAM_SCOPE_ASSETS_DIR") or get_base_dir() / "assets"


def get_model_file_path(relative_path: str | Path) -> Path:
    """The path of a model file given as `<repository name>/<file>`; the file need not exist.

    >>> get_model_file_path("Autoencoders/taew2_1.pth").name
    'taew2_1.pth'
    """
    return get_models_dir() / relative_path


def _from_environment(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else None


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise HomelessError(
            "the system knows of no home folder for this user; name a folder for models and plugins: set "
            "DAYDREAM_SCOPE_DIR."
        ) from error

"""Builds a plugin's wheel and an environment that holds it and nothing else of the plugin's."""

import site
import subprocess
import sys
import sysconfig
from pathlib import Path

from uv import find_uv_bin

import scope.core

_SECONDS = 600


class BuildError(RuntimeError):
    """uv could not build or install; the message is the end of what it said."""

    @property
    def unreachable(self) -> bool:
        """Whether a package index could not be reached, which says nothing about the plugin."""
        return any(sign in str(self) for sign in ("dns error", "error sending request", "Network connectivity"))


def build(project: Path, folder: Path) -> Path:
    """Build the project's wheel into a folder and return its path.

    Raises:
        BuildError: uv could not.
    """
    _uv("build", "--wheel", "--python", sys.executable, "--out-dir", str(folder), str(project))
    return next(folder.glob("*.whl"))


def clean_environment(wheel: Path, folder: Path) -> str:
    """Make a virtual environment with the wheel alone and return its interpreter.

    What a host provides is seen through the running environment's packages, so that nothing is downloaded. They come
    after the wheel's own, and editable installs among them are not followed, so that only the wheel can serve as the
    plugin.

    Raises:
        BuildError: uv could not.
    """
    _uv("venv", "--python", sys.executable, str(folder))
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    _uv("pip", "install", "--quiet", "--no-deps", "--python", str(python), str(wheel))
    packages = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    Path(packages, "host.pth").write_text("\n".join(_host_paths()) + "\n", encoding="utf-8")
    return str(python)


def _host_paths() -> list[str]:
    """The running environment's packages, and the sources of the host and of this kit where they are editable."""
    roots = [Path(scope.core.__file__).parents[2], Path(__file__).parents[1]]
    installed = [sysconfig.get_path("purelib"), *site.getsitepackages()]
    return list(dict.fromkeys([str(root) for root in roots] + installed))


def _uv(*arguments: str) -> None:
    done = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise BuildError(" / ".join(line.strip() for line in lines[-6:]))

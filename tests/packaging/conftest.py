"""One snapshot of the checkout, one set of wheels and cheap clean environments, shared by all tests of packaging."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from scope_release.checkout import Package, find, workspace
from scope_release.clean_room import build_wheel, make_environment

ROOT = Path(__file__).parents[2]
OUTER = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "SOURCE_DATE_EPOCH")
"""Variables of the environment that runs the tests, which the programs under test must not see."""


def _run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The finished command, whatever its exit status, with its output as text."""
    environment = {name: value for name, value in os.environ.items() if name not in OUTER} | variables
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=250, check=False
    )


def succeed(*command: str | Path, cwd: Path, **variables: str) -> str:
    """The standard output of a command that must succeed; what it said is in the failure."""
    done = _run(*command, cwd=cwd, **variables)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Snapshot:
    """A copy of the checkout's files: what git tracks, and new files that it does not ignore."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def plugins(self) -> list[Package]:
        return [package for package in workspace(self.root) if package.is_plugin]

    def package(self, name: str) -> Package:
        return find(self.root, name)

    def copy(self, to: Path) -> "Snapshot":
        shutil.copytree(self.root, to)
        return Snapshot(to)

    def git(self, *arguments: str) -> str:
        names = {f"GIT_{role}_NAME": "Tester" for role in ("AUTHOR", "COMMITTER")}
        emails = {f"GIT_{role}_EMAIL": "tester@example.org" for role in ("AUTHOR", "COMMITTER")}
        return succeed("git", *arguments, cwd=self.root, **names, **emails).strip()

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        (self.root / path).write_text(text.replace(old, new), encoding="utf-8")


class Environment:
    """A virtual environment and the ways to install into it and to ask it things."""

    def __init__(self, folder: Path, python: Path, pip: "Pip") -> None:
        self.folder, self.python, self._pip = folder, python, pip

    def install(self, tool: str, *arguments: str | Path) -> str:
        if tool == "uv":
            return succeed("uv", "pip", "install", "--python", self.python, *arguments, cwd=self.folder)
        command = self._pip.command("--python", self.python, "install", *arguments)
        return succeed(*command, cwd=self.folder, **self._pip.offline)

    def uninstall(self, name: str) -> None:
        succeed("uv", "pip", "uninstall", "--python", self.python, name, cwd=self.folder)

    def ask(self, code: str, *arguments: str | Path) -> str:
        """What `code` prints when it runs in the environment, away from any checkout."""
        return succeed(self.python, "-P", "-c", code, *arguments, cwd=self.folder, OMP_NUM_THREADS="1").strip()

    def site(self) -> Path:
        return Path(self.ask("import sysconfig; print(sysconfig.get_path('purelib'))"))

    def digests(self, name: str) -> dict[str, str]:
        """Every installed file of a distribution with its SHA-256, without caches."""
        module = name.replace("-", "_")
        files = [p for top in self.site().glob(f"{module}*") for p in sorted(top.rglob("*")) if p.is_file()]
        kept = [path for path in files if "__pycache__" not in path.parts]
        return {str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


@pytest.fixture(scope="session")
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command to its end, whatever its exit status."""
    return _run


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    root = tmp_path_factory.mktemp("snapshot") / "checkout"
    listing = succeed("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT)
    for name in filter(None, listing.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    made = Snapshot(root)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "Everything")
    return made


@pytest.fixture(scope="session")
def wheels(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Distribution → its wheel, for everything that is released."""
    out = tmp_path_factory.mktemp("wheels")
    names = [package.name for package in workspace(snapshot.root) if not package.is_private]
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda name: build_wheel(snapshot.root, name, out), names))
    return {name: next(out.glob(f"{name.replace('-', '_')}-*.whl")) for name in names}


@dataclass(frozen=True)
class Pip:
    """A Python that has pip, and a folder with what builds need, so that pip asks no index for each build again."""

    python: Path
    builders: Path

    def command(self, *arguments: str | Path) -> list[str | Path]:
        return [self.python, "-m", "pip", "--disable-pip-version-check", *arguments]

    @property
    def offline(self) -> dict[str, str]:
        return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.builders)}


@pytest.fixture(scope="session")
def pip(tmp_path_factory: pytest.TempPathFactory) -> Pip:
    folder = tmp_path_factory.mktemp("pip")
    succeed("uv", "venv", "--quiet", "--seed", "--python", sys.executable, folder / "venv", cwd=folder)
    made = Pip(next(folder.glob("venv/bin/python")), folder / "builders")
    succeed(*made.command("download", "--quiet", "--dest", made.builders, "hatchling>=1.27", "editables"), cwd=folder)
    return made


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """Makes folders that go away at the end: an environment has tens of thousands of files."""
    base = tmp_path_factory.mktemp("environments")
    numbers = count()
    yield lambda name: base / f"{next(numbers)}-{name}"
    # Much quicker than shutil.rmtree.
    succeed("rm", "-rf", base, cwd=ROOT)


@pytest.fixture(scope="session")
def new_environment(folders: Callable[[str], Path], pip: Pip) -> Callable[[str], Environment]:
    """Makes empty environments."""

    def make(name: str) -> Environment:
        folder = folders(name)
        succeed("uv", "venv", "--quiet", "--python", sys.executable, folder, cwd=ROOT)
        return Environment(folder, folder / "bin/python", pip)

    return make


@pytest.fixture(scope="session")
def host_site(folders: Callable[[str], Path], snapshot: Snapshot, wheels: dict[str, Path], pip: Pip) -> Path:
    """Where the host, its locked dependencies and the conformance kit are installed, once, without any plugin."""
    folder = folders("host")
    folder.mkdir(parents=True)
    helpers = [wheels["scope-host"], wheels["scope-testkit"]]
    python = make_environment(snapshot.root, snapshot.plugins[0], helpers, folder)
    return Environment(folder, python, pip).site()


@pytest.fixture(scope="session")
def new_host(host_site: Path, new_environment: Callable[[str], Environment]) -> Callable[[str], Environment]:
    """Makes environments that see the host and its dependencies, and have a place of their own for plugins."""

    def make(name: str) -> Environment:
        environment = new_environment(name)
        (environment.site() / "host.pth").write_text(f"{host_site}\n", encoding="utf-8")
        return environment

    return make

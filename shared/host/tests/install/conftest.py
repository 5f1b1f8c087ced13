"""Small plugins in every form a person may name, an index on loopback, and a store of its own for every test."""

import os
import subprocess
import venv
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from uv import find_uv_bin

from scope.install import change
from scope.install.generations import Store
from scope.install.plan import Edit
from scope.install.probe import Probing
from scope.install.progress import Step, Watch
from scope.install.resolve import refs
from scope.install.specs import parse

from .workshop import Workshop, closure, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which it is served."""
    folder = tmp_path_factory.mktemp("served")
    with serving(folder) as address:
        yield folder, address


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def workshop(tmp_path: Path, served: tuple[Path, str], uv_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Also the index and the cache that uv sees in this test: no registry, and nothing of the user's cache."""
    folder = served[0] / tmp_path.name
    (folder / "simple").mkdir(parents=True)
    address = f"{served[1]}/{quote(tmp_path.name)}"
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{address}/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(uv_cache))
    return Workshop(tmp_path / "work", folder, address)


class Manager:
    """A store and the calls that a command or the server makes; the probe runs in an environment without our plugins."""

    def __init__(self, store: Store, python: Path) -> None:
        self.store, self.python = store, python
        self.limit = 30.0
        self.steps: list[Step] = []
        self.watch = Watch(on_step=self.steps.append)

    def install(self, *texts: object, pre: bool = False, **options: Any) -> change.Done:
        specs = tuple(parse(str(text), cwd=self.store.plugins, refs=refs) for text in texts)
        return self.run(Edit("install", add=specs, pre=pre), **options)

    def uninstall(self, *names: str) -> change.Done:
        return self.run(Edit("uninstall", remove=names))

    def upgrade(self, *names: str) -> change.Done:
        return self.run(Edit("upgrade", upgrade=names))

    def reconcile(self) -> change.Done:
        return self.run(Edit("reconcile"))

    def run(self, edit: Edit, *, consent: change.Consent = lambda plan: None, **options: Any) -> change.Done:
        with self.working() as work:
            return change.change(work, edit, consent, **options)

    def rollback(self, to: str | None = None) -> change.Done:
        with self.working() as work:
            return change.rollback(work, to)

    @contextmanager
    def working(self) -> Generator[change.Work]:
        probing = Probing(self.limit, python=str(self.python))
        with change.working(self.store, "scope test", self.watch, probing=probing) as work:
            yield work

    def versions(self) -> dict[str, str]:
        """What is current."""
        generation = self.store.base()
        return {plugin.name: plugin.version for plugin in generation.plugins} if generation else {}


@pytest.fixture
def manager(store: Store, bare_python: Path) -> Manager:
    return Manager(store, bare_python)


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with this host and what its installer needs: no torch, and no plugin of ours."""
    home = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    site = next(home.glob("lib/python*/site-packages"))
    for name in closure("filelock", "packaging", "pluggy", "pydantic", "rich", "typer", "uv"):
        for top in {file.parts[0] for file in metadata.files(name) or () if not file.parts[0].startswith(("..", "__"))}:
            (site / top).symlink_to(str(metadata.distribution(name).locate_file(top)))
    host = metadata.distribution("scope-host")
    info = Path(str(host.locate_file(f"scope_host-{host.version}.dist-info")))
    (site / info.name).symlink_to(info)
    (site / "scope_host.pth").write_text(str(Path(change.__file__).parents[2]))
    (home / "bin" / "uv").symlink_to(find_uv_bin())
    return home / "bin" / "python"


class Command:
    """`scope …` as a process of its own, in the bare environment."""

    def __init__(self, python: Path, plugins: Path) -> None:
        self.python, self.plugins = python, plugins

    @property
    def store(self) -> Store:
        """The folder of the bare environment, once a command has made it."""
        (folder,) = (self.plugins / "envs").iterdir()
        return Store(self.plugins, folder.name)

    def start(self, *words: object, program: Sequence[object] = ("-m", "scope.cli"), **more: str) -> subprocess.Popen:
        """Start a command; `program` is what the interpreter runs."""
        environment = os.environ | {"DAYDREAM_SCOPE_PLUGINS_DIR": str(self.plugins)} | more
        command = [str(word) for word in (self.python, *program, *words)]
        pipes: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=environment, text=True, cwd=self.plugins.parent, **pipes)

    def run(self, *words: object, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def command(tmp_path: Path, workshop: Workshop, bare_python: Path) -> Command:
    return Command(bare_python, tmp_path / "plugins")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("DAYDREAM_SCOPE_PLUGINS_DIR", str(tmp_path / "plugins"))
    return Store(tmp_path / "plugins")

"""Makes small plugins in every form a person may name, and serves them on loopback."""

import base64
import functools
import hashlib
import subprocess
import textwrap
import zipfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from threading import Thread
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PLUGIN = """
from scope.core import hookimpl
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline


class Config(BasePipelineConfig):
    pipeline_id = "{id}"
    pipeline_name = "{id}"
    pipeline_description = "A small pipeline."
    modes = {{"text": ModeDefaults(default=True)}}


class Small(Pipeline):
    @classmethod
    def get_config_class(cls):
        return Config

    def __call__(self, **kwargs):
        return {{}}


@hookimpl
def register_pipelines(register):
    register(Small)
"""

# A PEP 517 backend inside the project itself: a build that needs no other package and no network.
BACKEND = """
import pathlib, zipfile

HERE = pathlib.Path(__file__).parent

def build_wheel(folder, config_settings=None, metadata_directory=None):
    return _pack(folder, {path.relative_to(HERE / "src").as_posix(): path.read_text() for path in HERE.glob("src/**/*.py")})

def build_editable(folder, config_settings=None, metadata_directory=None):
    return _pack(folder, {"_{module}.pth": str(HERE / "src")})

def _pack(folder, files):
    name = "{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        for file in ("METADATA", "WHEEL", "entry_points.txt", "RECORD"):
            wheel.writestr("{module}-{version}.dist-info/" + file, (HERE / "info" / file).read_text())
    return name
"""


def plugin_code(pipeline_id: str) -> str:
    """A module that registers one pipeline and imports no torch."""
    return PLUGIN.format(id=pipeline_id)


@dataclass(frozen=True)
class Made:
    """What a plugin consists of."""

    name: str
    version: str = "1.0.0"
    requires: Sequence[str] = ()
    code: str | None = None
    entry_point: bool = True
    extra_files: Mapping[str, str] | None = None

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")

    @property
    def files(self) -> dict[str, str]:
        code = plugin_code(self.name) if self.code is None else self.code
        return {f"{self.module}/__init__.py": code, **(self.extra_files or {})}

    @property
    def info(self) -> dict[str, str]:
        head = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n"
        requires = "".join(f"Requires-Dist: {text}\n" for text in self.requires)
        entry = f"[scope]\n{self.module} = {self.module}\n" if self.entry_point else ""
        wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        return {"METADATA": head + requires, "WHEEL": wheel, "entry_points.txt": entry}


class Workshop:
    """Makes plugins below one folder and publishes them on an index."""

    def __init__(self, folder: Path, index: Path, address: str) -> None:
        self.folder, self.index, self.address = folder, index, address

    def made(self, name: str, version: str = "1.0.0", **details: Any) -> Made:
        """What `wheel`, `publish`, `project` and `repository` make something of."""
        return Made(name, version, **details)

    def wheel(self, made: Made, folder: Path | None = None, tag: str = "py3-none-any") -> Path:
        """A wheel file with a complete RECORD."""
        folder = folder or self.folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{made.module}-{made.version}-{tag}.whl"
        info = f"{made.module}-{made.version}.dist-info"
        files = made.files | {f"{info}/{name}": text for name, text in made.info.items()}
        with zipfile.ZipFile(path, "w") as archive:
            # Members without a time: the same wheel has the same checksum, whenever it is made.
            for name, text in files.items():
                archive.writestr(zipfile.ZipInfo(name), text)
            archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), _record(files))
        return path

    def publish(self, made: Made, tag: str = "py3-none-any") -> Path:
        """A wheel on the index."""
        wheel = self.wheel(made, self.index / "simple" / made.name, tag)
        self._list(wheel.parent)
        return wheel

    def publish_installed(self, name: str) -> None:
        """A distribution of this environment and what it needs as wheels on the index, so that builds find them here."""
        for found in closure(name):
            folder = self.index / "simple" / found
            repacked(found, folder)
            self._list(folder)

    def _list(self, folder: Path) -> None:
        """The page of a package, with a checksum for each of its wheels as registries give it."""
        digests = {wheel.name: hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in folder.glob("*.whl")}
        links = [f'<a href="{name}#sha256={digest}">{name}</a>\n' for name, digest in digests.items()]
        (folder / "index.html").write_text("".join(links))

    def project(self, made: Made, folder: Path | None = None, *, dynamic: bool = False) -> Path:
        """A source tree with static metadata (or a dynamic version) and a backend of its own."""
        folder = folder or self.folder / made.name
        for path, text in made.files.items():
            (folder / "src" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "src" / path).write_text(text)
        (folder / "info").mkdir(exist_ok=True)
        for name, text in (made.info | {"RECORD": ""}).items():
            (folder / "info" / name).write_text(text)
        backend = BACKEND.replace("{module}", made.module).replace("{version}", made.version)
        (folder / "backend.py").write_text(backend)
        (folder / "pyproject.toml").write_text(_pyproject(made, dynamic))
        return folder

    def repository(self, name: str, *releases: Sequence[Made]) -> tuple[Path, list[str]]:
        """A Git repository with a commit and a tag (v1, v2, …) for each release; its plugins lie in `packages/`."""
        root = self.folder / name
        root.mkdir(parents=True)
        git(root, "init", "--quiet", "--initial-branch", "main")
        commits = [self.release(root, number, made) for number, made in enumerate(releases, start=1)]
        return root, commits

    def serve(self, root: Path, path: str) -> str:
        """The HTTP address of a copy of the repository as it is now (the protocol of plain files)."""
        bare = self.index / path
        git(root, "clone", "--quiet", "--bare", ".", str(bare))
        git(bare, "update-server-info")
        return f"{self.address}/{path}"

    def release(self, root: Path, number: int, plugins: Sequence[Made], *, dynamic: bool = False) -> str:
        """Another commit and tag in a repository."""
        for made in plugins:
            self.project(made, root / "packages" / made.name, dynamic=dynamic)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", f"Release {number}")
        git(root, "tag", f"v{number}")
        return git(root, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repacked(name: str, folder: Path) -> None:
    """An installed distribution as a wheel again."""
    distribution = metadata.distribution(name)
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name.replace('-', '_')}-{distribution.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if not str(file).startswith("..") and file.suffix != ".pyc" and path.is_file():
                archive.write(path, str(file))


class QuietFiles(SimpleHTTPRequestHandler):
    """Static files, without a line on stderr for each request."""

    def do_GET(self) -> None:
        # A page may change twice within the second that its time is told in.
        del self.headers["If-Modified-Since"]
        super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name that the base class gives
        pass


@contextmanager
def serving(folder: Path) -> Generator[str]:
    """The address under which the files of a folder can be fetched."""
    handler = functools.partial(QuietFiles, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, name="test:index")
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def closure(*names: str) -> set[str]:
    """The distributions and what they need here, extras left out."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found.add(name)
            needed = [Requirement(text) for text in metadata.requires(name) or ()]
            waiting += [r.name for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def _record(files: Mapping[str, str]) -> str:
    """RECORD of a wheel: path, hash and size of each member."""
    hashes = {name: hashlib.sha256(text.encode()).digest() for name, text in files.items()}
    encoded = {name: base64.urlsafe_b64encode(raw).rstrip(b"=").decode() for name, raw in hashes.items()}
    return "".join(f"{name},sha256={encoded[name]},{len(text.encode())}\n" for name, text in files.items())


def _pyproject(made: Made, dynamic: bool) -> str:
    version = 'dynamic = ["version"]' if dynamic else f'version = "{made.version}"'
    return textwrap.dedent(f"""
        [project]
        name = "{made.name}"
        {version}
        dependencies = {list(made.requires)!r}
        [project.entry-points.scope]
        {made.module} = "{made.module}"
        [build-system]
        requires = []
        build-backend = "backend"
        backend-path = ["."]
        """)

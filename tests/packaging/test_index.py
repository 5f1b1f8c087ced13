"""A folder of wheels, served by any web server, installs pinned versions."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scope_release.clean_room import build_wheel
from scope_release.index import write_index

INSTALLED = "from importlib.metadata import version; print(version('scope-fx'))"


class QuietFiles(SimpleHTTPRequestHandler):
    """A plain file server that keeps what it was asked for instead of printing it."""

    asked: list[str] = []

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name that the base class gives
        self.asked.append(self.path)


@pytest.fixture(scope="module")
def index(snapshot, wheels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("web") / "some" / "place"
    folder.mkdir(parents=True)
    for wheel in wheels.values():
        (folder / wheel.name).write_bytes(wheel.read_bytes())
    newer = snapshot.copy(folder.parent / "newer")
    newer.replace("packages/scope-fx/pyproject.toml", '\nversion = "', '\nversion = "7')
    build_wheel(newer.root, "scope-fx", folder)
    write_index(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietFiles, directory=folder.parents[1])) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/some/place/simple/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("tool", ["uv", pytest.param("pip", marks=pytest.mark.gate)])
@pytest.mark.parametrize("pinned", [True, False])
def test_an_installer_takes_the_pinned_or_the_newest_version(snapshot, index, run, pip, new_environment, tool, pinned):
    old = snapshot.package("scope-fx").version
    wanted = f"scope-fx=={old}" if pinned else "scope-fx"
    environment = new_environment("index")
    command = {
        "uv": ["uv", "pip", "install", "--no-config", "--no-cache", "--python", environment.python],
        "pip": pip.command("--isolated", "--python", environment.python, "install", "--no-cache-dir"),
    }[tool]
    done = run(*command, "--index-url", index, wanted, cwd=environment.folder)
    assert done.returncode == 0, done.stderr
    assert environment.ask(INSTALLED) == (old if pinned else f"7{old}")


def test_an_installer_reads_the_metadata_without_the_wheel(snapshot, index, run, tmp_path: Path):
    """PEP 658: a resolver needs a kilobyte, not the wheel."""
    QuietFiles.asked.clear()
    (tmp_path / "in.txt").write_text("scope-fx\n", encoding="utf-8")
    command = ["uv", "pip", "compile", "--quiet", "--no-config", "--no-cache", "--python-version", "3.12"]
    done = run(*command, "--index-url", index, "in.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path for path in QuietFiles.asked if path.endswith(".whl.metadata")]
    assert not [path for path in QuietFiles.asked if path.endswith(".whl")], json.dumps(QuietFiles.asked)

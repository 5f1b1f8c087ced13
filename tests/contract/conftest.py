"""A third-party plugin installed into the host, once from a wheel and once from its source tree.

Every command of the tests runs in one process a way of installing, since most of a command's time is the start.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parent / "scope-witness"
CLIP = ("--input", "testpattern", "--size", "64x48")
TEXT = ("render", "witness-text", "--output", "out.mp4")
VIDEO = ("render", "witness-video", "--output", "out.mp4", *CLIP)
MULTI = ("render", "witness-multi", "--output", "out.mp4")

COMMANDS = {
    "plugins": ("plugins",),
    "schema": ("schema", "witness-video"),
    "size and seed": (*TEXT, "--frames", "1", "--size", "32x16", "--seed", "7"),
    "prompt": (*TEXT, "--frames", "1", "--size", "16x16", "--prompt", "a fox"),
    "enum at load": (*VIDEO, "--frames", "1", "--load", "look=fancy"),
    "set": (*VIDEO, "--frames", "1", "--set", "my_param=0.25"),
    "set later": (*VIDEO, "--frames", "3", "--at", "0.03s", "my_param=0.25"),
    "float32": (*VIDEO, "--frames", "2", "--frame-dtype", "float32"),
    "uint8": (*VIDEO, "--frames", "2", "--frame-dtype", "uint8"),
    "preprocessor": (*MULTI, *CLIP, "--frames", "12", "--pre", "witness-video", "--set", "my_param=0.125"),
    "multi from video": (*MULTI, *CLIP, "--frames", "24"),
    "multi from text": (*MULTI, "--frames", "18"),
}

RUN = """
import contextlib, io, json, os, site, sys
site.addsitedir(sys.argv[1])
from scope.cli import main
outcomes = {}
for name, argv in json.load(sys.stdin).items():
    os.environ["SCOPE_WITNESS"] = f"{name}.jsonl"
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(argv)
    outcomes[name] = [code, out.getvalue(), err.getvalue()]
json.dump(outcomes, sys.stdout)
"""


@dataclass
class Outcome:
    """What a command printed, and what the witness saw."""

    code: int
    out: str
    err: str
    log: list[dict[str, Any]]

    def seen(self, event: str, who: str | None = None) -> list[dict[str, Any]]:
        """The keywords of each `init`, `prepare` or `call`, in order."""
        return [line["kwargs"] for line in self.log if line["event"] == event and who in (None, line["who"])]


@pytest.fixture(scope="session", params=["wheel", "source tree"])
def site(request, tmp_path_factory) -> Path:
    """A folder like site-packages with the witness in it."""
    folder = tmp_path_factory.mktemp("site")
    plugin = shutil.copytree(SOURCE, tmp_path_factory.mktemp("plugin") / SOURCE.name)
    if request.param == "wheel":
        _uv("build", "--wheel", "--out-dir", plugin / "dist", plugin)
        _uv("pip", "install", "--target", folder, *(plugin / "dist").glob("*.whl"))
    else:
        _uv("pip", "install", "--target", folder, "--editable", plugin)
    return folder


@pytest.fixture(scope="session")
def outcomes(site, tmp_path_factory) -> dict[str, Outcome]:
    """What came of each command."""
    folder = tmp_path_factory.mktemp("run")
    command = [sys.executable, "-c", RUN, str(site)]
    done = subprocess.run(
        command,
        input=json.dumps(COMMANDS),
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: Outcome(*told, log=_read(folder / f"{name}.jsonl")) for name, told in json.loads(done.stdout).items()}


@pytest.fixture
def outcome(outcomes):
    """`outcome(name)`: a command that succeeded."""

    def get(name: str) -> Outcome:
        assert outcomes[name].code == 0, outcomes[name].err
        return outcomes[name]

    return get


def _read(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _uv(*argv: object) -> None:
    uv = shutil.which("uv")
    assert uv, "these tests need uv on the PATH: pip install uv"
    done = subprocess.run([uv, *map(str, argv)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

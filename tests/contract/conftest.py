"""A third-party plugin installed into the host, once from a wheel and once from its source tree."""

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
RUN = "import site, sys; site.addsitedir(sys.argv[1]); from scope.cli import main; sys.exit(main(sys.argv[2:]))"


@dataclass
class Host:
    """The `scope` command in a process of its own, with the witness installed in `site`."""

    site: Path
    log: Path

    def run(self, *argv: object) -> subprocess.CompletedProcess[str]:
        """Run a command; what the witness saw is in `seen` afterwards."""
        self.log.unlink(missing_ok=True)
        command = [sys.executable, "-c", RUN, str(self.site), *map(str, argv)]
        environment = os.environ | {"SCOPE_WITNESS": str(self.log)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    def seen(self, event: str, who: str | None = None) -> list[dict[str, Any]]:
        """The keywords of each `init`, `prepare` or `call`, in order."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line["kwargs"] for line in lines if line["event"] == event and who in (None, line["who"])]


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


@pytest.fixture
def host(site, tmp_path) -> Host:
    """The host with the witness, and nothing seen yet."""
    return Host(site, tmp_path / "seen.jsonl")


def _uv(*argv: object) -> None:
    uv = shutil.which("uv")
    assert uv, "these tests need uv on the PATH: pip install uv"
    done = subprocess.run([uv, *map(str, argv)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

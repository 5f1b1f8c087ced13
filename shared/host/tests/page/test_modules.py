"""The page's modules without a browser: their own tests under Node, their types under TypeScript, and their size."""

import re
import subprocess
from pathlib import Path

import pytest

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.server.app import PAGE

TYPESCRIPT = "typescript@7.0.2"
HERE = Path(__file__).parent


def _run(*command: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.gate
def test_pure_modules_pass_their_own_tests() -> None:
    _run("node", "--test", *map(str, sorted(HERE.glob("*.test.mjs"))), folder=HERE)


@pytest.mark.gate
def test_types_of_the_page_hold() -> None:
    _run("npx", "--yes", "--package", TYPESCRIPT, "tsc", "--project", "jsconfig.json", folder=PAGE)


def test_no_module_has_more_than_two_hundred_lines() -> None:
    long = [path.name for path in PAGE.rglob("*.js") if len(path.read_text("utf-8").splitlines()) > 200]
    assert not long


def test_every_import_of_a_module_is_there() -> None:
    """A missing module would leave the page empty; the browser says so only in its console."""
    for path in PAGE.rglob("*.js"):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("import ") or " from " in line:
                name = line.rsplit('"', 2)[-2] if line.endswith('";') else ""
                assert not name.startswith(".") or (path.parent / name).is_file(), f"{path.name}: {line}"


def test_the_page_knows_what_every_schema_inherits() -> None:
    words = re.search(r"INHERITED = new Set\((.*?)\);", (PAGE / "inherited.js").read_text("utf-8"), re.DOTALL)
    assert words
    assert set(re.findall(r"[a-z_]{5,}", words[1])) == set(BasePipelineConfig.model_fields)


def test_the_page_has_neither_inline_scripts_nor_inline_styles() -> None:
    """The content security policy would drop them."""
    for path in PAGE.glob("*.html"):
        text = path.read_text("utf-8")
        assert "style=" not in text, path.name
        assert "<script>" not in text, path.name
        assert "https://" not in text, path.name

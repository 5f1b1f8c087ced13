"""Which imports the plugin API promises: read from the source, whatever the host happens to have itself."""

import importlib
import sys

import pytest

from scope.core.plugins.insides import OFFERED, imports_of, insides_imported


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes a package of the given source and gives its folder."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(source: str):
        folder = tmp_path / "stranger"
        folder.mkdir()
        (folder / "__init__.py").write_text(source)
        importlib.invalidate_caches()
        return folder

    yield write
    sys.modules.pop("stranger", None)


def test_every_offered_module_exists():
    for module in OFFERED:
        importlib.import_module(module)


@pytest.mark.parametrize(
    ("source", "inside"),
    [
        ("import scope.server", "scope.server"),
        ("from scope.server.app import App", "scope.server.app.App"),
        (
            "def late():\n    from scope.core.pipelines.wan2_1.vae import WanVAE",
            "scope.core.pipelines.wan2_1.vae.WanVAE",
        ),
        ("from scope.core.pipelines import wan2_1", "scope.core.pipelines.wan2_1"),
        ("from scope.core.pipelines.utils import Config", "scope.core.pipelines.utils.Config"),
        ("from scope.core.plugins.manager import load_plugins", "scope.core.plugins.manager.load_plugins"),
        ("import scope.cli", "scope.cli"),
    ],
)
def test_what_is_not_promised_is_named(package, source, inside):
    package(source)
    assert insides_imported("stranger") == [inside]


@pytest.mark.parametrize(
    "source",
    [
        "from scope.core import hookimpl",
        "from scope.core.pipelines import process",
        "import scope.core.pipelines.blending as b",
        "from scope.core.pipelines.base_schema import CtrlInput, height_field",
        "from scope.core.pipelines.registry import PipelineRegistry",
        "from scopes.server import x",
        "from .scope import server",
        "try:\n    import scope.server\nexcept ImportError:\n    pass",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import scope.server",
        "def f(:",
    ],
)
def test_what_is_promised_guarded_or_of_others_is_not_named(package, source):
    package(source)
    assert insides_imported("stranger") == []


def test_an_import_knows_where_it_stands(package):
    folder = package("import os\n\nimport scope.server")
    assert [(i.dotted, i.file, i.line) for i in imports_of(folder) if i.inside] == [
        ("scope.server", folder / "__init__.py", 3)
    ]


def test_a_package_that_is_not_installed_has_none():
    assert insides_imported("a_package_that_is_not_there") == []

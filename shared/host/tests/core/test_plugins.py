"""Discovery: what is wrong with one plugin costs only that plugin, and is said in words a person can act on."""

import sys
from pathlib import Path

import pytest

from scope.core.pipelines.registry import PipelineRegistry, Registry, UnknownPipelineError
from scope.core.plugins.manager import HostConflictError, PluginReport, load_plugins

GOOD = """
from scope.core.plugins.hookspecs import hookimpl
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline

class Config(BasePipelineConfig):
    pipeline_id = "{id}"
    pipeline_name = "A"
    pipeline_description = "B"
    modes = {{"text": ModeDefaults(default=True)}}

class ThePipeline(Pipeline):
    @classmethod
    def get_config_class(cls):
        return Config
    def __call__(self, **kwargs):
        return {{}}

@hookimpl
def register_pipelines(register):
    register(ThePipeline)
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder that stands for site-packages: the only place where distributions are found."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *(p for p in sys.path if "site-packages" not in p)])
    import pluggy  # noqa: F401 - already imported, so that the shorter path does not matter
    import pydantic  # noqa: F401

    yield Site(tmp_path)
    for name in [n for n in sys.modules if n.startswith("plug_")]:
        del sys.modules[name]


class Site:
    """Writes distributions the way an installer does: a module and its `.dist-info`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, code: str, entry_points: str | None = None) -> None:
        module = f"plug_{name.replace('-', '_')}"
        (self.folder / f"{module}.py").write_text(code)
        info = self.folder / f"{name.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(entry_points or f"[scope]\n{module} = {module}\n")

    def load(self) -> tuple[Registry, dict[str, PluginReport]]:
        registry = Registry()
        return registry, {report.package: report for report in load_plugins(registry)}


def test_a_plugin_is_found_by_its_entry_point(site):
    site.add("scope-good", GOOD.format(id="good"))
    registry, reports = site.load()
    assert list(registry) == ["good"]
    assert reports["scope-good"] == PluginReport("scope-good", "1.2", "plug_scope_good = plug_scope_good", ["good"])
    assert reports["scope-good"].ok


def test_a_plugin_may_register_several_pipelines(site):
    site.add("scope-two", GOOD.format(id="one") + "\n\n" + GOOD.format(id="two").replace("def register_", "def _"))
    code = (
        GOOD.format(id="one")
        + """
class Config2(Config):
    pipeline_id = "two"
class Second(ThePipeline):
    @classmethod
    def get_config_class(cls):
        return Config2
"""
    ).replace("    register(ThePipeline)", "    register(ThePipeline)\n    register(Second)")
    (site.folder / "plug_scope_two.py").write_text(code)
    registry, _ = site.load()
    assert list(registry) == ["one", "two"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import a_module_that_is_not_there", "could not be imported: ModuleNotFoundError: No module named 'a_module"),
        ("raise SystemExit(3)", "could not be imported: SystemExit: 3 (plug_scope_bad.py:1)"),
        ("def f(:", "could not be imported: SyntaxError"),
        (
            "import scope.server.frame_processor_of_the_original",
            "imports the insides of the original host: scope.server",
        ),
        (
            "from scope.core.pipelines.utils import Config",
            "imports the insides of the original host: scope.core.pipelines.utils.Config. They are not part",
        ),
        (
            "from scope.core import hookimpl\n@hookimpl\ndef register_pipelines(register): import scope.core.pipelines.wan2_1",
            "imports the insides of the original host: scope.core.pipelines.wan2_1. What it had registered",
        ),
        ("x = 1", "plug_scope_bad = plug_scope_bad implements no hook; decorate `register_pipelines(register)` with"),
        ("from scope.core import hookimpl\n@hookimpl\ndef register_pipelines(register): ...", "registered no pipeline"),
        (
            "from scope.core import hookimpl\n@hookimpl\ndef register_pipelines(registry): ...",
            "has a hook that does not fit",
        ),
        (
            "from scope.core import hookimpl\n@hookimpl\ndef register_pipelines(register): 1 / 0",
            "raised in register_pipelines: ZeroDivisionError: division by zero (plug_scope_bad.py:3)",
        ),
        (
            "from scope.core import hookimpl\n@hookimpl\ndef register_pipelines(register): register(int)",
            "registered something unusable: expected a subclass of scope.core.pipelines.interface.Pipeline, "
            "got <class 'int'>",
        ),
        (
            GOOD.format(id="x").replace("return Config", "return dict"),
            "get_config_class() must return a subclass of BasePipelineConfig, got <class 'dict'>",
        ),
        (
            GOOD.format(id="x").replace("return Config", "raise OSError('no')"),
            "whose get_config_class failed: OSError: no",
        ),
        (GOOD.format(id=" "), "must set pipeline_id to a text that is not empty"),
    ],
)
def test_a_broken_plugin_is_reported_and_the_others_load(site, code, expected):
    site.add("scope-bad", code)
    site.add("scope-good", GOOD.format(id="good"))
    registry, reports = site.load()
    assert "good" in registry
    assert reports["scope-good"].ok
    assert len(reports["scope-bad"].problems) == 1
    assert expected in reports["scope-bad"].problems[0]


def test_what_a_hook_registered_before_it_failed_stays(site):
    site.add("scope-half", GOOD.format(id="half") + "    raise RuntimeError('later')\n")
    registry, reports = site.load()
    assert list(registry) == ["half"]
    assert "RuntimeError: later" in reports["scope-half"].problems[0]


def test_two_entry_points_block_the_plugin(site):
    site.add("scope-many", GOOD.format(id="many"), "[scope]\na = plug_scope_many\nb = plug_scope_many\n")
    registry, reports = site.load()
    assert len(registry) == 0
    assert (
        "has 2 entry points in the group 'scope' (a = plug_scope_many, b = plug_scope_many)"
        in (reports["scope-many"].problems[0])
    )


def test_an_id_that_is_taken_stays_with_its_first_owner(site):
    site.add("scope-a", GOOD.format(id="same"))
    site.add("scope-b", GOOD.format(id="same"))
    registry, reports = site.load()
    assert registry.get("same").__module__ == "plug_scope_a"
    assert reports["scope-b"].problems == [
        "registered something unusable: pipeline id 'same' is taken by plug_scope_a.ThePipeline; "
        "plug_scope_b.ThePipeline needs an id of its own."
    ]


def test_a_distribution_without_an_entry_point_is_no_plugin(site):
    site.add("numbers", "x = 1", "[console_scripts]\nn = numbers\n")
    assert site.load()[1] == {}


@pytest.mark.parametrize("name", ["daydream-scope", "Daydream_Scope"])
def test_the_original_host_in_the_same_environment_is_refused(site, name):
    site.add(name, "x = 1", "[other]\n")
    with pytest.raises(
        HostConflictError, match=r"daydream-scope and scope-host are both installed in .*import name 'scope'"
    ):
        site.load()


def test_an_unknown_id_names_the_nearest(site):
    site.add("scope-good", GOOD.format(id="kaleidoscope"))
    registry, _ = site.load()
    with pytest.raises(UnknownPipelineError) as caught:
        registry.get("kaleidscope")
    assert str(caught.value) == "no pipeline 'kaleidscope'; did you mean 'kaleidoscope'? (registered: kaleidoscope)"


OBJECT = """
class Plugin:
    __name__ = None
{hook}
plugin = Plugin()
"""


def test_an_entry_point_may_be_an_object_whose_methods_are_the_hooks(site):
    hook = "    @hookimpl\n    def register_pipelines(self, register):\n        register(ThePipeline)\n"
    site.add(
        "scope-object", GOOD.format(id="object") + OBJECT.format(hook=hook), "[scope]\no = plug_scope_object:plugin\n"
    )
    registry, reports = site.load()
    assert list(registry) == ["object"]
    assert reports["scope-object"].ok


def test_an_object_without_a_hook_costs_only_itself(site):
    site.add("scope-bare", OBJECT.format(hook=""), "[scope]\no = plug_scope_bare:plugin\n")
    site.add("scope-good", GOOD.format(id="good"))
    registry, reports = site.load()
    assert list(registry) == ["good"]
    assert "o = plug_scope_bare:plugin implements no hook" in reports["scope-bare"].problems[0]


def test_a_config_needs_neither_name_nor_description(site):
    code = GOOD.format(id="nameless").replace('    pipeline_name = "A"\n    pipeline_description = "B"\n', "")
    site.add("scope-nameless", code)
    registry, reports = site.load()
    assert reports["scope-nameless"].ok
    metadata = registry.config("nameless").get_pipeline_metadata()
    assert (metadata["name"], metadata["description"]) == ("nameless", "")


def test_a_pipeline_that_tells_how_much_memory_it_takes_is_registered_without_a_gpu(site):
    site.add(
        "scope-large",
        GOOD.format(id="large").replace("    pipeline_name", "    estimated_vram_gb = 40.0\n    pipeline_name"),
    )
    assert list(site.load()[0]) == ["large"]


def test_a_plugin_uses_the_registry_through_the_class(site):
    code = GOOD.format(id="by-class").replace(
        "    register(ThePipeline)",
        "    from scope.core.pipelines.registry import PipelineRegistry\n"
        "    if not PipelineRegistry.is_registered('by-class'):\n"
        "        PipelineRegistry.register('by-class', ThePipeline)",
    )
    site.add("scope-by-class", code)
    registry, reports = site.load()
    assert reports["scope-by-class"].pipelines == ["by-class"]
    assert PipelineRegistry.get("by-class") is registry.get("by-class")
    assert PipelineRegistry.get_config_class("by-class") is registry.config("by-class")
    assert PipelineRegistry.list_pipelines() == ["by-class"]
    assert PipelineRegistry.unregister("by-class") is True
    assert PipelineRegistry.unregister("by-class") is False
    assert PipelineRegistry.get("by-class") is PipelineRegistry.get_config_class("by-class") is None
    assert len(registry) == 0


def test_the_registry_class_keeps_the_first_owner_and_says_so_in_the_log(site, caplog):
    site.add("scope-a", GOOD.format(id="same"))
    registry, _ = site.load()
    first = registry.get("same")
    other = type("Other", (first,), {})
    PipelineRegistry.register("same", first)
    PipelineRegistry.register("same", other)
    assert PipelineRegistry.get("same") is first
    assert "pipeline id 'same' is taken" in caplog.text


def test_nodes_are_noted_and_a_plugin_may_have_nothing_else(site):
    code = """
from scope.core import hookimpl
from scope.core.nodes.base import BaseNode

class Mix(BaseNode):
    node_type_id = "mix"

class Plain(BaseNode):
    pass

@hookimpl
def register_nodes(register):
    register(Mix)
    register(Plain)
"""
    site.add("scope-nodes", code)
    assert site.load()[1]["scope-nodes"].nodes == ["mix", "Plain"]
    assert site.load()[1]["scope-nodes"].ok

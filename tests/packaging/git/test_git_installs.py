"""The lines that people paste, in fresh environments, with both installers."""

import json

import pytest

PLUGINS = ("scope-control", "scope-fx", "scope-synth", "scope-wan-vace")

INSTALLED = """
import json
from importlib import metadata
found = [d for d in metadata.distributions() if d.entry_points.select(group="scope")]
print(json.dumps({d.name: d.version for d in found}))
"""

LOADED = """
import importlib, json, sys
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
loaded = {}
for report in load_plugins(Registry()):
    assert report.ok, report
    assert report.pipelines, report
    module = report.package.replace("-", "_")
    library = importlib.import_module(f"{module}._vendor.scope_gpu")
    loaded[report.package] = [report.version, library.__version__, library.__file__]
assert "scope_gpu" not in sys.modules
print(json.dumps(loaded))
"""


# One stands for all with pip, which builds every plugin below.
WITH_PIP = pytest.param("pip", "file", "scope-wan-vace", marks=pytest.mark.gate)


@pytest.mark.parametrize(("tool", "scheme", "plugin"), [*(("uv", "http", plugin) for plugin in PLUGINS), WITH_PIP])
def test_every_plugin_installs_alone_from_the_newest_commit(repository, new_environment, tool, scheme, plugin):
    environment = new_environment("alone")
    environment.install(tool, repository.line(plugin, scheme=scheme))
    assert json.loads(environment.ask(INSTALLED)) == {plugin: repository.new[plugin][1]}
    assert f"{plugin.replace('-', '_')}/_vendor/scope_gpu/only_in_the_new_release.py" in str(
        environment.digests(plugin)
    )


@pytest.mark.parametrize(
    ("tool", "scheme"),
    [("uv", "http"), *(pytest.param(*pair, marks=pytest.mark.gate) for pair in (("uv", "file"), ("pip", "http")))],
)
@pytest.mark.parametrize("kind", ["branch", "tag", "commit"])
def test_a_plugin_installs_from_a_branch_a_tag_or_a_commit(repository, new_environment, tool, scheme, kind):
    tag, old, _ = repository.old["scope-fx"]
    ref = {"branch": "topic", "tag": tag, "commit": repository.commit}[kind]
    environment = new_environment("ref")
    environment.install(tool, repository.line("scope-fx", ref, scheme))
    assert json.loads(environment.ask(INSTALLED)) == {"scope-fx": old}


@pytest.mark.gate
@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_all_plugins_install_together_and_load_in_the_host(repository, new_host, tool: str):
    host = new_host("all")
    host.install(tool, *(repository.line(plugin) for plugin in PLUGINS))
    loaded = json.loads(host.ask(LOADED))
    assert {name: found[:2] for name, found in loaded.items()} == {
        name: [version, library] for name, (_, version, library) in repository.new.items()
    }


@pytest.mark.gate
def test_two_plugins_from_two_tags_each_keep_their_own_library(repository, new_host):
    """Upgrading or removing one of them does not touch a byte of the other."""
    host = new_host("two")
    (fx_tag, *fx), (synth_tag, *synth) = repository.old["scope-fx"], repository.new["scope-synth"]
    host.install("uv", repository.line("scope-fx", fx_tag), repository.line("scope-synth", synth_tag))
    loaded = json.loads(host.ask(LOADED))
    assert {name: found[:2] for name, found in loaded.items()} == {"scope-fx": fx, "scope-synth": synth}
    assert has_new_module(host) == {"scope-fx": False, "scope-synth": True}

    before = host.digests("scope-synth")
    host.install("uv", repository.line("scope-fx", repository.new["scope-fx"][0]))
    assert host.digests("scope-synth") == before
    assert has_new_module(host) == {"scope-fx": True, "scope-synth": True}
    assert json.loads(host.ask(LOADED))["scope-fx"][:2] == list(repository.new["scope-fx"][1:])

    host.uninstall("scope-fx")
    assert host.digests("scope-synth") == before
    assert host.digests("scope-fx") == {}
    assert list(json.loads(host.ask(LOADED))) == ["scope-synth"]


def has_new_module(host) -> dict[str, bool]:
    site = host.site()
    modules = {name: site / name.replace("-", "_") for name in ("scope-fx", "scope-synth")}
    return {name: (path / "_vendor/scope_gpu/only_in_the_new_release.py").is_file() for name, path in modules.items()}

"""What a host starts with: the current generation, or a sentence about why not."""

import dataclasses
import subprocess
import sys

import pytest

from scope.install.activate import activate
from scope.install.generations import RECORD, Store

LOOK = "import scope.install.activate as a; s = a.activate({}); print([s.generation and s.generation.number, s.notes]);"


@pytest.fixture
def started(manager, monkeypatch):
    """Start a host in a process of its own: what it activated, its notes, and what else the code prints."""
    monkeypatch.setenv("DAYDREAM_SCOPE_PLUGINS_DIR", str(manager.store.plugins))

    def start(code="", options="", python=sys.executable):
        command = [str(python), "-c", LOOK.format(options) + code]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.splitlines() + ([done.stderr] if done.returncode and not done.stdout else [])

    return start


def rewrite(store, **changes):
    """The current generation's record with other values."""
    generation = store.load(store.current())
    store.finish(dataclasses.replace(generation, **changes))


def test_a_plugin_is_importable_after_activation_and_only_then(manager, workshop, started):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    import_it = "import scope_plain; print(scope_plain.Config.pipeline_id)"
    assert started(import_it) == ["[1, []]", "scope-plain"]
    safe = started("import importlib.util as u; print(u.find_spec('scope_plain'))", "safe=True")
    assert safe == ["[None, ['Started without installed plugins (--safe).']]", "None"]


def test_activation_imports_neither_torch_nor_pydantic_nor_the_installer(manager, workshop, started):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    heavy = ("torch", "pydantic", "packaging", "scope.install.change", "uv")
    code = f"import sys; print([name for name in {heavy} if name in sys.modules])"
    assert started(code)[1] == "[]"


def test_what_was_never_installed_is_named(manager, started):
    manager.store.plugins.mkdir()
    manager.store.manifest.write_text("# mine\nscope-a\nscope-b\n")
    note = "plugins.txt names 2 plugins that this host has not installed; run `scope install`."
    assert started() == [f"[None, ['{note}']]"]


def test_a_manifest_that_differs_is_named(manager, workshop, started):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    manager.store.manifest.write_text("# nothing\n")
    assert "plugins.txt differs from what is installed; run `scope install` to make them agree." in started()[0]


def test_another_python_is_not_activated(manager, workshop, started):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    rewrite(manager.store, python="cp39")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    note = f"The plugins were installed for Python 3.9; this is {here}. Run `scope install` to build them anew."
    assert started() == [f"[None, ['{note}']]"]


def test_a_host_that_changed_names_what_no_longer_fits(manager, workshop, started):
    workshop.publish(workshop.made("scope-plain", requires=["numpy>=2"]))
    manager.install("scope-plain")
    rewrite(manager.store, host="another")
    assert started() == ["[1, []]"]
    site = manager.store.site(manager.store.current())
    described = site / "scope_plain-1.0.0.dist-info" / "METADATA"
    described.write_text(described.read_text().replace("numpy>=2", "numpy<2"))
    assert "scope-plain needs numpy<2, the host now has 2." in started()[0]


@pytest.mark.parametrize("damage", ["", "nowhere\n"])
def test_a_damaged_pointer_falls_back_to_the_last_sound_generation(manager, workshop, started, damage):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    name = manager.store.current()
    manager.store.pointer.write_text(damage)
    assert started() == [f"[1, ['The current generation of plugins is damaged; {name} is used instead.']]"]


@pytest.mark.gate
def test_a_damaged_record_falls_back_to_the_generation_before(manager, workshop, started):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    workshop.publish(workshop.made("scope-plain", "2.0.0"))
    manager.install("scope-plain")
    (manager.store.folder(manager.store.current()) / RECORD).write_text("{")
    assert started()[0].startswith("[1, ['The current generation of plugins is damaged; 0001-")
    manager.install("scope-plain")
    assert manager.store.base().number == 3


def test_a_plugin_that_ended_the_host_is_named_at_the_next_start(manager, workshop, started):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    workshop.publish(workshop.made("scope-plain", "2.0.0"))
    manager.install("scope-plain")
    started("s.loading('scope-plain'); import os; os._exit(9)")
    back = manager.store.base().parent
    note = f"`scope serve --safe` starts without plugins, `scope rollback` goes back to {back}."
    assert started("s.loaded()") == [f"[2, ['The host died while loading scope-plain. {note}']]"]
    assert started() == ["[2, []]"]


@pytest.mark.gate
def test_a_generation_that_a_host_uses_is_kept_until_it_ends(manager, workshop):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    first = manager.store.current()
    code = "import sys, scope.install.activate as a; s = a.activate(); print(s.generation.name, flush=True); sys.stdin.read()"
    host = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    assert host.stdout.readline().strip() == first
    for version in range(2, 8):
        workshop.publish(workshop.made("scope-plain", f"{version}.0.0"))
        manager.install("scope-plain")
    assert first in manager.store.names()
    assert len(manager.store.names()) == 6
    host.kill()
    host.communicate()
    workshop.publish(workshop.made("scope-plain", "8.0.0"))
    manager.install("scope-plain")
    assert first not in manager.store.names()
    assert len(manager.store.names()) == 5


@pytest.mark.gate
def test_two_environments_share_the_manifest_and_nothing_else(manager, workshop, command):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    here = manager.store.current()
    other = command.run("install", "--yes")
    assert other.returncode == 0, other.stderr
    folders = sorted((manager.store.plugins / "envs").iterdir())
    assert len(folders) == 2
    there = next(Store(manager.store.plugins, folder.name) for folder in folders if folder != manager.store.env)
    assert there.current() is not None
    there.pointer.unlink()
    assert manager.store.current() == here


def test_a_folder_that_cannot_be_read_is_a_note(tmp_path):
    unreadable = tmp_path / ("x" * 300)
    notes = activate(plugins=unreadable).notes
    assert notes == [f"Installed plugins were not loaded: {unreadable} cannot be read (file name too long)."]


def test_a_read_only_folder_is_activated_all_the_same(manager, workshop, started, monkeypatch):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    (manager.store.folder(manager.store.current()) / "users").write_text("a file where a folder is expected")
    assert started("import scope_plain; s.loading('scope-plain'); s.loaded(); print('fine')") == ["[1, []]", "fine"]


@pytest.mark.gate
def test_a_path_file_that_raises_stops_no_rollback_and_no_safe_start(manager, workshop, command):
    workshop.publish(workshop.made("scope-plain"))
    assert command.run("install", "scope-plain", "--yes").returncode == 0
    workshop.publish(workshop.made("scope-plain", "2.0.0"))
    assert command.run("install", "scope-plain", "--yes").returncode == 0
    bad = command.store.site(command.store.current()) / "bad.pth"
    bad.write_text("import os; os._exit(5)")
    assert command.run("history").returncode == 0
    back = command.run("rollback")
    assert (back.returncode, back.stdout) == (0, "Generation 1 is current: scope-plain 1.0.0.\n"), back.stderr

"""Several installers at once, full disks, folders that cannot be written, and what survives of each."""

import errno
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from scope.core import files
from scope.install import change
from scope.install.errors import CancelledError, InstallError
from scope.install.locking import BusyError, locked
from scope.install.progress import Watch


@pytest.mark.gate
def test_a_second_installer_waits_for_the_first_and_both_are_there(manager, workshop, command):
    for name in ("scope-one", "scope-two"):
        workshop.publish(workshop.made(name))
    assert command.run("history").returncode == 0
    first = command.start("install", "scope-one", "--yes")
    second = command.start("install", "scope-two", "--yes")
    outcomes = [process.communicate(timeout=120) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), outcomes
    assert {plugin.name for plugin in command.store.base().plugins} == {"scope-one", "scope-two"}
    assert len([switch["to"] for switch in command.store.history()]) == 2


def test_who_does_not_want_to_wait_is_told_who_is_there(manager):
    owner = rf"Another installation is running \(pid {os.getpid()}, `scope install x`, since "
    with locked(manager.store, "scope install x", Watch()), pytest.raises(BusyError, match=owner):
        ask_in_vain(manager.store)


def ask_in_vain(store):
    """Ask for the lock from another thread, as another installer would, and raise what it gets."""
    caught = []

    def ask():
        try:
            with locked(store, "scope install y", Watch(), wait=0):
                pass
        except InstallError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    raise caught[0]


@pytest.mark.gate
def test_an_orphan_of_a_killed_installer_harms_no_later_one(command, workshop):
    slow = workshop.project(workshop.made("scope-slow"))
    backend = slow / "backend.py"
    backend.write_text(backend.read_text().replace("import pathlib", "import time; time.sleep(1.5)\nimport pathlib", 1))
    workshop.publish(workshop.made("scope-quick"))
    killed = command.start("install", slow, "--yes")
    while not list((command.plugins / "envs").glob("*/generations/*/pins.txt")):
        assert killed.poll() is None, killed.communicate()
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    done = command.run("install", "scope-quick", "--yes")
    assert done.returncode == 0, done.stderr
    assert [plugin.name for plugin in command.store.base().plugins] == ["scope-quick"]
    assert (command.store.site(command.store.current()) / "scope_quick" / "__init__.py").is_file()


def test_a_cancelled_change_leaves_nothing(manager, workshop):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    workshop.publish(workshop.made("scope-plain", "2.0.0"))
    before = manager.store.names()
    manager.watch.on_step = lambda step: manager.watch.cancel.set() if step.stage == "checking" else None
    with pytest.raises(CancelledError, match="Interrupted; nothing was changed"):
        manager.install("scope-plain")
    assert manager.store.names() == before


def test_an_interrupt_that_comes_too_late_says_so(manager, workshop, monkeypatch):
    def interrupted(path, line):
        raise KeyboardInterrupt

    workshop.publish(workshop.made("scope-plain"))
    with monkeypatch.context() as patch:
        patch.setattr(files, "append", interrupted)
        with pytest.raises(CancelledError, match="the change was made already"):
            manager.install("scope-plain")
    assert manager.versions() == {"scope-plain": "1.0.0"}
    assert manager.store.history() == []
    assert not manager.reconcile().changed
    assert [switch["by"] for switch in manager.store.history()] == ["install"]


@pytest.mark.gate
@pytest.mark.parametrize("file", ["generation.json", "switching", "current", "plugins.txt", "history.jsonl"])
def test_a_disk_that_is_full_at_one_file_leaves_the_old_state_or_the_new(manager, workshop, monkeypatch, file):
    for name in ("scope-one", "scope-two"):
        workshop.publish(workshop.made(name))
    manager.install("scope-one")

    def full_for(function):
        def full(path, *rest):
            if path.name == file:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            return function(path, *rest)

        return full

    with monkeypatch.context() as patch:
        patch.setattr(files, "prepare", full_for(files.prepare))
        patch.setattr(files, "append", full_for(files.append))
        if file == "history.jsonl":
            assert "its record could not be written" in manager.install("scope-two").notes[0]
        else:
            with pytest.raises(InstallError, match=rf"The disk is full at {manager.store.plugins}; make room"):
                manager.install("scope-two")
    expected = {"scope-one": "1.0.0"} | ({"scope-two": "1.0.0"} if file == "history.jsonl" else {})
    assert manager.versions() == expected
    manager.reconcile()
    assert manager.versions() == expected
    assert manager.store.history()[-1]["to"] == manager.store.current()


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a tmpfs of a given size in place of the plugins folder; skips where that is not allowed."""
    mounted = []

    def mount(folder: Path, size: str, options: str = "") -> None:
        folder.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}{options}", "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting needs rights that this user does not have")
        mounted.append(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.gate
@pytest.mark.parametrize("size", ["40k", "100k", "600k", "800k", "1200k"])
def test_a_small_disk_is_a_sentence_at_whatever_stage_it_is_full(small_disk, command, workshop, size):
    big = {"scope_big/data.txt": "x" * 700_000}
    workshop.publish(workshop.made("scope-big", extra_files=big))
    small_disk(command.plugins, size)
    done = command.run("install", "scope-big", "--yes")
    if done.returncode == 0:
        assert command.store.base().plugins[0].name == "scope-big"
        return
    assert (
        done.returncode,
        f"The disk is full at {command.plugins}; make room there, then try again. Nothing was changed." in done.stderr,
    ) == (
        1,
        True,
    ), done.stderr
    assert not (command.plugins / "plugins.txt").exists()
    assert command.run("history").returncode == 0


@pytest.mark.gate
def test_a_folder_that_cannot_be_written_can_still_be_used(small_disk, command, workshop):
    workshop.publish(workshop.made("scope-plain"))
    small_disk(command.plugins, "8m")
    assert command.run("install", "scope-plain", "--yes").returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", str(command.plugins)], check=True)
    refused = command.run("install", "scope-plain", "--yes")
    assert (
        refused.returncode,
        f"{command.plugins} cannot be written: it is read-only, or belongs to somebody else. Nothing was"
        in refused.stderr,
    ) == (
        1,
        True,
    )
    assert "scope-plain" in command.run("history").stdout
    code = "import scope.install.activate as a; a.activate(); import scope_plain; print('loaded')"
    assert command.run(program=("-c", code)).stdout == "loaded\n"


def test_a_password_of_an_index_is_written_nowhere(manager, workshop, monkeypatch):
    secret = "hunter2secret"
    workshop.publish(workshop.made("scope-plain"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{workshop.address.replace('http://', f'http://me:{secret}@')}/simple")
    done = manager.install("scope-plain")
    with pytest.raises(InstallError) as caught:
        manager.install("scope-nope")
    assert secret not in " ".join([*(step.text for step in manager.steps), str(done), str(caught.value)])
    for path in manager.store.plugins.rglob("*"):
        assert not path.is_file() or secret not in path.read_text(errors="replace"), path


def test_files_with_addresses_are_for_their_owner_only(manager, workshop):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    folder = manager.store.folder(manager.store.current())
    for path in (manager.store.manifest, folder / "pylock.toml", folder / "generation.json", folder / "pins.txt"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_old_logs_and_plans_are_collected(manager, workshop):
    workshop.publish(workshop.made("scope-plain"))
    manager.install("scope-plain")
    plan = manager.store.env / "plans" / "old"
    plan.mkdir()
    os.utime(plan, (1, 1))
    for number in range(30):
        (manager.store.logs / f"0000-{number:02d}.txt").write_text("")
    with change.working(manager.store, "scope test", Watch()):
        pass
    assert not plan.exists()
    assert len(list(manager.store.logs.iterdir())) == 20

"""A change that is killed leaves the old state or the new one, and the next command brings it to its end."""

import hashlib
import json
import random
import shutil
import time
from pathlib import Path

import psutil
import pytest

from scope.install.plugins_txt import read_text, wanted

KILLER = Path(__file__).with_name("killer.py")
FILES = ("generation.json", "switching", "current", "plugins.txt")
POINTS = [f"{when}:{file}" for file in FILES for when in ("before", "during", "after")]
POINTS += ["before:history.jsonl", "after:history.jsonl", "after:compile", "after:install"]
# Every change is killed; which one, at which instant and how is drawn from this seed.
SEED = 10
INSTANTS = 30

# Two commands in one process, since most of a command's time is its start.
LIST_AND_REPAIR = (
    "import sys; from scope.cli import main; sys.exit(main(['history', '--json']) or main(['install', '--yes']))"
)

OLD = {"scope-one": "1.0.0"}
CHANGES = {
    "install": (("install", "scope-two", "--yes"), OLD | {"scope-two": "1.0.0"}),
    "upgrade": (("upgrade", "scope-one", "--yes"), {"scope-one": "2.0.0"}),
    "uninstall": (("uninstall", "scope-one"), {}),
}


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """Where the state that every test starts from is kept, and how long an undisturbed change of it takes."""
    return tmp_path_factory.mktemp("settled")


@pytest.fixture
def changing(command, workshop, settled):
    """A command in an environment with one plugin; the index has a newer one of it, and another."""
    for name in ("scope-one", "scope-two"):
        workshop.publish(workshop.made(name))
    if not (settled / "plugins").exists():
        assert command.run("install", "scope-one", "--yes").returncode == 0
        shutil.copytree(command.plugins, settled / "plugins")
        start = time.monotonic()
        assert command.run(*CHANGES["install"][0]).returncode == 0
        (settled / "seconds").write_text(str(time.monotonic() - start))
        shutil.rmtree(command.plugins)
    shutil.copytree(settled / "plugins", command.plugins)
    workshop.publish(workshop.made("scope-one", "2.0.0"))
    return command


@pytest.mark.gate
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_each_point_leaves_the_old_state_or_the_new(changing, point):
    words, new = CHANGES["install"]
    before = fingerprints(changing)
    killed = changing.run(*words, program=(KILLER, point))
    assert killed.returncode == -9, killed.stderr
    check(changing, before, new)


@pytest.mark.gate
@pytest.mark.parametrize("instant", range(INSTANTS))
def test_a_kill_at_any_instant_leaves_the_old_state_or_the_new(changing, settled, instant):
    drawn = random.Random(SEED * 1000 + instant)
    words, new = CHANGES[drawn.choice(list(CHANGES))]
    before = fingerprints(changing)
    share = drawn.random() if instant % 2 else 2 / 3 + drawn.random() / 3
    process = changing.start(*words)
    children = wait_for(process, share * float((settled / "seconds").read_text()))
    process.kill()
    process.communicate()
    for child in children:
        if instant // 2 % 2 and child.is_running():
            child.kill()
    psutil.wait_procs(children, timeout=60)
    check(changing, before, new)


def wait_for(process, seconds: float) -> list[psutil.Process]:
    """Let the change run for that long; gives the processes that it has started."""
    children: dict[int, psutil.Process] = {}
    end = time.monotonic() + seconds
    root = psutil.Process(process.pid)
    while time.monotonic() < end and process.poll() is None:
        children |= {child.pid: child for child in root.children(recursive=True)}
        time.sleep(0.005)
    return list(children.values())


def check(changing, before: dict[str, str], new: dict[str, str]) -> None:
    """Whatever happened: the old state or the new; and after one more command, nothing is left of the accident."""
    now = fingerprints(changing)
    assert {name: now[name] for name in before} == before
    found = versions(changing)
    assert found in (OLD, new)
    repaired = changing.run(program=("-c", LIST_AND_REPAIR))
    assert repaired.returncode == 0, repaired.stderr
    assert versions(changing) == found
    assert_clean(changing)


def assert_clean(changing) -> None:
    store = changing.store
    generation = store.load(store.current())
    assert wanted(read_text(store.manifest)) == wanted(generation.manifest)
    assert store.history()[-1]["to"] == generation.name
    assert store.names() == store.complete()
    assert {path.name for path in store.plugins.iterdir()} == {"plugins.txt", "envs"}
    expected = {"current", "history.jsonl", "lock", "lock.owner", "logs", "host", "plans", "generations"}
    assert {path.name for path in store.env.iterdir()} == expected


def versions(changing) -> dict[str, str]:
    store = changing.store
    return {plugin.name: plugin.version for plugin in store.load(store.current()).plugins}


def fingerprints(changing) -> dict[str, str]:
    """What no change may touch: every complete generation, and the environment of the host."""
    store = changing.store
    found = {name: contents(store.folder(name)) for name in store.complete()}
    home = changing.python.parents[1]
    times = {str(path): path.lstat().st_mtime_ns for path in sorted(home.rglob("*")) if "__pycache__" not in path.parts}
    return found | {"host": json.dumps({path: time for path, time in times.items() if not Path(path).is_dir()})}


def contents(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {"__pycache__", "users"} & set(path.parts):
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()

"""A real Ray cluster of several nodes on this machine; what dies or fills up in it costs only attempts."""

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from types import SimpleNamespace

import psutil
import pytest
import torch

from scope.batch.crew import Moved
from scope.batch.manifest import Manifest
from scope.batch.parts import Splitter
from scope.batch.plan import Options, Variation, jobs_of
from scope.batch.run import OWN_FOLDER, batch_folder, run
from scope.cli import main
from scope.cli.words import fill_address
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope.media import open_source
from scope.runtime.graph import Graph

WEIGHTS = bytes(range(256)) * 400


def test_an_address_is_optional():
    assert fill_address(["batch", "--ray", "a.json", "--ray"]) == ["batch", "--ray=", "a.json", "--ray="]
    assert fill_address(["--ray", "head:6379", "--ray", "ray://h:1"]) == ["--ray", "head:6379", "--ray", "ray://h:1"]


def test_as_many_workers_as_there_is_room_for():
    pytest.importorskip("scope.batch.on_ray", reason="SKIPPED: Ray comes with the extra scope-host[batch]")
    from scope.batch.on_ray import Share, fitting

    assert fitting({"CPU": 8.0}, Share(2.0, 0.0)) == 4
    assert fitting({"CPU": 64.0, "GPU": 3.0}, Share(1.0, 0.3)) == 10
    assert fitting({"CPU": 64.0}, Share(1.0, 1.0)) == 0


def test_a_job_is_not_tried_again_on_a_node_while_another_may_do_it_or_is_still_expected():
    pytest.importorskip("scope.batch.on_ray", reason="SKIPPED: Ray comes with the extra scope-host[batch]")
    from scope.batch.on_ray import suits

    assert suits("a", set(), {"a"}, more=True)
    assert not suits("a", {"a"}, {"a", "b"}, more=False)
    assert not suits("a", {"a"}, {"a"}, more=True)
    assert suits("a", {"a"}, {"a"}, more=False)


def started(utils, environments, tries=5):
    """A cluster with a node of one CPU for each environment. Ray gives a node thirty seconds, of which a busy machine may
    need more: then all are started anew."""
    cluster = utils.Cluster()
    try:
        cluster.add_node(num_cpus=0, include_dashboard=False)
        for variables in environments:
            cluster.add_node(num_cpus=1, env_vars=variables)
    except Exception as late:
        cluster.shutdown()
        if tries == 1 or not (isinstance(late, TimeoutError) or "timed out during startup" in str(late)):
            raise
        return started(utils, environments, tries - 1)
    return cluster


@pytest.fixture(scope="module")
def cluster(module_plugin, module_hub, small_disk, tmp_path_factory):
    """A head without room for workers and two nodes for one worker each; each node has its own models folder, and the
    first one a small disk for what is on its way to a store."""
    pytest.importorskip("scope.batch.on_ray", reason="SKIPPED: Ray comes with the extra scope-host[batch]")
    utils = pytest.importorskip("ray.cluster_utils", reason="SKIPPED: Ray comes with the extra scope-host[batch]")
    module_hub.files["team/Moody"] = {"shade.bin": WEIGHTS}
    environments = [{"DAYDREAM_SCOPE_MODELS_DIR": str(tmp_path_factory.mktemp("models"))} for _ in range(2)]
    if small_disk:
        environments[0]["TMPDIR"] = str(small_disk)
    cluster = started(utils, environments)
    yield SimpleNamespace(cluster=cluster, marks=module_plugin, hub=module_hub)
    cluster.shutdown()


def setup_with(pipeline):
    return {"scope": 1, "stages": [{"id": "moody", "pipeline": pipeline}]}


def rendered(cluster, jobs, folder, *, tries, cpus=1.0, watch=lambda event: None, part=0.0):
    """The outcome of a batch on the cluster, and the lines of its manifest."""
    from scope.batch.on_ray import RayCrew, Share

    registry = Registry()
    load_plugins(registry)
    graph = Graph.of_setup(registry, {**jobs[0].setup, "source": {"kind": "file"}})
    split = Splitter(registry, f"{folder}/{OWN_FOLDER}/parts", part)
    with batch_folder(folder):
        crew = RayCrew(cluster.cluster.address, graph, Share(cpus, 0.0))
        outcome = run(jobs, crew, folder, tries=tries, watch=watch, split=split)
    return outcome, Manifest(folder).read()


def frames_of(path):
    with open_source(path) as source:
        return torch.stack([picture.pixels for picture in source])


@pytest.fixture(scope="module")
def large_batch(cluster, clip_at, tmp_path_factory):
    """Two hundred small films, one of seconds and one in parts, of a pipeline that has to fetch its weights."""
    folder, moved = tmp_path_factory.mktemp("large"), []
    variation = [Variation({**setup_with("moody-learned"), "name": str(n)}, (str(n),)) for n in range(200)]
    jobs = jobs_of([str(clip_at(folder / "small.mp4", 0.5))], variation, str(folder / "out"), Options())
    slow = [str(clip_at(folder / "slow.mp4", 0.9, frames=6)), str(clip_at(folder / "long.mp4", 0.7, frames=600))]
    jobs = [*jobs_of(slow, [Variation(setup_with("moody-learned"))], str(folder / "out"), Options()), *jobs]
    outcome, entries = rendered(
        cluster,
        jobs,
        folder / "out",
        tries=1,
        cpus=0.5,
        part=20.0,
        watch=lambda e: isinstance(e, Moved) and moved.append(e),
    )
    return SimpleNamespace(outcome=outcome, entries=entries, moved=moved, folder=folder)


@pytest.mark.gate
def test_two_hundred_small_films_are_made_once_each(large_batch):
    assert large_batch.outcome.failed == {}
    films = Counter(entry.job for entry in large_batch.entries if not entry.film)
    assert len(films) == 202
    assert set(films.values()) == {1}
    assert len(list((large_batch.folder / "out").glob("small__*.mp4"))) == 200


@pytest.mark.gate
def test_a_long_clip_is_shared_among_workers(large_batch):
    parts = [entry for entry in large_batch.entries if entry.film == "long.mp4"]
    (film,) = [entry for entry in large_batch.entries if entry.job == "long.mp4"]
    assert (len(parts), film.parts, film.frames) == (2, 2, 600)
    assert len({entry.worker for entry in parts}) == 2
    assert len(frames_of(large_batch.folder / "out/long.mp4")) == 600


@pytest.mark.gate
def test_the_driver_hears_how_far_a_film_is(large_batch):
    told = [(event.done, event.total) for event in large_batch.moved if event.job.name == "slow.mp4"]
    assert told == sorted(told)
    assert any(0 < done <= total == 6 for done, total in told)


@pytest.mark.gate
def test_every_node_fetches_the_models_once(large_batch, cluster):
    assert len({entry.worker for entry in large_batch.entries}) == 4
    assert cluster.hub.served == {"shade.bin": 2 * len(WEIGHTS)}
    assert all(entry.models.keys() == {"Moody/shade.bin"} for entry in large_batch.entries)


def wait_for_both(event):
    """Holds the driver up until both workers are, or one would make all films before the other has begun."""
    from ray._private import state

    wait_for(lambda: sum(actor["State"] == "ALIVE" for actor in state.actors().values()) == 2)


@pytest.mark.gate
@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_of_one_node_costs_a_film_one_attempt(cluster, noise, tmp_path):
    inputs = [str(noise(f"c{number}.mp4")) for number in range(6)]
    jobs = jobs_of(inputs, [Variation(setup_with("moody-test"))], f"file://{tmp_path}/out", Options())
    outcome, entries = rendered(cluster, jobs, tmp_path / "out", tries=2, watch=wait_for_both)
    assert (sorted(outcome.done), outcome.failed) == ([f"c{number}.mp4" for number in range(6)], {})
    failed = [entry for entry in entries if entry.state == "failed"]
    assert failed
    assert all("the disk is full" in entry.error for entry in failed)
    assert not {entry.worker for entry in failed} & {entry.worker for entry in entries if entry.state == "done"}
    assert sorted(path.name for path in (tmp_path / "out").glob("*.mp4")) == [f"c{number}.mp4" for number in range(6)]


def batch(cluster, setup_file, folder, clips):
    """The command, as words."""
    options = ["--inputs", f"{clips}/*.mp4", "--output", str(folder), "--ray", cluster.cluster.address, "--cpus", "1"]
    return ["batch", str(setup_file), *options]


def wait_for(condition):
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.gate
def test_a_driver_that_is_killed_and_started_again_loses_and_doubles_nothing(cluster, clip, setup_file, tmp_path):
    for number in range(6):
        clip(f"c{number}.mp4", 0.5 + number / 20)
    waiting, out = clip("waiting.mp4", 0.4), tmp_path / "out"
    command = batch(cluster, setup_file, out, tmp_path / "clips")
    driver = subprocess.Popen([sys.executable, "-m", "scope.cli", *command])
    wait_for(lambda: list(cluster.marks.glob("waiting-*")) and len(Manifest(out).read()) >= 3)
    worker = int(next(cluster.marks.glob("waiting-*")).name.partition("-")[2])
    driver.kill()
    assert driver.wait() == -signal.SIGKILL
    wait_for(lambda: not psutil.pid_exists(worker))
    before = Manifest(out).read()
    waiting.unlink()
    assert main(command) == 0
    entries = Manifest(out).read()
    assert entries[: len(before)] == before
    assert Counter(e.job for e in entries if e.state == "done") == {f"c{number}.mp4": 1 for number in range(6)}
    assert [path for path in out.rglob("*") if path.suffix == ".part"] == []


def axe(cluster, felled):
    """As soon as a worker waits in a call, kill the node that it runs on."""
    while not (marks := list(cluster.marks.glob("waiting-*"))):
        time.sleep(0.05)
    above = {process.pid for process in psutil.Process(int(marks[0].name.partition("-")[2])).parents()}
    for node in list(cluster.cluster.worker_nodes):
        raylet = node.all_processes["raylet"][0].process.pid
        if raylet in above:
            cluster.cluster.remove_node(node, allow_graceful=False)
            felled.append(raylet)


@pytest.mark.gate
def test_a_killed_worker_and_a_killed_node_lose_and_double_nothing(cluster, clip, tmp_path):
    """The last one: it leaves one node."""
    for mark in cluster.marks.iterdir():
        mark.unlink()
    for number in range(4):
        clip(f"c{number}.mp4", 0.5 + number / 10)
    clip("poison.mp4", 0.1), clip("once.mp4", 0.3), clip("waiting.mp4", 0.4)
    inputs, felled = sorted(map(str, (tmp_path / "clips").glob("*.mp4"))), []
    jobs = jobs_of(inputs, [Variation(setup_with("moody-test"))], str(tmp_path / "out"), Options())
    axeman = threading.Thread(target=axe, args=(cluster, felled), name="scope:test:axe")
    axeman.start()
    outcome, entries = rendered(cluster, jobs, tmp_path / "out", tries=3)
    axeman.join()
    assert len(felled) == 1
    assert outcome.failed.keys() == {"poison.mp4"}
    assert "this clip is poison" in outcome.failed["poison.mp4"]
    done = Counter(entry.job for entry in entries if entry.state == "done")
    assert done == dict.fromkeys(["c0.mp4", "c1.mp4", "c2.mp4", "c3.mp4", "once.mp4", "waiting.mp4"], 1)
    lost = {entry.job for entry in entries if "its worker was lost" in entry.error}
    assert lost == {"once.mp4", "waiting.mp4"}
    assert torch.equal(frames_of(tmp_path / "out/c1.mp4"), frames_of(tmp_path / "clips/c1.mp4"))

"""A real Ray cluster of several nodes on this machine; what dies in it costs only attempts."""

import json
import threading
import time
from collections import Counter

import psutil
import pytest
import torch

from scope.batch.manifest import Manifest
from scope.batch.plan import Options, Variation, jobs_of
from scope.batch.run import batch_folder, run
from scope.cli.words import fill_address
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope.media import open_source
from scope.runtime.graph import Graph


def test_an_address_is_optional():
    assert fill_address(["batch", "--ray", "a.json", "--ray"]) == ["batch", "--ray=", "a.json", "--ray="]
    assert fill_address(["--ray", "head:6379", "--ray", "ray://h:1"]) == ["--ray", "head:6379", "--ray", "ray://h:1"]


def test_as_many_workers_as_there_is_room_for():
    pytest.importorskip("scope.batch.on_ray", reason="SKIPPED: Ray comes with the extra scope-host[batch]")
    from scope.batch.on_ray import Share, fitting

    assert fitting({"CPU": 8.0}, Share(2.0, 0.0)) == 4
    assert fitting({"CPU": 64.0, "GPU": 3.0}, Share(1.0, 0.3)) == 10
    assert fitting({"CPU": 64.0}, Share(1.0, 1.0)) == 0


@pytest.fixture
def cluster(plugin):
    """A head without workers' room and two nodes with room for one worker each."""
    pytest.importorskip("scope.batch.on_ray", reason="SKIPPED: Ray comes with the extra scope-host[batch]")
    utils = pytest.importorskip("ray.cluster_utils", reason="SKIPPED: Ray comes with the extra scope-host[batch]")
    cluster = utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()


def frames_of(path):
    with open_source(path) as source:
        return torch.stack([picture.pixels for picture in source])


def axe(cluster, plugin, felled):
    """As soon as a worker waits in a call, kill the node that it runs on."""
    while not (marks := list(plugin.glob("waiting-*"))):
        time.sleep(0.05)
    above = {process.pid for process in psutil.Process(int(marks[0].name.partition("-")[2])).parents()}
    for node in list(cluster.worker_nodes):
        raylet = node.all_processes["raylet"][0].process.pid
        if raylet in above:
            cluster.remove_node(node, allow_graceful=False)
            felled.append(raylet)


@pytest.mark.gate
def test_a_killed_worker_and_a_killed_node_lose_and_double_nothing(cluster, plugin, clip, setup_file, tmp_path):
    from scope.batch.on_ray import RayCrew, Share

    for number in range(4):
        clip(f"c{number}.mp4", 0.5 + number / 10)
    clip("poison.mp4", 0.1), clip("once.mp4", 0.3), clip("waiting.mp4", 0.4)
    inputs = sorted(map(str, (tmp_path / "clips").glob("*.mp4")))
    setup = json.loads(setup_file.read_text())
    jobs = jobs_of(inputs, [Variation(setup)], str(tmp_path / "out"), Options())
    registry, felled = Registry(), []
    load_plugins(registry)
    graph = Graph.of_setup(registry, {**setup, "source": {"kind": "file"}})
    axeman = threading.Thread(target=axe, args=(cluster, plugin, felled), name="scope:test:axe")
    axeman.start()
    with batch_folder(tmp_path / "out") as folder:
        outcome = run(jobs, RayCrew(cluster.address, graph, Share(1.0, 0.0)), folder, tries=3)
    axeman.join()
    assert len(felled) == 1
    assert outcome.failed.keys() == {"poison.mp4"}
    assert "this clip is poison" in outcome.failed["poison.mp4"]
    entries = Manifest(folder).read()
    done = Counter(entry.job for entry in entries if entry.state == "done")
    assert done == dict.fromkeys(["c0.mp4", "c1.mp4", "c2.mp4", "c3.mp4", "once.mp4", "waiting.mp4"], 1)
    lost = {entry.job for entry in entries if "its worker was lost" in entry.error}
    assert lost == {"once.mp4", "waiting.mp4"}
    assert torch.equal(frames_of(tmp_path / "out/c1.mp4"), frames_of(tmp_path / "clips/c1.mp4"))

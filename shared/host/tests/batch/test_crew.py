"""Real worker processes: what ends one costs only its job's attempt, and nothing is lost or doubled."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
import torch

from scope.batch.crew import LocalCrew, Seat, seats
from scope.batch.film import Film
from scope.batch.manifest import Manifest
from scope.batch.plan import Options, Variation, jobs_of
from scope.batch.run import OWN_FOLDER, BatchError, batch_folder, run
from scope.cli import main
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope.media import open_source
from scope.runtime.graph import Graph
from scope.runtime.pool import Pool

ONE_SEAT = Seat(None, 1)


def frames_of(path):
    with open_source(path) as source:
        return torch.stack([picture.pixels for picture in source])


def rendered_here(place, target):
    """The film as one process makes it."""
    registry = Registry()
    load_plugins(registry)
    Film(Graph.of_ids(registry, "moody-test", source=True), str(target), str(place)).render(Pool())
    return frames_of(target)


@pytest.mark.gate
def test_poison_bad_input_and_a_killed_worker_cost_only_themselves(plugin, clip, setup_file, tmp_path):
    good, other = clip("good.mp4", 0.8), clip("deep/other.mp4", 0.6)
    clip("poison.mp4", 0.1), clip("killer.mp4", 0.2), clip("once.mp4", 0.3)
    (tmp_path / "clips" / "bad.mp4").write_text("no film")
    inputs = sorted(map(str, (tmp_path / "clips").rglob("*.mp4")))
    jobs = jobs_of(inputs, [Variation(json.loads(setup_file.read_text()))], str(tmp_path / "out"), Options())
    with batch_folder(tmp_path / "out") as folder:
        outcome = run(jobs, LocalCrew([ONE_SEAT], folder / OWN_FOLDER), folder, tries=2)
    assert sorted(outcome.done) == ["deep/other.mp4", "good.mp4", "once.mp4"]
    assert outcome.failed["poison.mp4"].startswith(
        "pipeline 'moody' failed in a call: RuntimeError: this clip is poison"
    )
    assert outcome.failed["killer.mp4"].startswith("its worker was ended by signal 9; ")
    assert "cannot read" in outcome.failed["bad.mp4"]
    assert torch.equal(frames_of(tmp_path / "out/good.mp4"), rendered_here(good, tmp_path / "a.mp4"))
    assert torch.equal(frames_of(tmp_path / "out/deep/other.mp4"), rendered_here(other, tmp_path / "b.mp4"))
    assert [p for p in folder.rglob("*") if p.suffix == ".part"] == []
    entry = Manifest(folder).done()["good.mp4"]
    assert (entry.frames, entry.size, entry.plugins) == (3, [16, 16], {"moody-test": "1.2"})
    assert entry.input is not None
    assert entry.input["bytes"] == good.stat().st_size


def test_workers_that_cannot_start_are_one_sentence(plugin, clip, setup_file, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    jobs = jobs_of([str(clip("a.mp4", 0.5))], [Variation({})], str(tmp_path / "out"), Options())
    with (
        batch_folder(tmp_path / "out") as folder,
        pytest.raises(BatchError, match="a worker ended with exit code 1 before"),
    ):
        run(jobs, LocalCrew([ONE_SEAT], folder / OWN_FOLDER), folder, tries=1)


@pytest.mark.parametrize(
    ("count", "gpus", "cores", "expected"),
    [
        (None, 0, 8, [Seat(None, 4)] * 2),
        (None, 0, 2, [Seat(None, 2)]),
        (3, 0, 8, [Seat(None, 2)] * 3),
        (None, 2, 16, [Seat(0, 8), Seat(1, 8)]),
        (4, 2, 16, [Seat(0, 4), Seat(1, 4), Seat(0, 4), Seat(1, 4)]),
    ],
)
def test_there_is_a_seat_a_gpu_or_one_for_four_cores(count, gpus, cores, expected):
    assert seats(count, gpus, cores) == expected


def batch(setup_file, folder, clips, workers):
    """The command, as words."""
    options = ["--inputs", f"{clips}/*.mp4", "--output", str(folder), "--workers", str(workers)]
    return ["batch", str(setup_file), *options]


def started(command):
    return subprocess.Popen([sys.executable, "-m", "scope.cli", *command])


def wait_for(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.gate
def test_a_driver_that_is_killed_and_one_that_is_interrupted_lose_and_double_nothing(
    plugin, clip, setup_file, tmp_path
):
    for number in range(6):
        clip(f"c{number}.mp4", 0.5 + number / 20)
    waiting, out = clip("waiting.mp4", 0.4), tmp_path / "out"
    for ending, workers, status in ((signal.SIGKILL, 2, -signal.SIGKILL), (signal.SIGINT, 1, 130)):
        driver = started(batch(setup_file, out, tmp_path / "clips", workers))
        wait_for(lambda: list(plugin.glob("waiting-*")) and len(Manifest(out).read()) >= 3)
        (mark,) = plugin.glob("waiting-*")
        driver.send_signal(ending)
        assert driver.wait() == status
        wait_for(lambda mark=mark: not is_running(int(mark.name.partition("-")[2])))
        mark.unlink()
    before = Manifest(out).read()
    waiting.unlink()
    assert main(batch(setup_file, out, tmp_path / "clips", 1)) == 0
    entries = Manifest(out).read()
    assert entries[: len(before)] == before
    assert Counter(e.job for e in entries if e.state == "done") == {f"c{number}.mp4": 1 for number in range(6)}
    assert [p for p in out.rglob("*") if p.suffix == ".part"] == []


@pytest.mark.gate
def test_200_small_jobs_are_done_once_each(plugin, clip, setup_file, tmp_path):
    clip("a.mp4", 0.5)
    command = batch(setup_file, tmp_path / "out", tmp_path / "clips", 2)
    assert main([*command, "--sweep", "level=0:1:20", "--seeds", "1..10"]) == 0
    entries = Manifest(tmp_path / "out").read()
    assert Counter(entry.job for entry in entries).most_common(1)[0][1] == 1
    assert len(entries) == 200
    assert len(list((tmp_path / "out").glob("*.mp4"))) == 200

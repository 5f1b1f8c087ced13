"""The engine in a process of its own. Tests of one file share it, and each leaves it playing."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest

from scope.engine import events, link, supervisor
from scope.engine.process import EngineProcess
from scope.engine.rings import USUAL_BYTES

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture
def setup(documents):
    return documents[0]


@pytest.fixture
def bed(documents):
    return documents[1]


def segments() -> set[str]:
    """The shared memory of this process's engines that exists now."""
    return {path.name for path in SHARED_MEMORY.glob(f"scope-{os.getpid()}-*")} if SHARED_MEMORY.is_dir() else set()


def sounding_film(path: Path) -> Path:
    """A second of pictures with a tone."""
    inputs = ["testsrc=size=64x48:rate=25:duration=1", "aevalsrc=0.5*sin(2*PI*440*t):duration=1"]
    sources = [word for drawn in inputs for word in ("-f", "lavfi", "-i", drawn)]
    subprocess.run(["ffmpeg", "-v", "error", *sources, str(path)], check=True)
    return path


def test_values_travel_there_and_pictures_back(apart, setup, bed):
    apart.engine.play(setup(bed(add=1)))
    apart.shows(1)
    apart.engine.post("bed", {"add": 30}, n=2, by="page")
    apart.shows(30)
    apart.wait(lambda: any(event.n == 2 for event in apart.all(events.Took)))
    took = next(event for event in apart.all(events.Took) if event.n == 2)
    assert (took.stage, took.values, took.by) == ("bed", {"add": 30}, "page")
    assert took.frame <= apart.number
    assert apart.engine.hello.pid != os.getpid()


def test_the_input_of_a_client_goes_through_and_may_change_its_size(apart, setup, bed, plain):
    apart.engine.play(setup(bed(mode="video", add=5), source="camera"))
    for value in (90, 40):
        apart.wait(lambda value=value: apart.engine.put_frame(plain(value), 1) or shown(apart) == value + 5)


def shown(rig) -> int | None:
    picture = rig.engine.frame(timeout=0.02)
    return None if picture is None else round(float(picture.pixels.mean()))


def test_taps_may_be_watched_now_and_then(apart, setup, bed):
    apart.engine.play(setup(bed("a", add=1), bed("b", mode="video", role="post", add=2)))
    apart.shows(3)
    for _ in range(20):
        apart.engine.watch({})
        apart.engine.watch({link.OUT: 100.0, "a": 100.0})
    apart.wait(lambda: apart.engine.frame("a", timeout=0.1))
    seen = apart.engine.frame("a")
    assert (seen.pixels == 1).all()
    apart.engine.watch({link.OUT: 100.0})
    apart.engine.watch({link.OUT: 100.0, "a": 100.0})
    apart.wait(lambda: apart.engine.frame("a", after=seen.number, timeout=0.1))
    apart.shows(3)
    assert not apart.all(events.Died)


def test_a_picture_larger_than_its_ring_gets_a_larger_ring(apart, setup, bed):
    side = int((USUAL_BYTES / 3) ** 0.5) + 8
    source = {"kind": "pattern", "width": side, "height": side}
    apart.engine.play(setup(bed(mode="video")) | {"source": source})
    apart.wait(lambda: apart.picture().pixels.shape == (side, side, 3))


def test_a_burst_of_ten_thousand_messages_arrives_as_the_last_one(apart, setup, bed):
    apart.engine.play(setup(bed(add=1)))
    for i in range(10_000):
        apart.engine.post("bed", {"add": i % 256, "level": (i % 7) / 10}, n=i, by="burst")
    apart.engine.post("bed", {"add": 77, "level": 0.0}, n=10_000, by="burst")
    apart.shows(77)
    assert len([event for event in apart.all(events.Took) if event.by == "burst"]) < 10_000


def test_a_kill_in_mid_stream_costs_neither_values_nor_numbers_nor_memory_and_frees_what_leaked(apart, setup, bed):
    apart.engine.play(setup(bed(add=1)))
    apart.shows(1)
    used = memory(apart)
    apart.engine.post("bed", {"trouble": "leak"})
    apart.wait(lambda: memory(apart) > used + 150)
    apart.engine.post("bed", {"add": 44, "trouble": ""}, n=44)
    apart.shows(44)
    apart.wait(lambda: any(took.n == 44 for took in apart.all(events.Took)))
    before, number = segments(), apart.number
    os.kill(apart.engine.hello.pid, signal.SIGKILL)
    apart.wait(lambda: apart.all(events.Died))
    died = apart.all(events.Died)[-1]
    assert died.text.startswith("the engine was killed by SIGKILL")
    assert died.again_in is not None
    apart.shows(44)
    assert apart.number > number
    assert memory(apart) < used + 100
    # The rings stay; the board of the new engine replaces that of the old one.
    assert len(segments()) == len(before)


def memory(apart) -> float:
    """What the engine says next that it uses, in MB."""
    apart.heard.clear()
    apart.wait(lambda: apart.all(events.Stats))
    return apart.all(events.Stats)[0].memory_mb


def test_a_plugin_that_ends_the_process_is_named(apart, setup, bed):
    apart.engine.play(setup(bed(add=2)))
    apart.shows(2)
    apart.heard.clear()
    apart.engine.post("bed", {"trouble": "exit"})
    apart.wait(lambda: apart.all(events.Died))
    died = apart.all(events.Died)[0]
    assert died.stage == "bed"
    assert died.text.startswith("the engine ended with exit code 3 while it called 'bed'")
    apart.engine.play(setup(bed(add=3)))
    apart.restart()
    apart.shows(3)


@pytest.mark.gate
def test_a_plugin_that_hangs_is_said_then_left_out_and_the_show_goes_on(apart, setup, bed):
    apart.engine.play(setup(bed("a", add=6), bed("b", mode="video", role="post")))
    apart.restart()
    apart.shows(6)
    apart.heard.clear()
    apart.engine.post("b", {"trouble": "hang"})
    apart.wait(lambda: apart.all(events.Died))
    assert "pipeline 'b' has not returned from a call for" in apart.all(events.Fault)[0].text
    assert "pipeline 'b' did not return from a call for" in apart.all(events.Died)[0].text
    apart.shows(6)


@pytest.mark.gate
def test_a_new_engine_takes_over_while_the_old_one_plays(apart, setup, bed):
    apart.engine.play(setup(bed(add=8)))
    apart.restart()
    apart.shows(8)
    old = apart.engine.hello.pid
    future = apart.engine.renew()
    while not future.done():
        apart.picture()
    assert future.result().pid != old
    apart.shows(8)
    assert not psutil.pid_exists(old)


@pytest.mark.gate
def test_an_engine_that_dies_three_times_in_a_minute_stays_down(apart, setup, bed, monkeypatch):
    monkeypatch.setattr(supervisor, "MINUTE", 3600.0)  # a busy machine may need a minute for three starts
    apart.engine.play(setup(bed(add=9)))
    apart.restart()
    apart.shows(9)
    apart.heard.clear()
    for deaths in range(1, 4):
        apart.wait(lambda: apart.engine.state == "ready")
        os.kill(apart.engine.hello.pid, signal.SIGKILL)
        apart.wait(lambda deaths=deaths: len(apart.all(events.Died)) == deaths)
    assert [died.again_in for died in apart.all(events.Died)] == [1.0, 2.0, None]
    assert "for the third time in a minute: it stays down" in apart.all(events.Died)[-1].text
    assert apart.engine.state == "dead"
    apart.restart()
    apart.shows(9)


@pytest.mark.gate
def test_twenty_starts_and_stops_leave_no_thread_file_memory_or_process(plugin, setup, bed):
    before = segments()
    handles = children = threads = None
    for turn in range(20):
        engine = EngineProcess()
        engine.watch({link.OUT: 30.0})
        engine.start(setup(bed(add=1)))
        if turn % 10 == 0:
            assert engine.frame(timeout=200.0) is not None
        engine.stop()
        if turn == 0:  # the resource tracker of multiprocessing has come up by now, and stays
            handles, children = psutil.Process().num_fds(), len(psutil.Process().children(recursive=True))
            threads = threading.active_count()
    assert segments() == before
    assert psutil.Process().num_fds() == handles
    assert len(psutil.Process().children(recursive=True)) == children
    assert threading.active_count() == threads


def test_an_engine_dies_with_its_parent(plugin_folder, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, sys, time\n"
        "from scope.engine.process import EngineProcess\n"
        "if __name__ == '__main__':\n"
        "    engine = EngineProcess()\n"
        "    engine.start({'stages': []})\n"
        "    while engine.hello is None: time.sleep(0.01)\n"
        "    assert 'torch' not in sys.modules\n"
        "    print(engine.hello.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=200, check=False)
    child = int(ran.stdout.split()[0])
    assert gone(child)


def gone(pid: int) -> bool:
    """Whether a process ends."""
    try:
        psutil.Process(pid).wait(60)
    except psutil.NoSuchProcess:
        return True
    return not psutil.pid_exists(pid)


def test_the_sound_of_a_file_comes_over_the_link_while_someone_listens(apart, setup, bed, tmp_path):
    film = str(sounding_film(tmp_path / "film.mkv"))
    apart.engine.play(setup(bed(mode="video")) | {"source": {"kind": "file", "path": film}})
    apart.engine.sound(True)
    apart.wait(lambda: sum(heard.samples.shape[1] for heard in apart.all(events.Heard)) > 24_000)
    heard = [heard for heard in apart.all(events.Heard) if heard.samples.shape[1]]
    assert all(block.samples.shape[0] == 2 and block.samples.shape[1] <= 2400 for block in heard)
    assert max(np.abs(block.samples).max() for block in heard) > 0.2
    apart.engine.sound(False)
    apart.engine.play(setup(bed(add=6)))
    apart.shows(6)
    apart.heard.clear()
    apart.picture()
    assert not apart.all(events.Heard)

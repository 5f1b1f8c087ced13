"""The ring of pictures in shared memory."""

import multiprocessing
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from scope.engine.ring import Ring, RingError, Stamp
from scope.engine.screen import Screen

SIDE = 64


@pytest.fixture
def ring():
    ring = Ring.create(SIDE * SIDE * 3)
    yield ring
    ring.unlink()


def _write(ring: Ring, number: int, value: int | None = None, size: tuple[int, int] = (SIDE, SIDE)) -> None:
    stamp = Stamp(number, captured_ns=number * 1000, pipeline_us=7)
    ring.write(*size, stamp, lambda array: array.fill(number % 256 if value is None else value))


def test_a_reader_in_another_mapping_sees_the_newest_picture(ring):
    other = Ring.open(ring.name)
    for number in range(1, 8):
        _write(ring, number)
    slot = other.newest()
    assert slot is not None
    assert (slot.number, slot.captured_ns, slot.pipeline_us) == (7, 7000, 7)
    assert slot.pixels.shape == (SIDE, SIDE, 3)
    assert (slot.pixels == 7).all()
    other.close()


def test_a_picture_that_was_seen_is_not_handed_out_again(ring):
    assert ring.newest() is None
    _write(ring, 3)
    assert ring.newest(after=2) is not None
    assert ring.newest(after=3) is None


def test_a_picture_is_a_copy_that_later_writing_leaves_alone(ring):
    _write(ring, 1, value=10)
    slot = ring.newest()
    for number in range(2, 10):
        _write(ring, number, value=200)
    assert slot is not None
    assert (slot.pixels == 10).all()


def test_a_ring_that_follows_another_goes_on_counting_and_has_no_picture_yet():
    following = Ring.create(SIDE * SIDE * 3, last_number=41)
    assert following.last_number == 41
    assert not following.has_newer(0)
    assert following.newest() is None
    _write(following, 42)
    assert following.has_newer(41)
    following.unlink()


def test_a_new_writer_goes_on_behind_the_old_one(ring):
    for number in range(1, 7):
        _write(ring, number)
    writer = Ring.open(ring.name)
    assert writer.last_number == 6
    _write(writer, 7)
    slot = ring.newest()
    assert slot is not None
    assert slot.number == 7
    writer.close()


def test_sizes_may_change_from_picture_to_picture(ring):
    _write(ring, 1)
    _write(ring, 2, size=(17, 5))
    slot = ring.newest()
    assert slot is not None
    assert slot.pixels.shape == (5, 17, 3)


def test_a_picture_larger_than_a_slot_is_refused_with_both_sizes(ring):
    with pytest.raises(ValueError, match=r"128x64 needs 24576 bytes, a slot has 12288"):
        _write(ring, 1, size=(128, 64))


def test_a_slot_being_written_is_passed_over(ring):
    _write(ring, 1)

    def look_meanwhile(array: np.ndarray) -> None:
        array.fill(9)
        slot = ring.newest()
        assert slot is not None
        assert slot.number == 1

    ring.write(SIDE, SIDE, Stamp(2, 0), look_meanwhile)
    assert ring.newest(after=1) is not None


# The child knows this file under no name, so it is given text.
WRITER = """
from scope.engine.ring import Ring, Stamp
ring, number = Ring.open(name), 0
while not stop.is_set():
    number += 1
    ring.write(side, side, Stamp(number, 0), lambda array: array.fill(number % 256))
ring.close()
"""


def test_no_picture_is_torn_while_another_process_writes_as_fast_as_it_can(ring):
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    writer = context.Process(target=exec, args=(WRITER, {"name": ring.name, "side": SIDE, "stop": stop}))
    writer.start()
    last, seen = 0, 0
    while seen < 500:
        assert writer.is_alive()
        if (slot := ring.newest(after=last)) is not None:
            assert slot.number > last
            assert (slot.pixels == slot.number % 256).all()
            last, seen = slot.number, seen + 1
    stop.set()
    writer.join()
    assert writer.exitcode == 0


def test_a_picture_for_a_ring_that_was_just_closed_is_dropped(ring):
    told: list[object] = []
    screen = Screen(told.append)
    screen.connect({"out": ring})
    picture = torch.zeros(1, SIDE, SIDE, 3)
    assert screen.put("out", picture, 0.0) == 1
    ring.close()
    assert screen.put("out", picture, 0.0) is None
    assert len(told) == 1


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory is no folder here")
def test_unlink_leaves_nothing_behind():
    ring = Ring.create(100)
    path = Path("/dev/shm") / ring.name
    assert path.exists()
    ring.unlink()
    ring.unlink()
    assert not path.exists()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory is no folder here")
def test_a_full_shared_memory_is_said_before_anything_is_written():
    with pytest.raises(RingError, match=r"needs \d+ MB of /dev/shm, which has \d+ MB left"):
        Ring.create(1 << 50)


def test_a_server_that_imports_link_and_ring_has_no_torch():
    code = "import sys; import scope.engine.link, scope.engine.ring; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""NDI and virtual cameras with the libraries themselves, where a machine has what they need."""

import threading
import time
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scope.media.live_sound import LIVE_RATE
from scope.media.ports import PortError, open_in, open_out
from scope.media.ports.extras import ndi_names

RNG = np.random.default_rng(3)
RED, BLUE = (220, 20, 30), (20, 30, 220)


@pytest.mark.gate
@pytest.mark.skipif(find_spec("cyndilib") is None, reason="needs the extra 'ndi' (cyndilib)")
def test_pictures_of_any_size_and_sound_go_out_by_ndi_and_come_in_again():
    name, ended = f"Scope test {time.monotonic_ns()}", threading.Event()

    def send() -> None:
        port, pictures = open_out("ndi", "", name), [still(RED, 64, 96), still(BLUE, 48, 80)]
        began = time.monotonic()
        while not ended.wait(1 / 30):
            port.put(pictures[time.monotonic() - began > 5.0], time.monotonic())
            port.hear(tone(LIVE_RATE // 30 + RNG.integers(-9, 9)), time.monotonic())
        port.close()

    sender = threading.Thread(target=send, name="test:ndi")
    sender.start()
    try:
        try:
            source = open_in("ndi", name)
        except PortError as error:
            pytest.skip(f"NDI finds no sources here; on Linux it needs the services dbus and avahi ({error})")
        assert any(name in found for found in ndi_names(5.0))
        heard: list[tuple[np.ndarray, float]] = []
        seen = source.pictures(lambda samples, at: heard.append((samples, at)))
        assert shown(seen, RED).shape == (64, 96, 3)
        assert shown(seen, BLUE).shape == (48, 80, 3)
        source.close()
        assert list(seen) == []
        loudest = np.max([np.abs(samples).max(axis=1) for samples, _ in heard], axis=0)
        assert np.allclose(loudest, (0.5, 0.25), atol=0.15), "left and right"
        assert all(after[1] >= before[1] for before, after in pairwise(heard))
    finally:
        ended.set()
        sender.join()


def tone(count):
    """So many samples, louder on the left."""
    return np.array([[0.5], [0.25]], np.float32) * np.sin(np.arange(count) / 20).astype(np.float32)


def still(color, height, width):
    return np.tile(np.array(color, np.uint8), (height, width, 1))


def shown(pictures, color):
    """The first picture of this color, which the codec changes a little."""
    deadline = time.monotonic() + 60
    for picture in pictures:
        assert time.monotonic() < deadline
        if (np.abs(picture[picture.shape[0] // 2, picture.shape[1] // 2].astype(int) - color) < 12).all():
            return picture
    raise AssertionError("the source ended")


def loopback_cameras():
    return [path for path in Path("/sys/devices/virtual/video4linux").glob("video*") if path.exists()]


@pytest.mark.gate
@pytest.mark.skipif(
    find_spec("pyvirtualcam") is None or not loopback_cameras(),
    reason="needs the extra 'camera' (pyvirtualcam) and the kernel module v4l2loopback",
)
def test_a_virtual_camera_takes_pictures_of_changing_sizes():
    port = open_out("camera", f"/dev/{loopback_cameras()[0].name}")
    for height, width in ((64, 96), (48, 80), (81, 97)):
        port.put(still(RED, height, width), time.monotonic())
    port.close()


def test_a_port_whose_extra_is_missing_is_refused_in_a_sentence():
    if find_spec("pyvirtualcam") is None:
        with pytest.raises(PortError, match=r"Virtual camera needs the extra 'camera': uv pip install"):
            open_out("camera", "")

"""The recipe for many viewers, as the documentation has it: one stream goes to nginx, which serves everyone."""

import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from scope.media.ports import PortError, open_in, open_out

RECIPE = Path(__file__).parents[5] / "docs" / "media-server" / "nginx.conf"
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
VIEWERS, FRAMES = 3, 20

pytestmark = [
    pytest.mark.gate,
    pytest.mark.skipif(
        shutil.which("nginx") is None or not MODULE.exists(), reason="needs nginx-light and libnginx-mod-rtmp"
    ),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition):
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@pytest.fixture
def media_server(tmp_path):
    """The recipe on ports that are free: (RTMP, HTTP)."""
    rtmp, http = free_port(), free_port()
    recipe = RECIPE.read_text().replace("listen 1935;", f"listen {rtmp};").replace("listen 8080;", f"listen {http};")
    (tmp_path / "nginx.conf").write_text(recipe)
    (tmp_path / "hls").mkdir()
    # Its worker has to write where only this user may.
    user = "user root; " if os.geteuid() == 0 else ""
    server = subprocess.Popen(["nginx", "-p", tmp_path, "-c", "nginx.conf", "-g", f"{user}daemon off;"], cwd=tmp_path)
    yield rtmp, http
    server.terminate()
    server.wait()


@pytest.fixture
def stream(media_server):
    """The show, sent as an output does, until the test ends; gives its address."""
    address, ended = f"rtmp://127.0.0.1:{media_server[0]}/live/show", threading.Event()

    def send() -> None:
        port, number = open_out("network", address), 0
        while not ended.wait(1 / 120):  # four times as fast as it is played, for the test's sake
            try:
                port.put(np.full((90, 160, 3), number % 256, np.uint8), number / 30)
                number += 1
            except PortError:  # the server is not up yet
                port.close()
                port = open_out("network", address)
        port.close()

    sender = threading.Thread(target=send, name="test:send")
    sender.start()
    yield address
    ended.set()
    sender.join()


def opened(address):
    def attempt():
        try:
            return open_in("network", address)
        except PortError:
            return None

    return eventually(attempt)


def test_many_viewers_watch_one_stream_at_once_and_browsers_by_hls(media_server, stream):
    watching = [opened(stream) for _ in range(VIEWERS)]
    for viewer in watching:
        seen = [picture.shape for picture, _ in zip(viewer.pictures(), range(FRAMES), strict=False)]
        assert seen == [(90, 160, 3)] * FRAMES
        viewer.close()
    playlist = f"http://127.0.0.1:{media_server[1]}/hls/show.m3u8"

    def listed():
        try:
            return b".ts" in urllib.request.urlopen(playlist).read()
        except urllib.error.URLError:
            return False

    eventually(listed)
    browser = opened(playlist)
    assert len([picture for picture, _ in zip(browser.pictures(), range(FRAMES), strict=False)]) == FRAMES
    browser.close()

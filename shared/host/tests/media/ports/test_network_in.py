"""Streams come in from senders and servers, with their sound, at their own pace."""

import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from scope.media.ports import PortError, open_in, open_out

from .streams import TONE, behind_tls, free_port, with_ffmpeg


@with_ffmpeg
@pytest.mark.parametrize("secure", [False, True])
def test_pictures_come_in_from_a_sender(secure, tmp_path):
    inner, outer = free_port(), free_port()
    address = f"rtmp://127.0.0.1:{inner}/live/key"
    command = ["ffmpeg", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "color=red:size=96x64:rate=25"]
    sender = subprocess.Popen([*command, "-t", "20", "-g", "5", "-f", "flv", "-listen", "1", address])
    tls = behind_tls(outer, inner, tmp_path) if secure else nullcontext()
    try:
        with tls:
            _shows_red(f"rtmps://127.0.0.1:{outer}/live/key" if secure else address)
    finally:
        sender.kill()
        sender.wait()


def _shows_red(address):
    port = _opened(address)
    pictures = port.pictures()
    red = next(pictures)
    assert red.shape == (64, 96, 3)
    assert red[32, 48, 0] > 200
    assert red[32, 48, 1] < 40
    port.close()
    assert list(pictures) == []


def test_a_stream_over_udp_comes_in_with_its_sound_in_sync():
    address, ended = f"udp://127.0.0.1:{free_port()}", threading.Event()

    def send() -> None:
        port, began, number = open_out("network", address), time.monotonic(), 0
        while not ended.wait(max(0.0, began + number / 90 - time.monotonic())):
            on = number // 45 % 2  # half a second white and loud, half a second black and quiet
            port.put(np.full((90, 160, 3), 255 * on, np.uint8), number / 90)
            port.hear(TONE[:, :533] * on, number / 90)
            number += 1
        port.close()

    sender = threading.Thread(target=send, name="test:send")
    sender.start()
    loud, white = [], []

    def hear(samples: np.ndarray, seconds: float) -> None:
        loud.append((seconds, np.abs(samples).max() > 0.2))

    try:
        port = _opened(address)
        for pixels in port.pictures(hear):
            assert pixels.shape == (90, 160, 3)
            white.append((time.monotonic(), pixels.mean() > 128))
            if len(edges(white)) > 3 and len(edges(loud)) > 3:
                break
        port.close()
    finally:
        ended.set()
        sender.join()
    # The first edges come before it is known how late pictures usually are.
    nearest = [min((heard - seen for heard in edges(loud)), key=abs) for seen in edges(white)[1:-1]]
    assert np.allclose(nearest, 0.0, atol=0.1)


def edges(seen: list[tuple[float, bool]]) -> list[float]:
    """When something that is on or off changes."""
    return [time for (_, before), (time, now) in pairwise(seen) if now != before]


@contextmanager
def film_at(folder: Path) -> Generator[str]:
    """The address of a red film of one second."""
    film = ["-f", "lavfi", "-i", "color=red:size=96x64:rate=25", "-t", "1.0", "-movflags", "+faststart"]
    subprocess.run(["ffmpeg", "-v", "error", *film, str(folder / "red.mp4")], check=True)
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, name="test:http").start()
        yield f"http://127.0.0.1:{server.server_port}/red.mp4"
        server.shutdown()


@with_ffmpeg
def test_a_film_at_an_address_comes_at_its_own_pace_and_begins_again_or_ends(tmp_path):
    with film_at(tmp_path) as address:
        port = _opened(address)
        assert port.is_film
        times = [time.monotonic() for _ in islice(port.pictures(), 55)]
        assert len(list(_opened(address).pictures(loop=False))) == 25
    assert times[24] - times[0] > 0.9
    assert times[54] - times[0] > 2.0
    assert max(np.diff(times)) < 0.8, "no pause between the turns"


# GStreamer's RTSP server, which Debian and Ubuntu have for their own Python.
RTSP_SERVER = """
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
gi.require_version("GstRtsp", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
Gst.init(None)
server, factory = GstRtspServer.RTSPServer(), GstRtspServer.RTSPMediaFactory()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
factory.set_protocols(getattr(GstRtsp.RTSPLowerTrans, sys.argv[2]))
factory.set_launch(
    "( videotestsrc is-live=true pattern=red ! video/x-raw,width=96,height=64,framerate=25/1"
    " ! x264enc tune=zerolatency key-int-max=5 ! rtph264pay name=pay0 pt=96 )"
)
server.get_mount_points().add_factory("/red", factory)
server.attach(None)
print("up", flush=True)
GLib.MainLoop().run()
"""


@pytest.mark.gate
@pytest.mark.parametrize("transport", ["TCP", "UDP"])
def test_pictures_come_in_from_an_rtsp_server_whatever_it_sends_by(transport):
    port = free_port()
    command = ["/usr/bin/python3", "-c", RTSP_SERVER, str(port), transport]
    if not Path(command[0]).exists():
        pytest.skip("needs the system's own Python")
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        if server.stdout.readline() != "up\n":
            packages = "gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-good and -ugly"
            pytest.skip(f"needs GStreamer's RTSP server ({packages})")
        red = next(_opened(f"rtsp://127.0.0.1:{port}/red").pictures())
        assert red.shape == (64, 96, 3)
        assert red[32, 48, 0] > 200
        assert red[32, 48, 1] < 40
    finally:
        server.kill()
        server.communicate()


def _opened(address):
    for _ in range(100):
        try:
            return open_in("network", address)
        except PortError:
            time.sleep(0.1)
    raise AssertionError(f"nobody sends to {address}")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "/etc/passwd", "concat:a|b"])
def test_only_network_addresses_are_read(address):
    with pytest.raises(PortError, match="expected an address such as rtsp://host/path"):
        open_in("network", address)

"""Streams reach a listening FFmpeg, and come in from a sending one."""

import asyncio
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from pathlib import Path

import anyio.from_thread
import numpy as np
import pytest

from scope.media.ports import IN_PORTS, OUT_PORTS, PortError, apart, open_in, open_out
from scope.media.ports.network import redacted
from scope.server.certificate import certificate

FRAMES = 45
# As long as a picture, half as loud as can be.
TONE = np.tile(0.5 * np.sin(np.arange(1600) * np.pi / 40), (2, 1)).astype(np.float32)

with_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the program ffmpeg")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def picture(number: int) -> np.ndarray:
    pixels = np.full((90, 161, 3), 40, np.uint8)
    pixels[:, : number * 3] = 200
    return pixels


def listener(*arguments: str) -> subprocess.Popen[str]:
    """FFmpeg that waits for a stream and counts its frames."""
    command = ["ffmpeg", "-hide_banner", "-loglevel", "info", *arguments, "-f", "null", "-"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)


def sent(address: str) -> None:
    """Tries, for the listener needs a moment to listen; then pictures at thirty a second, after a pause of two seconds."""
    for _ in range(100):
        port = open_out("network", address)
        try:
            port.put(picture(0), 0.0)
            break
        except PortError:
            port.close()
            time.sleep(0.1)
    for number in range(1, FRAMES):
        port.put(picture(number), 2 + number / 30)
        port.hear(TONE, 2 + number / 30)
    port.close()


def logged(process: subprocess.Popen[str]) -> str:
    try:
        return process.communicate(timeout=60)[1]
    finally:
        process.kill()


def counted(log: str) -> int:
    return int(re.findall(r"frame=\s*(\d+)", log)[-1])


@with_ffmpeg
@pytest.mark.parametrize(
    ("options", "address"),
    [
        (("-listen", "1", "-i"), "rtmp://127.0.0.1:{port}/live/key"),
        (("-rtsp_flags", "listen", "-i"), "rtsp://127.0.0.1:{port}/live"),
        (("-rtsp_flags", "listen", "-i"), "rtsp://127.0.0.1:{port}/live?transport=udp"),
    ],
)
def test_every_picture_reaches_a_listener_with_its_sound(options, address):
    address = address.format(port=free_port())
    process = listener(*options, address.partition("?")[0], "-af", "volumedetect")
    sent(address)
    log = logged(process)
    assert counted(log) == FRAMES
    assert float(re.findall(r"max_volume: (.*) dB", log)[-1]) == pytest.approx(-6.0, abs=1.5)


@with_ffmpeg
def test_a_stream_over_tls_is_sent_as_any_other(tmp_path):
    inner, outer = free_port(), free_port()
    process = listener("-listen", "1", "-i", f"rtmp://127.0.0.1:{inner}/live/key")
    with behind_tls(outer, inner, tmp_path):
        sent(f"rtmps://127.0.0.1:{outer}/live/key")
        assert counted(logged(process)) == FRAMES


@contextmanager
def behind_tls(outer: int, inner: int, folder: Path) -> Generator[None]:
    """A port that speaks TLS for another port, as a streaming service does for its RTMP server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder, ["127.0.0.1"]))

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.close()

    async def connected(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", inner)
        except OSError:
            target.close()
            return
        await asyncio.gather(pump(source, there[1]), pump(there[0], target))

    with anyio.from_thread.start_blocking_portal() as portal:
        server = portal.call(partial(asyncio.start_server, connected, "127.0.0.1", outer, ssl=context))
        yield
        portal.call(server.close)


def test_a_host_that_takes_the_call_and_says_nothing_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(apart, "ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as other:
        port = open_out("network", f"rtmp://127.0.0.1:{silent.getsockname()[1]}/live/key")
        put = other.submit(port.put, picture(0), 0.0)
        # FFmpeg connects and waits; were it in this process, nothing below would be reached.
        with silent.accept()[0], pytest.raises(PortError, match=r"/live/…: it did not answer for 0\.5 seconds"):
            put.result(timeout=60)
        port.close()


@with_ffmpeg
def test_a_stream_over_udp_is_received():
    port = free_port()
    quick = ("-analyzeduration", "200000", "-probesize", "20000")
    process = listener(*quick, "-i", f"udp://127.0.0.1:{port}?timeout=3000000")
    port_out = open_out("network", f"udp://127.0.0.1:{port}")
    # Nobody answers on UDP: pictures at their own pace until the listener must have seen a key frame or two.
    for number in range(4 * FRAMES):
        port_out.put(picture(number % FRAMES), number / 30)
        time.sleep(1 / 60)
    port_out.close()
    assert counted(logged(process)) > FRAMES


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


def test_a_listener_that_is_gone_is_a_sentence_without_the_key():
    port = open_out("network", f"rtmp://127.0.0.1:{free_port()}/live/s3cret")
    with pytest.raises(PortError, match=r"^rtmp://127.0.0.1:\d+/live/…: ") as refused:
        port.put(picture(0), 0.0)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "rtmp://", "nonsense", "http://host/x"])
def test_only_network_addresses_are_written_to(address):
    with pytest.raises(PortError, match=r"expected an address such as rtmp://host/path \(or rtmps, rtsp"):
        open_out("network", address)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "/etc/passwd", "concat:a|b"])
def test_only_network_addresses_are_read(address):
    with pytest.raises(PortError, match="expected an address such as rtsp://host/path"):
        open_in("network", address)


def test_rtsp_goes_by_tcp_or_udp_only():
    with pytest.raises(PortError, match="transport: expected tcp or udp, got 'pigeon'"):
        open_out("network", "rtsp://host/live?transport=pigeon")


def test_secrets_are_not_shown():
    assert redacted("rtmps://a.example:443/app/key?x=y") == "rtmps://a.example:443/app/…"
    assert redacted("rtsp://me:pass@cam.local/1?token=2") == "rtsp://***@cam.local/1"


def test_what_is_missing_is_said_in_a_sentence():
    assert OUT_PORTS["spout"].missing("linux") == "Spout exists on Windows only."
    assert OUT_PORTS["syphon"].missing("linux") == "Syphon exists on macOS only."
    assert OUT_PORTS["network"].missing("linux") is None
    assert IN_PORTS["ndi"].missing("linux") in (
        None,
        "NDI needs the extra 'ndi': uv pip install 'scope-host[ndi]'",
    )
    with pytest.raises(PortError, match="expected a port of kind network, ndi, camera, spout, syphon, got 'fax'"):
        open_out("fax", "")

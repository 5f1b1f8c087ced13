"""Streams reach a listening FFmpeg, and what cannot be reached is a sentence."""

import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from scope.media.ports import IN_PORTS, OUT_PORTS, PortError, apart, open_out
from scope.media.ports.network import redacted

from .streams import TONE, behind_tls, free_port, with_ffmpeg

FRAMES = 45


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


def test_a_listener_that_is_gone_is_a_sentence_without_the_key():
    port = open_out("network", f"rtmp://127.0.0.1:{free_port()}/live/s3cret")
    with pytest.raises(PortError, match=r"^rtmp://127.0.0.1:\d+/live/…: ") as refused:
        port.put(picture(0), 0.0)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "rtmp://", "nonsense", "http://host/x"])
def test_only_network_addresses_are_written_to(address):
    with pytest.raises(PortError, match=r"expected an address such as rtmp://host/path \(or rtmps, rtsp"):
        open_out("network", address)


def test_rtsp_goes_by_tcp_or_udp_only():
    with pytest.raises(PortError, match="transport: expected tcp or udp, got 'pigeon'"):
        open_out("network", "rtsp://host/live?transport=pigeon")


def test_secrets_are_not_shown():
    with pytest.raises(PortError) as refused:
        open_out("network", "http://me:pass@host/x")
    assert "pass" not in str(refused.value)
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

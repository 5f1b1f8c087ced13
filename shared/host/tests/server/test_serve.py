"""The command itself: a real process, a real socket, a real engine process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scope.server.address import ListenError, bind, is_loopback, reachable, token
from scope.server.certificate import certificate

PATIENCE = 60


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `scope serve` with some options; it is killed at the end if it still runs."""
    started = []
    environment = os.environ | {"DAYDREAM_SCOPE_DIR": str(tmp_path), "OMP_NUM_THREADS": "1"}

    def start(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "scope.cli", "serve", "--no-open", *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, bufsize=1
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def get(port: int, path: str) -> bytes:
    """What the server answers, once it does."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < deadline, f"no answer from {path}"
            time.sleep(0.02)


def test_the_server_takes_the_next_port_says_so_and_goes_at_ctrl_c(serve):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = serve("--port", str(port))
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"port {port} is taken, so this is ")
        given = int(line.split()[-1])
        assert process.stdout.readline().startswith(f"Scope is at http://127.0.0.1:{given}/")
        assert json.loads(get(given, "/health"))["status"] == "healthy"
        with urllib.request.urlopen(f"http://127.0.0.1:{given}/api/v1/osc/stream") as endless:
            assert endless.headers["content-type"].startswith("text/event-stream")
            assert endless.readline().startswith(b":")
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "stopped" in rest


@pytest.mark.gate
def test_a_picture_of_the_first_show_comes_and_a_recording_survives_ctrl_c(serve, tmp_path):
    port = free_port()
    process = serve("--port", str(port))
    assert get(port, "/api/v1/snapshot.png").startswith(b"\x89PNG")
    answer = urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/recordings", method="POST"))
    name = json.loads(answer.read())["name"]
    while json.loads(get(port, "/api/v1/recordings"))["running"]["frames"] < 3:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert "playing sample > fx" in output
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-count_frames"]
    command += ["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"]
    probed = subprocess.run([*command, tmp_path / "recordings" / name], check=True, capture_output=True, text=True)
    assert int(probed.stdout) >= 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "192.0.2.1"], "192.0.2.1 is no address of this machine"),
        (["--host", "no.such.host.invalid"], "there is no address 'no.such.host.invalid'"),
        (["--setup", "missing.json"], "cannot read missing.json: No such file or directory"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(serve, options, message):
    process = serve(*options)
    output, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, message in output.replace("\n", " ")) == (2, True), output


def test_ports_beyond_the_last_are_not_tried():
    with bind("127.0.0.1", 65535), pytest.raises(ListenError, match="no port from 65535 to 65535 is free"):
        bind("127.0.0.1", 65535)


def test_addresses_know_who_can_reach_them():
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "stage.local")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert reachable("10.0.0.7") == ["10.0.0.7"]
    assert "127.0.0.1" not in reachable("0.0.0.0")


def test_a_token_is_made_once_and_only_its_owner_can_read_it(base):
    made = token()
    assert len(made) == 32
    assert token() == made
    assert (base / "token").stat().st_mode & 0o077 == 0
    assert token("mine") == "mine"


def test_a_certificate_is_kept_until_it_has_to_name_someone_else(tmp_path):
    chain, key = certificate(tmp_path, ["localhost", "127.0.0.1"])
    first = chain.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    certificate(tmp_path, ["127.0.0.1", "localhost"])
    assert chain.read_bytes() == first
    certificate(tmp_path, ["localhost", "10.0.0.7"])
    assert chain.read_bytes() != first

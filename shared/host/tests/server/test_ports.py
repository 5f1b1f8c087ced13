"""The show goes out to a listening program, comes in from a sending one, and a port that fails harms nothing."""

import shutil
import socket
import subprocess
import time

import numpy as np
import pytest

with_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the program ffmpeg")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def outputs(client):
    return client.get("/api/v1/outputs").json()["outputs"]


def test_what_a_machine_lacks_is_listed_with_its_reason(client):
    ports = client.get("/api/v1/ports").json()
    kinds = {port["kind"]: port["missing"] for port in ports["outputs"]}
    assert kinds["network"] is None
    assert kinds["spout"] == "Spout exists on Windows only."
    hints = client.get("/api/v1/hardware/info").json()
    assert hints["spout"]["install_hint"] is None, "no extra brings it to this system"


@with_ffmpeg
def test_an_output_waits_for_its_listener_then_sends_and_hides_the_key(client, engine):
    port = free_port()
    body = {"kind": "network", "address": f"rtmp://127.0.0.1:{port}/live/s3cret"}
    made = client.post("/api/v1/outputs", json=body)
    assert made.status_code == 201
    assert made.json()["address"] == f"rtmp://127.0.0.1:{port}/live/…"
    assert ("watch", {"out": 30.0}) in engine.said
    eventually(lambda: outputs(client)[0]["state"] == "waiting")
    assert "s3cret" not in outputs(client)[0]["problem"]
    command = ["ffmpeg", "-loglevel", "error", "-listen", "1", "-i", body["address"], "-f", "null", "-"]
    listener = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        eventually(lambda: outputs(client)[0]["frames"] > 5)
        assert outputs(client)[0]["problem"] is None
        assert client.delete(f"/api/v1/outputs/{made.json()['id']}").status_code == 204
        assert outputs(client) == []
        assert engine.said[-2:] == [("watch", {}), ("sound", False)]
    finally:
        listener.kill()
        listener.wait()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "network", "address": "file:///tmp/x"}, "expected an address such as rtmp://host/path"),
        ({"kind": "fax"}, "expected a port of kind network, ndi, camera, spout, syphon, got 'fax'"),
        ({"kind": "spout"}, "Spout exists on Windows only."),
    ],
)
def test_an_output_that_cannot_be_is_refused_in_a_sentence(client, body, said):
    answer = client.post("/api/v1/outputs", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert client.delete("/api/v1/outputs/nope").status_code == 404


class Film:
    """A film of two pictures, in place of what lies at an address."""

    is_film = True

    def pictures(self, hear, *, loop):
        yield from [np.zeros((64, 96, 3), np.uint8)] * 2

    def close(self):
        """Nothing to close."""


def test_a_film_at_an_address_that_does_not_loop_ends_and_is_not_tried_again(client, engine, monkeypatch):
    opened = []
    monkeypatch.setattr("scope.server.inputs.open_in", lambda *way: opened.append(way) or Film())
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        film = {"kind": "stream", "path": "http://host/film.mp4", "loop": False}
        assert source(client, film).status_code == 200
        while not ((message := ws.receive_json()).get("state") or {}).get("source_ended"):
            continue
        assert message["state"]["stream_problem"] is None
        assert (len(opened), len([words for words in engine.said if words[0] == "frame"])) == (1, 2)
        assert source(client, film | {"loop": True}).status_code == 200
        eventually(lambda: len(opened) == 2)
        assert client.app.state.host.stream.ended is False


def source(client, value):
    return client.patch("/api/v1/setup", json={"patch": [{"op": "replace", "path": "/source", "value": value}]})


@with_ffmpeg
def test_a_stream_becomes_the_source_and_one_that_is_away_or_breaks_off_is_told(client, engine):
    address = f"rtmp://127.0.0.1:{free_port()}/live/x"
    assert source(client, {"kind": "stream", "path": "nonsense"}).status_code == 400
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        assert source(client, {"kind": "stream", "path": address}).status_code == 200
        while not ((message := ws.receive_json()).get("state") or {}).get("stream_problem"):
            continue
        assert "nobody listens there" in message["state"]["stream_problem"]
        command = [
            "ffmpeg",
            "-loglevel",
            "error",
            "-re",
            "-f",
            "lavfi",
            "-i",
            "color=blue:size=96x64:rate=25",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440",
            "-t",
            "30",
        ]
        sender = subprocess.Popen([*command, "-g", "5", "-f", "flv", "-listen", "1", address], stdin=subprocess.DEVNULL)
        try:
            eventually(lambda: any(words[0] == "frame" for words in engine.said))
            pixels = next(words[1] for words in engine.said if words[0] == "frame")
            assert pixels.shape == (64, 96, 3)
            assert pixels[32, 48, 2] > 200
            eventually(lambda: any(words[0] == "sounds" and np.abs(words[1]).max() > 0.05 for words in engine.said))
            sender.kill()
            eventually(lambda: client.app.state.host.stream.problem is not None)
            assert source(client, {"kind": "pattern"}).status_code == 200
        finally:
            sender.kill()
            sender.wait()

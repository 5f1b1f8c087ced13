"""Clocks and devices outside the page: what is missing is said, what is there moves the show."""

import asyncio
import os
import shutil
import subprocess
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from scope.control import outside
from scope.control.outside import LINK_HINT, MIDI_HINT, Link, MidiDevices, OutsideError
from scope.control.tempo import Tempo


def edit(client, path, value):
    answer = client.patch("/api/v1/setup", json={"patch": [{"op": "replace", "path": path, "value": value}]})
    assert answer.status_code == 200, answer.text


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def tempo_of(engine):
    return [words[1] for words in engine.said if words[0] == "tempo"][-1]


def test_without_the_extra_devices_are_a_sentence(client, monkeypatch):
    monkeypatch.setattr(outside, "find_spec", lambda _: None)
    assert client.get("/api/v1/midi").json() == {"devices": [], "problem": MIDI_HINT}
    refused = client.put("/api/v1/midi", json={"open": ["Launchpad"]})
    assert (refused.status_code, refused.json()["detail"]) == (409, MIDI_HINT)
    assert "uv pip install 'scope-host[midi]'" in MIDI_HINT


def test_a_set_up_that_follows_link_without_the_extra_is_told_and_plays_on(client, engine, monkeypatch):
    monkeypatch.setattr(outside, "find_spec", lambda _: None)
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        edit(client, "/tempo/source", "link")
        while "fault" not in (message := ws.receive_json()):
            continue
    assert message["fault"]["text"] == LINK_HINT
    assert any(words[0] == "tempo" for words in engine.said), "the beat goes on without it"


@pytest.mark.skipif(find_spec("aalink") is None, reason="needs the extra 'link' (aalink)")
def test_the_show_follows_a_link_session_and_leads_it(client, engine):
    edit(client, "/tempo", {"source": "link", "bpm": 100.0, "beats_per_bar": 4, "quantize": "off"})

    async def other() -> None:
        member = Link(100.0, 4)
        try:
            for _ in range(200):
                if member.peers:
                    break
                await asyncio.sleep(0.05)
            else:
                pytest.skip("this network carries no multicast, which Ableton Link needs")
            member.set_bpm(131.0)
            edit(client, "/tempo/beats_per_bar", 3)
            await until(lambda: abs(tempo_of(engine).bpm - 131.0) < 0.05)
            await until(lambda: abs(apart(member)) < 0.005)
            client.post("/api/v1/tempo/set_tempo", json={"bpm": 90})
            await until(lambda: abs(member.tempo(4).bpm - 90.0) < 0.05)
            assert tempo_of(engine).beats_per_bar == 3
            member.share_start_stop(True)
            edit(client, "/tempo/start_stop", True)
            member.play(True)
            await until(lambda: client.app.state.host.outside._theirs)
            member.play(False)
            await until(lambda: not tempo_of(engine).is_playing)
            member.play(True)
            await until(lambda: tempo_of(engine).is_playing)
        finally:
            member.close()

    def apart(member: Link) -> float:
        """Seconds between the beat that pipelines are told and that of the session."""
        theirs = member.tempo(4)
        beats = tempo_of(engine).beats_at(theirs.at) - theirs.beats
        return (beats + 0.5) % 1.0 * 60.0 / theirs.bpm - 30.0 / theirs.bpm

    async def until(condition) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    asyncio.run(other())


class Session:
    """A Link session without a network."""

    def __init__(self, bpm, quantum):
        self.playing, self.shares, self.plays = False, False, []

    def share_start_stop(self, on):
        self.shares = on

    def play(self, on):
        self.playing = on
        self.plays.append(on)

    def tempo(self, beats_per_bar):
        return Tempo(120.0, beats_per_bar, 0.0, 0.0)

    def close(self):
        """Nothing to leave."""


@pytest.mark.parametrize("shared", [False, True])
def test_the_clock_starts_and_stops_with_a_link_session_that_shares_it(client, engine, monkeypatch, shared):
    sessions = []
    monkeypatch.setattr("scope.server.outside.Link", lambda *wanted: sessions.append(Session(*wanted)) or sessions[-1])
    monkeypatch.setattr("scope.server.outside._LINK_SECONDS", 0.01)
    playing = lambda: client.app.state.host.performance.beats.tempo.is_playing  # noqa: E731
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        edit(client, "/tempo", {"source": "link", "start_stop": shared})
        eventually(lambda: sessions and sessions[0].shares is shared)
        session = sessions[0]
        assert playing(), "joining stops nothing"
        ws.send_json({"tempo": {"playing": False}})
        eventually(lambda: not playing())
        time.sleep(0.05)
        assert not playing(), "a stop by hand holds"
        ws.send_json({"tempo": {"playing": True}})
        eventually(playing)
        eventually(lambda: session.plays == ([False, True] if shared else []))
        session.playing = not shared
        time.sleep(0.05)
        assert playing() is not shared
        where = client.app.state.host.performance.beats.now()
        time.sleep(0.03)
        assert (client.app.state.host.performance.beats.now() == where) is shared, "a clock that stands does not move"


def midi_problem():
    try:
        MidiDevices.names()
    except OutsideError as error:
        return str(error)
    return None


@pytest.fixture
def midi(monkeypatch):
    """A MIDI driver that makes virtual ports: the machine's own, or JACK without a sound card."""
    if find_spec("mido") is None or find_spec("rtmidi") is None:
        pytest.skip("needs the extra 'midi' (mido, python-rtmidi)")
    mido: Any = import_module("mido")
    problem = midi_problem()
    if problem is None:
        yield
        return
    if shutil.which("jackd") is None:
        pytest.skip(f"needs ALSA's snd-seq, or jackd: {problem}")
    name = f"scope-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    jack = subprocess.Popen(
        ["jackd", "--no-realtime", "-n", name, "-d", "dummy"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    own = mido.backend
    mido.set_backend("mido.backends.rtmidi/UNIX_JACK")
    try:
        eventually(lambda: midi_problem() is None)
        yield
    finally:
        mido.set_backend(own)
        jack.terminate()
        jack.wait()


def test_a_knob_of_a_device_of_this_machine_moves_the_show(client, engine, midi):
    mido: Any = import_module("mido")

    def devices():
        return [device["name"] for device in client.get("/api/v1/midi").json()["devices"]]

    edit(client, "/mappings", [{"input": "midi:1:cc:21", "stage": "fx", "field": "glow", "high": 1.0}])
    with mido.open_output("Scope test", virtual=True) as knob:
        eventually(lambda: any("Scope test" in name for name in devices()))
        name = next(name for name in devices() if "Scope test" in name)
        assert client.put("/api/v1/midi", json={"open": [name]}).status_code == 200
        for position in (0, 127):  # soft take-over: the field stands at 0
            knob.send(mido.Message("control_change", channel=0, control=21, value=position))
        eventually(lambda: ("fx", {"glow": 1.0}) in [post[:2] for post in engine.posts()])
        refused = client.put("/api/v1/midi", json={"open": ["no such"]})
        assert "no MIDI device is called 'no such'" in refused.json()["detail"]
        assert client.put("/api/v1/midi", json={"open": []}).status_code == 200

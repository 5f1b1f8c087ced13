"""The levels of a sound input move the show: through PortAudio itself where it is, and what is missing is a sentence."""

import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from scope.control import sound_in
from scope.control.outside import OutsideError
from scope.control.sound_in import SoundInput

RATE = 44_100


def has_portaudio():
    try:
        return find_spec("sounddevice") is not None and bool(sound_in._sounddevice())
    except OutsideError:
        return False


with_portaudio = pytest.mark.skipif(
    sys.platform != "linux" or not Path("/usr/share/alsa/alsa.conf").exists() or not has_portaudio(),
    reason="needs sounddevice, PortAudio (libportaudio2) and ALSA",
)


@pytest.fixture
def tone(tmp_path, monkeypatch):
    """An ALSA input that plays 100 Hz at full scale out of a file, as fast as it is read."""
    wave = np.sin(2 * np.pi * 100.0 / RATE * np.arange(RATE)).astype("<f4")
    (tmp_path / "tone.raw").write_bytes(np.repeat(wave, 2).tobytes() * 20)
    config = tmp_path / "asoundrc"
    config.write_text(
        f'pcm.tone {{ type file slave.pcm "null" file "/dev/null" infile "{tmp_path}/tone.raw" format "raw" }}'
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", f"/usr/share/alsa/alsa.conf:{config}")
    return "tone, ALSA"


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def threads():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("scope:sound")]


@with_portaudio
def test_an_input_is_chosen_and_its_bands_reach_the_engine(client, engine, tone):
    listed = client.get("/api/v1/sound").json()
    assert tone in listed["inputs"]
    assert (listed["listening"], listed["problem"]) == (None, None)
    assert client.put("/api/v1/sound", json={"listen": tone}).json()["listening"] == tone

    def is_bass():
        levels = [words[1] for words in engine.said if words[0] == "levels"]
        return bool(levels) and levels[-1]["bass"] > 0.95 and levels[-1]["high"] < 0.3

    eventually(is_bass)
    assert threads() == [f"scope:sound:{tone}"]
    assert client.put("/api/v1/sound", json={"listen": None}).json()["listening"] is None
    assert threads() == []
    refused = client.put("/api/v1/sound", json={"listen": "drum"})
    assert refused.status_code == 409
    assert "no sound input is called 'drum' (there are: " in refused.json()["detail"]


class PortAudioError(Exception):
    """What sounddevice raises."""


class UnpluggedPortAudio:
    """The part of sounddevice that is used, with two microphones alike that are pulled out after a tenth of a second."""

    PortAudioError = PortAudioError

    class default:  # noqa: N801 - its name in sounddevice
        device = (1, 1)

    def __init__(self, inputs=2):
        self.devices = [{"name": "Mic", "hostapi": 0, "index": i, "max_input_channels": 1} for i in range(inputs)]
        self.read_blocks = 0

    def query_hostapis(self):
        return [{"name": "Test"}]

    def query_devices(self, index=None):
        return self.devices if index is None else self.devices[index]

    def _initialize(self):
        pass

    _terminate = _initialize

    def InputStream(self, **_):  # noqa: N802
        return self

    samplerate = 48_000.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, count):
        self.read_blocks += 1
        if self.read_blocks > 3:
            raise PortAudioError("Device unavailable [PaErrorCode -9985]")
        time.sleep(1 / 30)
        return np.zeros((count, 1), np.float32), False


def test_an_input_that_is_pulled_out_is_a_sentence_for_everyone(client, engine, monkeypatch):
    monkeypatch.setattr(sound_in, "_sounddevice", UnpluggedPortAudio)
    assert client.get("/api/v1/sound").json()["inputs"] == ["Mic, Test", "Mic, Test (2)"]
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        client.put("/api/v1/sound", json={"listen": "Mic, Test"})
        while not ((state := ws.receive_json().get("state")) and state["sound"]["problem"]):
            continue
    assert state["sound"] == {"input": "Mic, Test", "problem": "Mic, Test has stopped: Device unavailable"}
    heard = [words[1] for words in engine.said if words[0] == "levels"]
    assert len(heard) == 3
    assert heard[0] == dict.fromkeys(("level", "bass", "low", "mid", "high", "onset"), 0.0)


@pytest.mark.parametrize(
    ("found", "portaudio", "sentence"),
    [
        (None, OSError("PortAudio library not found"), sound_in.AUDIO_HINT),
        (object(), OSError("PortAudio library not found"), sound_in.PORTAUDIO_HINT),
    ],
)
def test_what_is_missing_is_a_sentence(monkeypatch, found, portaudio, sentence):
    def absent(_):
        raise portaudio

    monkeypatch.setattr(sound_in, "find_spec", lambda _: found)
    monkeypatch.setattr(sound_in, "import_module", absent)
    with pytest.raises(OutsideError) as raised:
        SoundInput(print, print).names()
    assert str(raised.value) == sentence


def test_a_machine_without_inputs_says_so(client, monkeypatch):
    monkeypatch.setattr(sound_in, "_sounddevice", lambda: UnpluggedPortAudio(inputs=0))
    assert client.get("/api/v1/sound").json() == {
        "inputs": [],
        "listening": None,
        "problem": "this machine has no sound input",
    }
    assert client.put("/api/v1/sound", json={"listen": "Mic"}).status_code == 409

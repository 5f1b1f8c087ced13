"""Clocks and devices outside the page: what is missing is said, and the show goes on."""

from importlib.util import find_spec

import pytest

from scope.control.outside import MIDI_HINT, Link, MidiDevices, OutsideError


def test_without_the_extra_devices_are_a_sentence(client):
    answer = client.get("/api/v1/midi").json()
    assert answer["devices"] == []
    assert answer["problem"] == MIDI_HINT or answer["problem"].startswith("this machine has no MIDI")
    refused = client.put("/api/v1/midi", json={"open": ["Launchpad"]})
    assert refused.status_code == 409
    assert refused.json()["detail"] == answer["problem"]


@pytest.mark.skipif(find_spec("mido") is not None, reason="the extra is here")
def test_the_sentence_says_how_to_get_the_extra():
    with pytest.raises(OutsideError, match=r"need the extra 'midi': uv pip install 'scope-host\[midi\]'"):
        MidiDevices.names()


@pytest.mark.skipif(find_spec("aalink") is not None, reason="the extra is here")
def test_a_set_up_that_follows_link_without_the_extra_is_told_and_plays_on(client, engine):
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        patch = [{"op": "replace", "path": "/tempo/source", "value": "link"}]
        assert client.patch("/api/v1/setup", json={"patch": patch}).status_code == 200
        while "fault" not in (message := ws.receive_json()):
            continue
        assert message["fault"]["text"].startswith("Ableton Link needs the extra 'link'")
        assert any(words[0] == "tempo" for words in engine.said), "the beat goes on without it"


@pytest.mark.skipif(find_spec("aalink") is None, reason="needs the extra 'link'")
def test_two_members_of_a_link_session_agree():
    import asyncio

    async def meet() -> tuple[float, float]:
        one, two = Link(128.0, 4), Link(90.0, 4)
        while not one.peers:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        found = one.tempo(4), two.tempo(4)
        one.close()
        two.close()
        return found[0].bpm, found[1].bpm

    first, second = asyncio.run(meet())
    assert first == pytest.approx(second)

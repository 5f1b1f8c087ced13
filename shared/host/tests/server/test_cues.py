"""The cue list plays scenes by itself, on a go, and by hardware."""

import time

import pytest

from scope.control.osc import handle
from scope.server.edits import ShowError
from scope.server.osc import OscShow


@pytest.fixture
def scenes(client):
    """Scenes 1 to 3: trails 0.1, 0.2, 0.3."""
    values = [{"fx": {"trails": value}} for value in (0.1, 0.2, 0.3)]
    made = [{"id": f"scene-{i}", "name": f"S{i}", "values": v} for i, v in enumerate(values, 1)]
    edit(client, "/scenes", made)


@pytest.fixture
def said(client):
    """What a client is told."""
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        yield ws


def edit(client, path, value):
    answer = client.patch("/api/v1/setup", json={"patch": [{"op": "replace", "path": path, "value": value}]})
    assert answer.status_code == 200, answer.text


def cues(client, *items, loop=False):
    made = [{"id": f"cue-{i}", "scene": f"scene-{i}", "fade": 0.0, **item} for i, item in enumerate(items, 1)]
    edit(client, "/cues", {"loop": loop, "items": made})


def trails(client):
    return client.get("/api/v1/setup").json()["setup"]["stages"][0]["values"]["trails"]


def do(client, what, **more):
    answer = client.post("/api/v1/cue", json={"do": what, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_go_back_and_stop_by_hand(client, scenes):
    cues(client, {"follow": False}, {"follow": False}, {"follow": False})
    assert client.get("/api/v1/cue").json() == {"playing": False, "id": None, "next": "cue-1", "left": None}
    assert do(client, "go") == {"playing": True, "id": "cue-1", "next": "cue-2", "left": None}
    assert trails(client) == 0.1
    do(client, "go")
    assert trails(client) == 0.2
    assert do(client, "back")["id"] == "cue-1"
    assert do(client, "go", id="cue-3") == {"playing": False, "id": "cue-3", "next": None, "left": None}
    assert trails(client) == 0.3
    assert do(client, "go")["id"] == "cue-1"
    assert do(client, "stop") == {"playing": False, "id": "cue-1", "next": "cue-2", "left": None}


def test_a_list_plays_by_itself_and_loops(client, scenes, engine):
    cues(client, {"wait": 0.1}, {"wait": 0.1}, loop=True)
    assert do(client, "go")["left"] == pytest.approx(0.1, abs=0.05)
    shown = [0.1]

    def around():
        value = trails(client)
        if value != shown[-1]:
            shown.append(value)
        return len(shown) == 4

    eventually(around)
    assert shown == [0.1, 0.2, 0.1, 0.2]
    assert do(client, "stop")["left"] is None


def test_a_list_ends_by_itself(client, scenes):
    cues(client, {"wait": 0.1}, {"wait": 0.1})
    do(client, "go")
    eventually(lambda: not client.get("/api/v1/cue").json()["playing"])
    assert trails(client) == 0.2


def test_waits_follow_the_beat_as_the_tempo_changes(client, scenes):
    edit(client, "/tempo", {"source": "internal", "bpm": 60.0, "beats_per_bar": 4, "quantize": "off"})
    cues(client, {"wait": 100.0, "unit": "bars"}, {"follow": False})
    left = do(client, "go")["left"]
    assert left == pytest.approx(400.0, abs=1.0)
    edit(client, "/tempo/bpm", 240.0)
    assert client.get("/api/v1/cue").json()["left"] == pytest.approx(left / 4, abs=1.0)
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        ws.send_json({"tempo": {"playing": False}})
        eventually(lambda: client.get("/api/v1/cue").json()["left"] is None)


def test_a_go_waits_for_the_bar_and_stop_takes_it_back(client, scenes):
    edit(client, "/tempo", {"source": "internal", "bpm": 20.0, "beats_per_bar": 16, "quantize": "bar"})
    cues(client, {}, {})
    edit(client, "/stages/fx/values", {"trails": 0.9})
    asked = do(client, "go")
    assert (asked["playing"], asked["id"], asked["next"]) == (True, None, "cue-1")
    assert 0 < asked["left"] <= 48
    assert trails(client) == 0.9
    assert do(client, "stop")["left"] is None


def test_every_client_is_told_and_a_pad_a_message_and_osc_go(client, scenes, said, engine):
    def told(**wanted):
        while not (cue := said.receive_json().get("cue")) or not wanted.items() <= cue.items():
            continue

    cues(client, {"follow": False}, {"follow": False})
    told(id=None, next="cue-1")
    edit(client, "/mappings", [{"input": "midi:1:note:60", "action": "cue:go"}])
    said.send_json({"midi": [0x90, 60, 100]})
    told(id="cue-1")
    said.send_json({"cue": {"go": "cue-2"}})
    told(id="cue-2", next=None)
    said.send_json({"cue": "back"})
    told(id="cue-1", next="cue-2")
    show = OscShow(client.app.state.host.performance)
    client.portal.call(handle, show, "/scope/cue/go", [1.0])
    told(id="cue-2")
    client.portal.call(handle, show, "/scope/cue/back", [0.0])  # a button that is let go
    client.portal.call(handle, show, "/scope/cue", [1.0])
    told(id="cue-1")
    mapped = [{"input": "osc:/1/push", "action": "cue:go"}, {"input": "osc:/1/fader", "stage": "fx", "field": "glow"}]
    edit(client, "/mappings", mapped)
    client.portal.call(handle, show, "/1/push", [1.0])
    told(id="cue-2")
    client.portal.call(handle, show, "/1/push", [0.0])
    for position in (0.0, 0.25):
        client.portal.call(handle, show, "/1/fader", [position])
    assert engine.posts()[-1][:2] == ("fx", {"glow": 0.25})
    with pytest.raises(ShowError, match=r"there is no cue 7 \(there are 2\)"):
        client.portal.call(handle, show, "/scope/cue", [7])


def test_what_is_not_there_is_refused_in_a_sentence_and_a_lost_scene_changes_nothing(client, scenes):
    assert client.post("/api/v1/cue", json={}).json()["detail"] == "the cue list is empty"
    cues(client, {"scene": "gone"}, {})
    before = trails(client)
    assert do(client, "go")["id"] == "cue-1"
    assert trails(client) == before
    assert "there is no cue 'x' (cues: cue-1, cue-2)" in client.post("/api/v1/cue", json={"id": "x"}).json()["detail"]

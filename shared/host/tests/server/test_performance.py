"""Hands, hardware and sound move the show; moves are recorded and come back."""

import socket
import time

import pytest
from pythonosc.osc_message_builder import build_msg

from scope.control.timeline import end_of, film_at
from scope.engine.events import Stats

TEMPO = {"source": "internal", "bpm": 120.0, "beats_per_bar": 4, "quantize": "off"}


@pytest.fixture
def socket_client(client):
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        ws.receive_json()
        yield ws


def edit(client, path, value):
    answer = client.patch("/api/v1/setup", json={"patch": [{"op": "replace", "path": path, "value": value}]})
    assert answer.status_code == 200, answer.text


def until(ws, key):
    while not (message := ws.receive_json()).get(key):
        continue
    return message


def until_state(ws, timeline):
    while until(ws, "state")["state"]["timeline"] != timeline:
        continue


def tempos(engine):
    return [words[1] for words in engine.said if words[0] == "tempo"]


def posts(engine):
    return [(stage, changes) for stage, changes, _, _ in engine.posts()]


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_tempo_of_the_set_up_reaches_engine_and_clients(client, socket_client, engine):
    edit(client, "/tempo", TEMPO)
    told = until(socket_client, "tempo")["tempo"]
    assert (told["bpm"], told["playing"]) == (120.0, True)
    assert tempos(engine)[-1].bpm == 120.0
    socket_client.send_json({"tempo": {"bpm": 90}})
    until(socket_client, "changed")
    assert client.get("/api/v1/setup").json()["setup"]["tempo"]["bpm"] == 90.0


def test_a_tempo_out_of_range_is_refused_in_a_sentence(socket_client):
    socket_client.send_json({"tempo": {"bpm": 1000}})
    assert "300" in until(socket_client, "error")["error"]


def test_a_mapped_knob_moves_its_field_and_lights_follow(client, socket_client, engine):
    edit(client, "/mappings", [{"input": "midi:1:cc:21", "stage": "fx", "field": "trails"}])
    until(socket_client, "lights")
    socket_client.send_json({"midi": [0xB0, 21, 64]})
    lights = until(socket_client, "lights")["lights"]
    assert posts(engine)[-1] == ("fx", {"trails": pytest.approx(64 / 127)})
    assert lights == [[0xB0, 21, 64]]


def test_a_pad_recalls_a_scene(client, socket_client, engine):
    scene = client.post("/api/v1/scenes", json={"name": "Night"}).json()["setup"]["scenes"][0]
    edit(client, "/stages/fx/values", {"trails": 0.9})
    edit(client, "/mappings", [{"input": "midi:1:note:60", "action": f"scene:{scene['id']}"}])
    until(socket_client, "changed")
    socket_client.send_json({"midi": [0x90, 60, 100]})
    eventually(lambda: client.get("/api/v1/setup").json()["setup"]["stages"][0]["values"] == {"trails": 0.5})


def test_levels_go_to_the_engine(socket_client, engine):
    socket_client.send_json({"levels": {"bass": 0.5, "onset": 1.0}})
    socket_client.send_json({"levels": {"treble": 0.5}})
    assert "treble" in until(socket_client, "error")["error"]
    assert ("levels", {"bass": 0.5, "onset": 1.0}) in engine.said


def test_moves_are_recorded_from_how_everything_stood_and_played_again(client, socket_client, engine):
    socket_client.send_json({"timeline": "record"})
    socket_client.send_json({"stage": "fx", "set": {"trails": 0.8}})
    socket_client.send_json({"stage": "fx", "set": {"glow": 0.3}})
    socket_client.send_json({"timeline": "stop"})
    eventually(lambda: client.get("/api/v1/setup").json()["setup"]["timeline"])
    timeline = client.get("/api/v1/setup").json()["setup"]["timeline"]
    # `glow` was not set when it began, so it stood at its default.
    start = {"trails": 0.5, "glow": 0.0}
    assert (timeline[0]["at"], timeline[0]["set"], timeline[0]["on"]) == (0.0, start, None)
    assert [event["set"] for event in timeline[1:] if event["stage"]] == [{"trails": 0.8}, {"glow": 0.3}]
    before = len(posts(engine))
    socket_client.send_json({"timeline": "play"})
    eventually(lambda: posts(engine)[before:] == [("fx", start), ("fx", {"trails": 0.8}), ("fx", {"glow": 0.3})])
    socket_client.send_json({"timeline": {"forget": {"stage": "fx", "field": "level"}}})
    assert until(socket_client, "error")["error"] == "no recorded move is of fx: level"
    socket_client.send_json({"timeline": {"trim": {"from": 5000, "to": 9000}}})
    assert until(socket_client, "error")["error"].endswith("seconds that are recorded, got 5000 to 9000")
    socket_client.send_json({"timeline": "clear"})
    eventually(lambda: client.get("/api/v1/setup").json()["setup"]["timeline"] == [])
    socket_client.send_json({"timeline": "play"})
    assert until(socket_client, "error")["error"] == "there is no timeline: record one first"


def test_scenes_switches_and_what_is_taken_back_are_recorded_and_played_again(client, socket_client, engine):
    def stage():
        return client.get("/api/v1/setup").json()["setup"]["stages"][0]

    scene = {"id": "scene-1", "name": "Night", "values": {"fx": {"trails": 1.0}}, "on": {"fx": False}, "fade": 0.1}
    edit(client, "/scenes", [scene])
    socket_client.send_json({"timeline": "record"})
    until_state(socket_client, "recording")
    client.post("/api/v1/scenes/scene-1/recall", json={})
    client.post("/api/v1/setup/undo", json={})
    socket_client.send_json({"timeline": "stop"})
    eventually(lambda: client.get("/api/v1/setup").json()["setup"]["timeline"])
    timeline = client.get("/api/v1/setup").json()["setup"]["timeline"]
    told = [(move["set"], move["fade"], move["on"]) for move in timeline if move["stage"]]
    assert told == [({"trails": 0.5}, 0.0, True), ({"trails": 1.0}, 0.1, False), ({"trails": 0.5}, 0.0, True)]
    began, went, _ = (move for move in timeline if move["stage"])
    edit(client, "/timeline", [began, went | {"at": 0.1}])
    before = len(posts(engine))
    socket_client.send_json({"timeline": "play"})
    eventually(lambda: stage()["values"] == {"trails": 1.0} and not stage()["on"])
    steps = [("fx", {"trails": pytest.approx(0.5 + 0.5 * i / 3)}) for i in (1, 2, 3)]
    eventually(lambda: posts(engine)[before:] == steps)


def test_the_clock_the_film_and_transitions_are_recorded_and_done_again(client, socket_client, engine):
    def show():
        return client.get("/api/v1/setup").json()["setup"]

    edit(client, "/tempo", TEMPO)
    edit(client, "/prompts", [{"text": "sun", "weight": 1.0}])
    engine.say(Stats(30.0, {}, {}, 100.0, {}, film_began=time.monotonic() - 7.5))
    socket_client.send_json({"timeline": "record"})
    until_state(socket_client, "recording")
    socket_client.send_json({"tempo": {"downbeat": True}})
    socket_client.send_json({"tempo": {"bpm": 90}})
    while until(socket_client, "tempo")["tempo"]["bpm"] != 90.0:
        continue
    transition = {"num_steps": 4, "temporal_interpolation_method": "linear"}
    socket_client.send_json({"prompts": [{"text": "sea", "weight": 1.0}], "transition": transition})
    socket_client.send_json({"timeline": "stop"})
    eventually(lambda: show()["timeline"])
    timeline = show()["timeline"]
    clocks = [(move["at"], move["clock"]) for move in timeline if move["clock"]]
    assert [clock["bpm"] for _, clock in clocks] == [120.0, 120.0, 90.0]
    assert clocks[1][1]["beats"] == pytest.approx(0.0, abs=0.1)
    assert 7.5 <= film_at(timeline) < 60.0
    assert [move["transition"] for move in timeline if move["prompts"]] == [None, transition]
    assert end_of(timeline) == timeline[-1]["at"] > clocks[-1][0]
    edit(client, "/tempo/bpm", 150.0)
    engine.said.clear()
    socket_client.send_json({"timeline": "play"})
    until_state(socket_client, "playing")
    until_state(socket_client, "idle")
    assert [tempo.bpm for tempo in tempos(engine)] == [120.0, 120.0, 90.0]
    first, start = tempos(engine)[0], clocks[0][1]
    assert first.beats == start["beats"]
    assert (show()["tempo"]["bpm"], show()["prompts"][0]["text"]) == (90.0, "sea")


def test_osc_is_off_until_asked_then_moves_the_show(client, engine):
    assert not client.get("/api/v1/osc/status").json()["listening"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert client.put("/api/v1/osc", json={"enabled": True, "port": port}).status_code == 409
    assert client.put("/api/v1/osc", json={"enabled": True, "port": port}).json()["port"] == port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for address, value in (("/scope/fx/nope", 1.0), ("/scope/fx/trails", 0.75)):
            sender.sendto(build_msg(address, [value]).dgram, ("127.0.0.1", port))
    eventually(lambda: ("fx", {"trails": 0.75}) in posts(engine))
    status = client.get("/api/v1/osc/status").json()
    assert (status["taken"], status["refused_messages"]) == (1, ["/scope/fx/nope: fx has no field 'nope'"])
    assert {"osc_address": "/scope/fx/trails", "takes": "a number"} in client.get("/api/v1/osc/paths").json()["paths"]
    assert not client.put("/api/v1/osc", json={"enabled": False}).json()["listening"]


def test_the_original_hosts_tempo_routes(client):
    assert client.get("/api/v1/tempo/status").json()["enabled"] is False
    started = client.post("/api/v1/tempo/enable", json={"source": "midi_clock", "bpm": 128}).json()
    assert started["enabled"]
    assert started["source"] == {"type": "midi"}
    client.post("/api/v1/tempo/enable", json={"source": "internal", "bpm": 128})
    state = client.post("/api/v1/tempo/set_tempo", json={"bpm": 100}).json()["beat_state"]
    assert state["bpm"] == 100.0
    assert client.post("/api/v1/tempo/disable", json={}).json()["beat_state"] is None

"""Ways out that clients of the original host switch on by name."""

import json
import re

import numpy as np
import pytest

from scope.engine.events import StageStats, Stats
from scope.media.ports import OUT_PORTS, PortKind

NDI = {"ndi": {"enabled": True, "name": "Desk"}}
NO_SPOUT = "Spout exists on Windows only."


class Shelf:
    """An NDI sender that keeps what it is given."""

    names: list[str]

    def __init__(self, address: str, name: str) -> None:
        self.names.append(name)

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        pass

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    monkeypatch.setattr(Shelf, "names", [], raising=False)
    monkeypatch.setitem(OUT_PORTS, "ndi", PortKind("ndi", "NDI", "", Shelf))
    monkeypatch.setattr("scope.media.ports.catalog.sys.platform", "linux")


def say(client, **message):
    return client.post("/api/v1/session/parameters", json=message)


def outputs(client):
    return [(output["kind"], output["state"]) for output in client.get("/api/v1/outputs").json()["outputs"]]


def sinks(client, engine):
    stats = Stats(30.0, {}, {"fx": StageStats(1.0, 30, 0, 0)}, 100.0, {})
    client.post("/api/v1/session/start", json={})
    engine.say(stats)
    return client.get("/api/v1/session/metrics").json()["sessions"]["headless"]["output_sinks"]


def test_a_sink_is_an_output_of_the_show_until_it_is_switched_off(client, engine):
    assert say(client, output_sinks=NDI).json()["applied_parameters"] == {"output_sinks": NDI}
    assert say(client, output_sinks=NDI).status_code == 200
    assert [kind for kind, _ in outputs(client)] == ["ndi"]
    found = sinks(client, engine)["ndi"]
    assert (found["enabled"], found["name"], found["problem"]) == (True, "Desk", None)
    assert set(Shelf.names) == {"Desk"}
    say(client, output_sinks={"ndi": {"enabled": False, "name": "Desk"}})
    assert outputs(client) == []
    assert sinks(client, engine)["ndi"]["enabled"] is False


def test_another_name_takes_the_place_of_the_one_before(client):
    say(client, output_sinks=NDI)
    say(client, output_sinks={"ndi": {"enabled": True, "name": "Hall"}})
    assert len(outputs(client)) == 1
    assert Shelf.names[-1] == "Hall"


def test_a_sink_that_is_not_there_is_refused_in_a_sentence_and_costs_nothing_else(client, engine):
    answer = say(client, spout_sender={"enabled": True, "name": "Desk"}, output_sinks=NDI, trails=0.8)
    assert (answer.status_code, answer.json()["detail"]) == (400, NO_SPOUT)
    assert [kind for kind, _ in outputs(client)] == ["ndi"]
    assert engine.posts()[-1][1] == {"trails": 0.8}
    assert sinks(client, engine)["spout"]["problem"] == NO_SPOUT
    assert say(client, spout_sender={"enabled": False, "name": "Desk"}).status_code == 200


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"output_sinks": {"fax": {"enabled": True}}}, "expected a port of kind network, ndi, .*, got 'fax'"),
        ({"output_sinks": {"ndi": {"enabled": "yes"}}}, 'ndi.enabled: expected true or false, got "yes"'),
        ({"output_sinks": [1]}, r"output_sinks: expected an object, got \[1\]"),
        ({"spout_receiver": {"enabled": True, "name": "Desk"}}, "spout is a way out of this host, not in"),
        ({"input_source": {"source_type": "syphon", "source_name": "x"}}, "syphon is a way out of this host, not in"),
    ],
)
def test_what_cannot_be_meant_is_refused(client, message, sentence):
    answer = say(client, **message)
    assert answer.status_code == 400
    assert re.search(sentence, answer.json()["detail"]), answer.text


def test_the_sink_node_of_a_graph_names_a_sink(client):
    sink = {"id": "output", "type": "sink", "sink_mode": "ndi", "sink_name": "Stage left"}
    nodes = [{"id": "input", "type": "source"}, {"id": "fx", "type": "pipeline", "pipeline_id": "fx"}, sink]
    edges = [{"from": "input", "to_node": "fx"}, {"from": "fx", "to_node": "output"}]
    client.post("/api/v1/session/start", json={"input_mode": "video", "graph": {"nodes": nodes, "edges": edges}})
    assert set(Shelf.names) == {"Stage left"}


def test_a_message_asks_for_a_recording(client):
    assert say(client, recording=True).status_code == 200
    assert say(client, recording=True).status_code == 200
    assert client.get("/api/v1/recordings").json()["running"] is not None
    say(client, recording=False)
    assert client.get("/api/v1/recordings").json()["running"] is not None


def test_a_socket_is_told_too(client):
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control") as socket:
        socket.send_text(json.dumps({"n": 3, "spout_sender": {"enabled": True}}))
        while "error" not in (message := socket.receive_json()):
            pass
    assert message == {"error": NO_SPOUT, "n": 3}

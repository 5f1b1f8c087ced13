"""Clients of the original host find its routes, forms and answers."""

import io
import threading
import time

import av
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from scope.control.setup import Setup
from scope.engine.events import Died, Fault, Heard, Loading, Ready, StageStats, Stats
from scope.server.app import create_app
from scope.server.edits import ShowError, stage_id_of
from scope.server.guard import Rules
from scope.server.host import Host, Settings
from scope.server.original.graph import Graph
from scope.server.original.pipelines import LoadItem, chain

SCHEMAS = {"control": {"usage": ["preprocessor"]}, "fx": {"usage": ["postprocessor"]}, "wan": {"usage": []}, "old": {}}


@pytest.fixture
def empty(engine, base):
    """A server with nothing loaded."""
    settings = Settings(port=8000, rules=Rules(port=8000))
    with TestClient(create_app(Host(engine, Setup(), settings)), base_url="http://127.0.0.1:8000") as client:
        yield client


def load(client, *ids, **params):
    pipelines = [{"node_id": name, "pipeline_id": name, "load_params": params} for name in ids]
    return client.post("/api/v1/pipeline/load", json={"pipelines": pipelines})


def chains(engine):
    return [[s["id"] for s in words[1]["stages"]] for words in engine.said if words[0] == "play"]


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def items(*ids):
    return [LoadItem(node_id=name, pipeline_id=name) for name in ids]


@pytest.mark.parametrize(
    ("ids", "roles"),
    [
        (("control", "wan", "fx"), ["pre", "main", "post"]),
        (("fx",), ["main"]),
        (("control", "fx"), ["main", "post"]),
        (("old", "wan"), ["pre", "main"]),
        (("unknown",), ["main"]),
    ],
)
def test_roles_follow_what_pipelines_are_for(ids, roles):
    assert [stage.role for stage in chain(items(*ids), SCHEMAS, [])] == roles


def test_a_graph_is_a_chain_in_the_order_of_its_edges():
    nodes = [
        {"id": "b", "type": "pipeline", "pipeline_id": "fx"},
        {"id": "a", "type": "pipeline", "pipeline_id": "wan"},
    ]
    edges = [
        {"from": "input", "to_node": "a", "kind": "stream"},
        {"from": "a", "to_node": "b", "kind": "stream"},
        {"from": "b", "to_node": "output", "kind": "stream"},
    ]
    found = Graph.read({"nodes": [{"id": "input", "type": "source"}, *nodes], "edges": edges}).items()
    assert [(item.node_id, item.pipeline_id) for item in found] == [("a", "wan"), ("b", "fx")]
    with pytest.raises(ShowError, match="expected pipelines in one chain"):
        Graph.read({"nodes": nodes, "edges": []}).items()


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        ({"nodes": 5}, "nodes: expected a list, got 5"),
        ({"nodes": [{"type": "pipeline", "id": ["fx"]}]}, 'nodes[0].id: expected a text, got ["fx"]'),
        ({"nodes": [{"type": "sink", "sink_mode": [1]}]}, "nodes[0].sink_mode: expected a text, got [1]"),
        ({"edges": [{"to_node": "fx"}]}, "edges[0].from: is missing"),
    ],
)
def test_what_is_no_graph_is_refused_in_a_sentence(client, graph, sentence):
    answer = client.post("/api/v1/session/start", json={"graph": graph})
    assert (answer.status_code, answer.json()["detail"]) == (400, sentence)


def test_node_ids_become_stage_ids():
    assert [stage_id_of(name) for name in ("fx", "fx:2", "9")] == ["fx", "fx-2", "n-9"]


def test_load_and_poll_until_it_is_loaded(empty, engine):
    assert empty.get("/api/v1/pipeline/status").json()["status"] == "not_loaded"
    assert load(empty, "synth", "fx", height=320).json() == {"message": "Pipeline loading initiated successfully"}
    assert empty.get("/api/v1/pipeline/status").json()["status"] == "loading"
    engine.say(Ready(["synth", "fx"]))
    status = empty.get("/api/v1/pipeline/status").json()
    assert status["status"] == "loaded"
    assert status["load_params"] == {"height": 320}


def test_the_same_load_again_leaves_the_stream_alone(empty, engine):
    load(empty, "fx", height=320)
    before = len(chains(engine))
    load(empty, "fx", height=320)
    assert len(chains(engine)) == before
    load(empty, "fx", height=640)
    assert len(chains(engine)) == before + 1


def test_a_pipeline_that_cannot_be_loaded_is_an_error_with_its_sentence(empty, engine):
    load(empty, "fx")
    engine.say(Fault("fx", "load", "pipeline 'fx' could not be loaded: no lamp"))
    status = empty.get("/api/v1/pipeline/status").json()
    assert (status["status"], status["error"]) == ("error", "pipeline 'fx' could not be loaded: no lamp")


def test_a_load_that_is_tried_again_is_loading_until_it_fails_again(empty, engine):
    load(empty, "fx", height=320)
    engine.say(Fault("fx", "load", "pipeline 'fx' could not be loaded: no lamp"))
    engine.say(Ready([]))
    load(empty, "fx", height=640)
    assert empty.get("/api/v1/pipeline/status").json()["status"] == "loading"
    engine.say(Fault("fx", "load", "pipeline 'fx' could not be loaded: no lamp"))
    assert empty.get("/api/v1/pipeline/status").json()["status"] == "error"
    engine.say(Loading("fx", "Loading.", None))
    assert empty.get("/api/v1/pipeline/status").json()["status"] == "loading"


def test_an_engine_that_comes_back_is_loading_and_one_that_stays_down_is_an_error(empty, engine):
    load(empty, "fx")
    engine.say(Ready(["fx"]))
    engine.say(Died("the engine was killed by SIGKILL", "", 1.0))
    status = empty.get("/api/v1/pipeline/status").json()
    assert (status["status"], status["loading_stage"]) == ("loading", "the engine was killed by SIGKILL")
    engine.say(Died("the engine was killed by SIGKILL, for the third time in a minute", "", None))
    status = empty.get("/api/v1/pipeline/status").json()
    assert (status["status"], status["error"][:10]) == ("error", "the engine")


def test_a_load_without_pipelines_is_refused_as_the_original_does(empty):
    answer = empty.post("/api/v1/pipeline/load", json={})
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Either 'pipelines' or 'pipeline_ids' must be provided"}


def test_schemas_and_nodes_list_what_the_engine_found(empty):
    schemas = empty.get("/api/v1/pipelines/schemas").json()["pipelines"]
    assert schemas["fx"]["plugin_name"] is None
    nodes = {node["node_type_id"]: node for node in empty.get("/api/v1/nodes/definitions").json()["nodes"]}
    assert nodes["fx"]["category"] == "pipeline"
    assert nodes["fx"]["inputs"][0]["port_type"] == "video"


def test_a_session_without_a_viewer(client, engine):
    stats = Stats(29.5, {"p50": 1.0, "p95": 2.0}, {"fx": StageStats(1.0, 30, 0, 0)}, 100.0, {}, source_frames=70)
    assert client.get("/api/v1/session/frame").status_code == 404
    started = client.post("/api/v1/session/start", json={"input_mode": "video", "parameters": {"trails": 0.3}})
    assert started.json() == {"status": "ok", "input_mode": "video", "cloud_mode": False, "pipeline_id": "fx"}
    assert ("watch", {"out": 30.0}) in engine.said
    picture = client.get("/api/v1/session/frame?quality=90")
    assert picture.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(picture.content)).size == (96, 64)
    assert client.post("/api/v1/session/parameters", json={"glow": 0.5}).json()["status"] == "ok"
    assert client.get("/api/v1/session/parameters").json() == {"parameters": {"trails": 0.3, "glow": 0.5}}
    engine.say(stats)
    metrics = client.get("/api/v1/session/metrics").json()["sessions"]["headless"]
    assert (metrics["fps_out"], metrics["frames_in"], metrics["headless"]) == (29.5, 70, True)
    assert metrics["frames_out"] > 0
    assert client.post("/api/v1/session/stop", json={}).json()["message"] == "Headless session stopped"
    assert client.post("/api/v1/session/stop", json={}).status_code == 404
    assert engine.said[-1] == ("watch", {})


def test_the_show_is_a_transport_stream_with_sound(client, engine, opening):
    assert client.get("/api/v1/session/output.ts").json() == {"detail": "No active session"}
    client.post("/api/v1/session/start", json={"input_mode": "video"})
    tone = np.tile(0.5 * np.sin(np.arange(48_000) * 0.1), (2, 1)).astype(np.float32)

    def sing() -> None:
        eventually(lambda: ("sound", True) in engine.said)
        engine.say(Heard(tone, 1_000_000))

    singer = threading.Thread(target=sing)
    singer.start()
    answer = opening("/api/v1/session/output.ts", count=60_000)
    singer.join()
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("video/mp2t", "no-store")
    with av.open(io.BytesIO(answer.body), "r") as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
        loud = [np.abs(frame.to_ndarray()).max() > 0.3 for frame in container.decode(audio=0)]
    assert any(loud)
    eventually(lambda: not [t for t in threading.enumerate() if t.name == "scope:output:ts"])
    assert engine.said[-1] == ("sound", False)


def test_loras_are_the_files_in_their_folder(client, models):
    (models / "lora/styles").mkdir(parents=True)
    (models / "lora/styles/ink.safetensors").write_bytes(b"0" * 10_000)
    (models / "lora/readme.txt").write_text("not one")
    found = client.get("/api/v1/loras").json()["lora_files"]
    assert [(f["name"], f["folder"], f["size_mb"]) for f in found] == [("ink", "styles", 0.01)]


@pytest.mark.parametrize("route", ["cloud/status", "dmx/status", "onboarding/status", "dmx/config"])
def test_what_this_host_lacks_is_answered_not_hidden(client, route):
    assert client.get(f"/api/v1/{route}").status_code == 200


def test_what_this_host_lacks_cannot_be_switched_on(client):
    answer = client.post("/api/v1/cloud/connect", json={})
    assert (answer.status_code, answer.json()["detail"]) == (
        501,
        "this host runs everything on this machine; it has no cloud",
    )


def test_a_client_says_what_waits_for_the_beat_and_is_told_what_has_no_effect(client):
    neutral = {"quantize_mode": "bar", "lookahead_ms": 0, "beat_cache_reset_rate": "none", "glow": 0.5}
    answer = client.post("/api/v1/session/parameters", json=neutral).json()
    assert "warnings" not in answer
    assert client.get("/api/v1/setup").json()["setup"]["tempo"]["quantize"] == "bar"
    other = {"quantize_mode": "4_bar", "lookahead_ms": 80, "beat_cache_reset_rate": "bar", "glow": 0.75}
    assert client.post("/api/v1/session/parameters", json=other).json()["warnings"] == [
        "lookahead_ms: changes are made on the beat itself here, so 80 has no effect.",
        "beat_cache_reset_rate: no state of a pipeline starts anew with the beat here, so 'bar' has no effect.",
        "quantize_mode: expected one of none, beat, bar, got '4_bar'; it stays 'bar'.",
    ]
    setup = client.get("/api/v1/setup").json()["setup"]
    assert (setup["tempo"]["quantize"], setup["stages"][0]["values"]["glow"]) == ("bar", 0.75)


def test_a_message_names_a_node_by_the_id_in_the_clients_graph(client, engine):
    client.post("/api/v1/pipeline/load", json={"pipelines": [{"node_id": "9 lives", "pipeline_id": "fx"}]})
    assert client.post("/api/v1/session/parameters", json={"node_id": "9 lives", "glow": 0.5}).status_code == 200
    assert engine.posts()[-1][:2] == ("n-9-lives", {"glow": 0.5})
    answer = client.post("/api/v1/session/parameters", json={"node_id": "output", "glow": 0.5})
    assert (answer.status_code, "output" in answer.json()["detail"]) == (400, True)


def test_a_sink_of_the_graph_gives_what_comes_to_it(client, engine):
    nodes = [{"id": name, "type": "pipeline", "pipeline_id": "fx"} for name in ("a", "b")]
    nodes += [{"id": "in", "type": "source"}, *({"id": name, "type": "sink"} for name in ("end", "half", "raw"))]
    ways = [("in", "a"), ("a", "b"), ("b", "end"), ("a", "half"), ("in", "raw")]
    graph = {"nodes": nodes, "edges": [{"from": start, "to_node": end} for start, end in ways]}
    assert Graph.read(graph).taps() == {"end": "out", "half": "a", "raw": "in"}
    engine_says_ready = threading.Timer(0.2, lambda: engine.say(Ready(["a", "b"])))
    engine_says_ready.start()
    client.post("/api/v1/session/start", json={"input_mode": "video", "graph": graph})
    assert ("watch", {"out": 30.0, "a": 30.0, "in": 30.0}) in engine.said
    assert client.get("/api/v1/session/frame?sink_node_id=raw").status_code == 200
    answer = client.get("/api/v1/session/frame?sink_node_id=none")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "sink_node_id: expected one of end, half, raw, got 'none'",
    )
    client.post("/api/v1/session/stop", json={})
    assert engine.said[-1] == ("watch", {})


def test_osc_addresses_are_told_to_people(client):
    answer = client.get("/api/v1/osc/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "<code>/scope/fx/trails</code>" in answer.text
    assert "switched off" in answer.text


def test_a_session_records_the_show_and_gets_its_film(client):
    nobody = client.post("/api/v1/recordings/nobody/start", json={})
    assert (nobody.status_code, nobody.json()["detail"]) == (404, "Session nobody not found")
    client.post("/api/v1/session/start", json={"pipeline_id": "fx", "input_mode": "video"})
    started = client.post("/api/v1/recordings/headless/start?node_id=tape", json={}).json()
    told = "node_id: has no effect; this host records what the show puts out, whichever node asks"
    assert started == {"status": "started", "warnings": [told]}
    assert client.post("/api/v1/recordings/headless/start", json={}).status_code == 409
    assert client.get("/api/v1/recordings/headless").status_code == 404
    while client.get("/api/v1/recordings").json()["running"]["frames"] < 2:
        pass
    assert client.post("/api/v1/recordings/headless/stop", json={}).json() == {"status": "stopped"}
    assert client.get("/api/v1/recordings/headless").content[4:8] == b"ftyp"
    assert client.post("/api/v1/recordings/headless/stop", json={}).status_code == 409


def test_the_log_is_a_text_file(client):
    answer = client.get("/api/v1/logs/current")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")

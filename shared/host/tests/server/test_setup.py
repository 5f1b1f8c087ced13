import json
import time

import pytest


def setup_of(client) -> dict:
    return client.get("/api/v1/setup").json()["setup"]


def patch(client, *operations: dict, **more) -> dict:
    answer = client.patch("/api/v1/setup", json={"patch": operations} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


ADD = {"op": "add", "path": "/stages/-", "value": {"id": "fx-2", "pipeline": "fx", "role": "post"}}


def test_an_edit_of_the_chain_reaches_the_engine_as_a_whole_document(client, engine):
    patch(client, ADD)
    said, document = engine.said[-1]
    assert said == "play"
    assert [stage["id"] for stage in document["stages"]] == ["fx", "fx-2"]
    assert set(document) == {"scope", "prompts", "transition", "tempo", "modulation", "source", "stages"}


def test_undo_and_redo_go_back_and_forth(client, engine):
    assert client.post("/api/v1/setup/undo").status_code == 409
    after = patch(client, ADD, label="add fx")
    assert (after["undo"], after["redo"]) == ("add fx", None)
    undone = client.post("/api/v1/setup/undo").json()
    assert ([stage["id"] for stage in undone["setup"]["stages"]], undone["redo"]) == (["fx"], "add fx")
    assert [stage["id"] for stage in engine.said[-1][1]["stages"]] == ["fx"]
    redone = client.post("/api/v1/setup/redo").json()
    assert [stage["id"] for stage in redone["setup"]["stages"]] == ["fx", "fx-2"]
    assert client.post("/api/v1/setup/redo").status_code == 409


def test_a_patch_for_an_old_revision_is_refused(client):
    rev = patch(client, ADD)["rev"]
    stale = client.patch("/api/v1/setup", json={"patch": [ADD], "rev": rev - 1})
    assert stale.status_code == 409
    assert stale.json()["detail"] == f"the set-up has revision {rev} by now, not {rev - 1}"
    assert client.patch("/api/v1/setup", json={"patch": [], "rev": rev}).status_code == 200


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "add", "path": "/stages/-", "value": {"id": "fx", "pipeline": "fx", "role": "post"}}, "ids that differ"),
        ({"op": "replace", "path": "/stages/no/on", "value": False}, "expected an index or an id, got 'no'"),
        ({"op": "replace", "path": "/stages/fx/on", "value": "yes"}, "stages[0].on: expected true or false"),
        ({"op": "add", "path": "/source", "value": {"kind": "file", "path": "../x"}}, "source.path: expected a file in"),
        ({"op": "add", "path": "/stages/fx/load/loras", "value": [{"path": "/etc/passwd"}]}, "loras: expected a file in"),
    ],
)  # fmt: skip
def test_a_patch_that_cannot_be_is_a_sentence_and_changes_nothing(client, operation, message):
    before = client.get("/api/v1/setup").json()
    answer = client.patch("/api/v1/setup", json={"patch": [operation]})
    assert answer.status_code == 400
    assert message in answer.json()["detail"]
    assert client.get("/api/v1/setup").json() == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "not JSON at line 1"),
        ('{"patch": [], "rev": NaN}', "expected a finite number, got NaN"),
        ('{"patch": [], "rev": 1e999}', "expected a finite number, got inf"),
        ('{"patch": ' + "[" * 50 + "]" * 50 + "}", "nested more than 8 levels deep"),
    ],
)
def test_bad_json_is_a_sentence(client, body, message):
    answer = client.patch("/api/v1/setup", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert message in answer.json()["detail"]


def test_load_parameters_wait_for_a_reload(client, engine):
    patch(client, {"op": "add", "path": "/stages/fx/load/strength", "value": 2})
    assert engine.said[-1][1]["stages"][0]["load"] == {}
    assert client.post("/api/v1/stages/fx/reload").status_code == 202
    assert engine.said[-1] == ("swap", "fx", {"strength": 2})
    patch(client, ADD)
    assert engine.said[-1][1]["stages"][0]["load"] == {"strength": 2}
    assert client.post("/api/v1/stages/no/reload").status_code == 400


def test_a_whole_set_up_is_loaded_with_its_load_parameters(client, engine):
    document = setup_of(client)
    document["stages"][0]["load"] = {"strength": 3}
    answer = client.put("/api/v1/setup", json={"setup": document})
    assert answer.status_code == 200
    assert engine.said[-1][1]["stages"][0]["load"] == {"strength": 3}
    assert (
        client.put("/api/v1/setup", json={"setup": {"scope": 9}}).json()["detail"].startswith("the set-up has format 9")
    )


def test_a_file_is_named_in_full_to_the_engine(client, engine, base):
    (base / "assets").mkdir(parents=True)
    (base / "assets" / "cat.png").write_bytes(b"")
    patch(client, {"op": "replace", "path": "/source", "value": {"kind": "file", "path": "cat.png"}})
    assert engine.said[-1][1]["source"]["path"] == str(base / "assets" / "cat.png")
    assert setup_of(client)["source"]["path"] == "cat.png"


def test_presets_are_saved_listed_loaded_and_deleted(client, engine, base):
    assert client.put("/api/v1/presets/Night 1", json={}).status_code == 204
    patch(client, {"op": "remove", "path": "/stages/fx"})
    assert [preset["name"] for preset in client.get("/api/v1/presets").json()["presets"]] == ["Night 1"]
    assert [stage["id"] for stage in client.get("/api/v1/presets/Night 1").json()["stages"]] == ["fx"]
    assert client.post("/api/v1/presets/Night 1/load").json()["setup"]["stages"][0]["values"] == {"trails": 0.5}
    assert json.loads((base / "presets" / "Night 1.json").read_text())["scope"] == 1
    assert client.delete("/api/v1/presets/Night 1").status_code == 204
    assert client.post("/api/v1/presets/Night 1/load").json()["detail"] == "there is no preset 'Night 1'"


def test_a_scene_is_stored_and_recalled_with_a_fade(client, engine):
    stored = client.post("/api/v1/scenes", json={"name": "Calm", "fade": 0.1}).json()
    scene = stored["setup"]["scenes"][0]
    assert (scene["id"], scene["name"], scene["values"], scene["fade"]) == (
        "scene-1",
        "Calm",
        {"fx": {"trails": 0.5}},
        0.1,
    )
    patch(client, {"op": "replace", "path": "/stages/fx/values/trails", "value": 0.9})
    recalled = client.post("/api/v1/scenes/scene-1/recall", json={}).json()
    assert recalled["setup"]["stages"][0]["values"] == {"trails": 0.5}
    while not engine.posts() or engine.posts()[-1][1] != {"trails": 0.5}:
        time.sleep(0.005)
    played = [words[1]["stages"][0]["values"]["trails"] for words in engine.said if words[0] == "play"]
    assert 0.5 < played[-1] < 0.9, "a fade does not begin with a jump"
    values = [post[1]["trails"] for post in engine.posts()]
    assert values == sorted(values, reverse=True)


def test_a_scene_without_fade_switches_and_a_stored_one_is_replaced(client, engine):
    client.post("/api/v1/scenes", json={})
    patch(client, {"op": "replace", "path": "/stages/fx/on", "value": False})
    client.post("/api/v1/scenes/scene-1/recall", json={})
    assert engine.said[-1][1]["stages"][0]["on"] is True
    patch(client, {"op": "replace", "path": "/stages/fx/values", "value": {"glow": 1}})
    scenes = client.post("/api/v1/scenes", json={"id": "scene-1"}).json()["setup"]["scenes"]
    assert [(scene["name"], scene["values"]) for scene in scenes] == [("Scene 1", {"fx": {"glow": 1}})]
    assert client.post("/api/v1/scenes/no/recall", json={}).status_code == 404


def test_a_hand_on_a_slider_takes_it_out_of_the_fade(client, engine):
    client.post("/api/v1/scenes", json={"fade": 60})
    patch(client, {"op": "replace", "path": "/stages/fx/values", "value": {"trails": 0.9, "glow": 1}})
    client.post("/api/v1/scenes/scene-1/recall", json={})
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control") as socket:
        socket.send_json({"stage": "fx", "set": {"trails": 0.2}})
        while "changed" not in socket.receive_json():
            pass
    count = len(engine.posts())
    patch(client, ADD)
    assert engine.said[-1][1]["stages"][0]["values"]["trails"] == 0.2
    assert all("trails" not in post[1] for post in engine.posts()[count:])


def test_a_restart_changes_the_start_time_when_the_new_engine_is_up(client, engine):
    before = client.get("/health").json()["server_start_time"]
    assert client.post("/api/v1/restart").status_code == 200
    assert ("restart",) in engine.said
    assert client.get("/api/v1/pipelines").json()["ready"] is False
    assert engine.hello is not None
    engine.say(engine.hello)
    while not client.get("/api/v1/pipelines").json()["ready"]:
        pass
    assert client.get("/health").json()["server_start_time"] > before

"""What switches waits for the beat; what moves by degrees, and what cannot be, does not."""

import time

import pytest

NEVER = {"source": "internal", "bpm": 20.0, "beats_per_bar": 16, "quantize": "bar"}
OFF_NOW = {"op": "replace", "path": "/stages/fx/on", "value": False}


@pytest.fixture
def waiting(client):
    """A show whose next bar is far away; `waiting()` lets it come now."""
    edit(client, {"op": "replace", "path": "/tempo", "value": NEVER})
    client.get("/api/v1/setup")

    def bar():
        edit(client, {"op": "replace", "path": "/tempo/quantize", "value": "off"})

    return bar


@pytest.fixture
def ws(client, waiting):
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control?name=page") as ws:
        ws.receive_json()
        yield ws


def edit(client, *operations):
    answer = client.patch("/api/v1/setup", json={"patch": operations})
    assert answer.status_code == 200, answer.text
    return answer.json()["setup"]


def setup(client):
    return client.get("/api/v1/setup").json()["setup"]


def values(client):
    return setup(client)["stages"][0]["values"]


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_scene_waits_for_the_bar(client, waiting):
    scene = client.post("/api/v1/scenes", json={"name": "Night"}).json()["setup"]["scenes"][0]
    edit(client, {"op": "replace", "path": "/stages/fx/values", "value": {"trails": 0.9}})
    answer = client.post(f"/api/v1/scenes/{scene['id']}/recall", json={}).json()
    assert answer["setup"]["stages"][0]["values"] == {"trails": 0.9}
    waiting()
    eventually(lambda: values(client) == {"trails": 0.5})


def test_everyone_is_told_while_something_waits(client, waiting, ws):
    def told():
        while "state" not in (message := ws.receive_json()):
            pass
        return message["state"]["waits"]

    edit(client, OFF_NOW)
    assert told() is True
    edit(client, {**OFF_NOW, "value": True})
    waiting()
    assert told() is False


def test_switches_of_a_patch_wait_together_and_one_that_cannot_be_is_refused_at_once(client, waiting):
    menu = {"op": "add", "path": "/stages/fx/values/mirror", "value": "up"}
    prompts = {"op": "replace", "path": "/prompts", "value": [{"text": "sea"}]}
    level = {"op": "add", "path": "/stages/fx/values/trails", "value": 0.9}
    for patch in ([OFF_NOW], [menu, level], [prompts]):
        edit(client, *patch)
    assert (setup(client)["stages"][0]["on"], values(client), setup(client)["prompts"]) == (True, {"trails": 0.5}, [])
    nowhere = {**OFF_NOW, "path": "/stages/nope/on"}
    assert client.patch("/api/v1/setup", json={"patch": [nowhere]}).status_code == 400
    waiting()
    eventually(lambda: not setup(client)["stages"][0]["on"])
    assert values(client) == {"trails": 0.9, "mirror": "up"}
    assert [prompt["text"] for prompt in setup(client)["prompts"]] == ["sea"]


def test_numbers_and_what_builds_the_chain_do_not_wait(client, waiting):
    trails = {"op": "replace", "path": "/stages/fx/values/trails", "value": 0.7}
    assert edit(client, trails)["stages"][0]["values"] == {"trails": 0.7}
    same = {"op": "add", "path": "/stages/fx/values/mirror", "value": "off"}
    assert edit(client, same)["stages"][0]["values"] == {"trails": 0.7, "mirror": "off"}
    more = {"op": "add", "path": "/stages/-", "value": {"id": "fx-2", "pipeline": "fx", "role": "post"}}
    assert [stage["on"] for stage in edit(client, OFF_NOW, more)["stages"]] == [False, True]


def test_the_weight_of_a_prompt_follows_the_hand_and_its_text_the_bar(client, waiting, ws):
    ws.send_json({"prompts": [{"text": "sea", "weight": 1.0}]})
    waiting()
    eventually(lambda: setup(client)["prompts"])
    edit(client, {"op": "replace", "path": "/tempo/quantize", "value": "bar"})
    ws.send_json({"prompts": [{"text": "sea", "weight": 0.5}]})
    eventually(lambda: setup(client)["prompts"] == [{"text": "sea", "weight": 0.5}])
    for text in ("wood", "sea"):
        ws.send_json({"prompts": [{"text": text, "weight": 0.5}]})
    ws.send_json({"stage": "fx", "set": {"trails": 0.1}})
    eventually(lambda: values(client)["trails"] == 0.1)
    waiting()
    assert [prompt["text"] for prompt in setup(client)["prompts"]] == ["sea"], "in the order in which they came"


def test_menus_of_a_message_wait_with_what_came_with_them(client, waiting, ws, engine):
    ws.send_json({"n": 1, "stage": "fx", "set": {"mirror": "left", "trails": 0.9}})
    ws.send_json({"n": 2, "stage": "fx", "set": {"glow": 0.2}})
    ws.send_json({"n": 3, "stage": "fx", "set": {"mirror": "up", "x" * 121: 1}})
    eventually(lambda: "glow" in values(client))
    assert values(client) == {"trails": 0.5, "glow": 0.2}
    while "error" not in (message := ws.receive_json()):
        continue
    assert message["n"] == 3, "what cannot be is refused before the bar"
    waiting()
    eventually(lambda: values(client) == {"trails": 0.9, "glow": 0.2, "mirror": "left"})
    assert [post[1] for post in engine.posts()] == [{"glow": 0.2}, {"mirror": "left", "trails": 0.9}]
    edit(client, {"op": "replace", "path": "/tempo/quantize", "value": "bar"})
    ws.send_json({"n": 4, "stage": "fx", "unset": ["mirror"]})
    ws.send_json({"n": 5, "stage": "fx", "unset": ["glow"]})
    eventually(lambda: "glow" not in values(client))
    assert values(client)["mirror"] == "left"
    waiting()
    eventually(lambda: "mirror" not in values(client))


def test_a_pad_that_is_hit_twice_before_the_bar_steps_twice(client, waiting, ws):
    edit(
        client,
        {
            "op": "replace",
            "path": "/mappings",
            "value": [{"input": "midi:1:note:60", "stage": "fx", "field": "mirror"}],
        },
    )
    eventually(lambda: client.app.state.host.performance._mapped[0])
    for velocity in (100, 0, 100, 0):
        ws.send_json({"midi": [0x90, 60, velocity]})
    ws.send_json({"stage": "fx", "set": {"glow": 1.0}})
    eventually(lambda: "glow" in values(client))
    assert "mirror" not in values(client)
    waiting()
    assert values(client)["mirror"] == "up"


def test_a_bar_comes_by_itself_and_a_clock_that_stops_holds_nothing_back(client, ws):
    edit(client, {"op": "replace", "path": "/tempo", "value": NEVER | {"bpm": 240.0, "quantize": "beat"}})
    assert edit(client, OFF_NOW)["stages"][0]["on"]
    eventually(lambda: not setup(client)["stages"][0]["on"])
    edit(client, {"op": "replace", "path": "/tempo", "value": NEVER})
    assert not edit(client, {**OFF_NOW, "value": True})["stages"][0]["on"]
    ws.send_json({"tempo": {"playing": False}})
    eventually(lambda: setup(client)["stages"][0]["on"])

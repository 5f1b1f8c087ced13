import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from scope.engine.events import Ready

URL = "ws://127.0.0.1:8000/api/v1/control"


def until(socket, key):
    """The next message with this key."""
    while True:
        message = socket.receive_json()
        if key in message:
            return message


@pytest.fixture
def page(client):
    with client.websocket_connect(f"{URL}?name=page") as socket:
        yield socket


def test_a_client_is_welcomed_with_everything(client, page):
    welcome = page.receive_json()["welcome"]
    assert welcome["client"] == "page-1"
    assert welcome["setup"]["stages"][0]["values"] == {"trails": 0.5}
    assert welcome["state"]["engine"] == "ready"
    assert welcome["state"]["stages"] == {"fx": {"load": {}, "playing": True, "chosen": {}}}


def test_what_a_pipeline_has_chosen_is_told(engine, page):
    engine.say(Ready(["fx"], {"fx": {"size": "small"}}))
    state = until(page, "state")["state"]
    assert state["stages"]["fx"]["chosen"] == {"size": "small"}


def test_a_value_goes_to_the_engine_and_its_answer_comes_back(engine, page):
    page.send_json({"n": 7, "stage": "fx", "set": {"trails": 0.8}})
    assert until(page, "changed")["by"] == "page-1"
    assert engine.posts() == [("fx", {"trails": 0.8}, 1, "page-1")]
    engine.took({"trails": 0.8}, frame=812)
    assert until(page, "took") == {"took": 7, "stage": "fx", "values": {"trails": 0.8}, "refused": {}, "frame": 812}


def test_two_windows_and_a_script_see_each_others_changes(client, engine, page):
    with client.websocket_connect(f"{URL}?name=phone") as phone:
        page.send_json({"n": 1, "stage": "fx", "set": {"trails": 0.8}})
        for socket in (page, phone):
            message = until(socket, "changed")
            assert message["changed"] == [{"op": "replace", "path": "/stages/0/values/trails", "value": 0.8}]
            assert (message["by"], message["rev"], message["undo"]) == ("page-1", 2, "trails")
        client.patch("/api/v1/setup", json={"patch": [{"op": "replace", "path": "/stages/fx/on", "value": False}]})
        for socket in (page, phone):
            message = until(socket, "changed")
            assert (message["by"], message["rev"]) == ("api", 3)


def test_a_refused_value_goes_back_to_the_last_good_one(client, engine, page):
    page.send_json({"n": 1, "stage": "fx", "set": {"trails": "much"}})
    until(page, "changed")
    engine.took({}, {"trails": "expected a number, got 'much'"})
    assert until(page, "took")["refused"] == {"trails": "expected a number, got 'much'"}
    message = until(page, "changed")
    assert message["changed"] == [{"op": "replace", "path": "/stages/0/values/trails", "value": 0.5}]
    assert message["by"] == "engine"


def test_a_refused_value_goes_back_to_what_a_scene_has_set_since_the_one_before(client, engine, page):
    page.send_json({"n": 1, "stage": "fx", "set": {"trails": "much"}})
    until(page, "changed")
    step = {"op": "replace", "path": "/stages/fx/values/trails", "value": 0.3}
    client.patch("/api/v1/setup", json={"patch": [step]})
    page.send_json({"n": 2, "stage": "fx", "set": {"trails": "more"}})
    until(page, "changed")
    engine.took({}, {"trails": "expected a number, got 'more'"})
    assert until(page, "took")["took"] == 2
    assert client.get("/api/v1/setup").json()["setup"]["stages"][0]["values"] == {"trails": 0.3}


def test_a_refused_value_that_was_not_there_before_goes(client, engine, page):
    page.send_json({"stage": "fx", "set": {"grow": 1}})
    until(page, "changed")
    engine.took({}, {"grow": "no parameter 'grow'; did you mean 'glow'?"})
    assert until(page, "changed")["changed"] == [{"op": "remove", "path": "/stages/0/values/grow"}]


def test_a_late_answer_does_not_undo_a_newer_value(client, engine, page):
    page.send_json({"n": 1, "stage": "fx", "set": {"trails": 0.1}})
    until(page, "changed")
    first = engine.posts()[-1]
    page.send_json({"n": 2, "stage": "fx", "set": {"trails": 0.2}})
    until(page, "changed")
    engine.say(type_of_took(first, {"trails": 0.15}))
    assert until(page, "took")["took"] in (1, 2)
    assert client.get("/api/v1/setup").json()["setup"]["stages"][0]["values"] == {"trails": 0.2}


def test_a_late_answer_does_not_undo_an_undo(client, engine, page):
    page.send_json({"n": 1, "stage": "fx", "set": {"trails": 0.9, "glow": 0.5}})
    until(page, "changed")
    post = engine.posts()[-1]
    client.post("/api/v1/setup/undo")
    engine.say(type_of_took(post, {"trails": 0.9, "glow": 0.5}))
    until(page, "took")
    assert client.get("/api/v1/setup").json()["setup"]["stages"][0]["values"] == {"trails": 0.5}


def type_of_took(post, values):
    from scope.engine.events import Took

    return Took(post[0], values, {}, post[2], post[3], 1)


def test_an_undo_waits_for_what_its_client_has_said_before(client, page):
    early = {"Scope-After": "page-1 1"}
    with ThreadPoolExecutor(1) as other:
        undone = other.submit(client.post, "/api/v1/setup/undo", headers=early)
        page.send_json({"n": 1, "stage": "fx", "set": {"trails": 0.9}})
        answer = undone.result()
    assert answer.status_code == 200
    assert answer.json()["setup"]["stages"][0]["values"] == {"trails": 0.5}


def test_an_undo_after_what_is_never_said_does_not_wait_for_ever(client, page, monkeypatch):
    monkeypatch.setattr("scope.server.in_order._PATIENCE_SECONDS", 0.01)
    assert client.post("/api/v1/setup/undo", headers={"Scope-After": "page-1 9"}).status_code == 409
    assert client.post("/api/v1/setup/undo", headers={"Scope-After": "gone-7 9"}).status_code == 409
    assert client.post("/api/v1/setup/undo", headers={"Scope-After": "nonsense"}).status_code == 422


def test_a_burst_is_told_in_few_messages_and_undone_in_one_step(client, engine, page):
    for step in range(1000):
        page.send_json({"n": step, "stage": "fx", "set": {"trails": step / 1000}, "gesture": "drag"})
    page.send_json({"n": 1000, "stage": "fx", "set": {"glow": 1}})
    changes = 0
    while client.get("/api/v1/setup").json()["setup"]["stages"][0]["values"] != {"trails": 0.999, "glow": 1}:
        changes += 1
    client.post("/api/v1/setup/undo")
    after = client.post("/api/v1/setup/undo").json()
    assert after["setup"]["stages"][0]["values"] == {"trails": 0.5}
    assert after["rev"] < 500
    assert len(engine.posts()) == 1001


def test_the_original_hosts_flat_form_reaches_the_stages_that_have_the_field(client, engine, page):
    client.patch(
        "/api/v1/setup",
        json={"patch": [{"op": "add", "path": "/stages/-", "value": {"id": "fx-2", "pipeline": "fx", "role": "post"}}]},
    )
    page.send_json({"glow": 0.25})
    until(page, "changed")
    page.send_json({"node_id": "fx-2", "glow": 0.75, "n": 3})
    engine_saw = lambda: [(stage, values) for stage, values, _, _ in engine.posts()]  # noqa: E731
    while len(engine.posts()) < 3:
        until(page, "changed")
    assert engine_saw() == [("fx", {"glow": 0.25}), ("fx-2", {"glow": 0.25}), ("fx-2", {"glow": 0.75})]


def test_pause_and_reset_reach_the_engine(engine, page):
    page.send_json({"paused": True})
    while not until(page, "state")["state"]["paused"]:
        pass
    page.send_json({"reset_cache": True, "stage": "fx"})
    page.send_json({"stage": "fx", "unset": ["trails"]})
    assert until(page, "changed")["changed"] == [{"op": "remove", "path": "/stages/0/values/trails"}]
    assert ("pause", True) in engine.said
    assert ("reset", "fx") in engine.said
    assert engine.said[-1][0] == "play"


@pytest.mark.parametrize("name", ["paused", "reset_cache"])
def test_a_switch_is_on_or_off_and_nothing_else(engine, page, name):
    page.send_json({name: "maybe"})
    assert until(page, "error")["error"] == f"{name}: expected true or false, got 'maybe'"
    assert not [words for words in engine.said if words[0] in ("pause", "reset")]


def test_prompts_belong_to_the_show(client, engine, page):
    page.send_json({"prompts": [{"text": "a fox", "weight": 1.0}]})
    assert until(page, "changed")["changed"] == [
        {"op": "replace", "path": "/prompts", "value": [{"text": "a fox", "weight": 1.0}]}
    ]
    assert engine.said[-1][1]["prompts"] == [{"text": "a fox", "weight": 1.0}]


def test_a_prompt_with_steps_takes_over_gradually(client, engine, page):
    stage = {"op": "replace", "path": "/stages/fx/pipeline", "value": "synth"}
    client.patch("/api/v1/setup", json={"patch": [stage]})
    page.send_json({"prompts": [{"text": "a fox"}]})
    page.send_json({"prompts": [{"text": "a hare"}], "transition": {"num_steps": 4}})
    while not engine.posts():
        until(page, "changed")
    assert engine.posts()[-1][1]["transition"] == {
        "target_prompts": [{"text": "a hare", "weight": 1.0}],
        "num_steps": 4,
        "temporal_interpolation_method": "slerp",
    }


def test_what_the_engine_says_reaches_everyone(engine, page):
    from scope.engine.events import Cleared, Died, Fault, Loading, StageStats, Stats

    engine.say(Fault("fx", "call", "fx failed in a call: lamp", 3, 1.0))
    assert until(page, "fault")["fault"]["text"] == "fx failed in a call: lamp"
    engine.say(Cleared("fx"))
    assert until(page, "cleared")["cleared"] == "fx"
    engine.say(Loading("fx", "building", 0.5))
    while until(page, "state")["state"]["loading"] is None:
        pass
    engine.say(Stats(30.0, {"p50": float("nan")}, {"fx": StageStats(5.0, 30, 0, 0)}, 100.0, {}))
    stats = until(page, "stats")["stats"]
    assert (stats["fps"], stats["age_ms"]["p50"], stats["stages"]["fx"]["ms"]) == (30.0, None, 5.0)
    engine.say(Died("the engine was killed by signal 9 (SIGKILL)", "fx", 1.0))
    while (state := until(page, "state")["state"])["engine"] != "dead":
        pass
    assert state["text"] == "the engine was killed by signal 9 (SIGKILL)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON at line 1"),
        ("[]", "expected a JSON object"),
        ('{"stage": "fx", "set": {"trails": NaN}}', "expected a finite number, got NaN"),
        ('{"stage": "fx", "set": {"trails": 1e999}}', "expected a finite number, got inf"),
        ('{"stage": "fx", "set": {"trails": 99999999999999999999}}', "expected a number within ±2**53"),
        ('{"stage": "no", "set": {"a": 1}}', "there is no stage 'no' (stages: fx)"),
        ('{"stage": "fx", "set": 5}', "set: expected an object, got 5"),
        ('{"stage": "fx", "set": {}, "sett": 1}', "sett: is not a known field"),
        ('{"prompts": "a fox"}', "prompts: expected a list"),
        ('{"stage": "fx", "set": {"vace_ref_images": ["/etc/passwd"]}}', "vace_ref_images: expected a file in"),
        ('{"stage": "fx", "set": {"a": [[[[[1]]]]]}}', "nested more than"),
        ('{"stage": 5, "glow": 1}', "there is no stage '5'"),
        (json.dumps({"stage": "fx", "set": {f"x{i}": 1 for i in range(501)}}), "set: expected at most 500 entries"),
    ],
)
def test_a_bad_message_is_answered_with_a_sentence_and_harms_nothing(client, engine, page, text, message):
    page.send_text(text)
    assert message in until(page, "error")["error"]
    page.send_json({"stage": "fx", "set": {"glow": 1}})
    until(page, "changed")
    assert engine.posts() == [("fx", {"glow": 1}, 1, "page-1")]

"""Plugins over HTTP: a plan that is shown, a job that carries it out, an engine that proves it."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from fastapi.testclient import TestClient

from scope.control.setup import Setup
from scope.engine.link import EngineError
from scope.install.probe import Probing
from scope.server.app import create_app
from scope.server.guard import Rules
from scope.server.host import Host, Settings


class RenewingEngine:
    """An engine that only counts how often it is renewed, and fails when it is told to. It plays nothing."""

    hello = None
    state = "starting"

    def __init__(self) -> None:
        self.renewed = 0
        self.failure = ""

    def listen(self, listener: Callable[..., None]) -> Callable[[], None]:
        return lambda: None

    def renew(self) -> Future[None]:
        self.renewed += 1
        future: Future[None] = Future()
        if self.failure:
            future.set_exception(EngineError(self.failure))
        else:
            future.set_result(None)
        return future

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **options: None


@pytest.fixture
def engine():
    return RenewingEngine()


@pytest.fixture
def client(engine: Any, manager, tmp_path, monkeypatch):
    monkeypatch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path / "base"))
    host = Host(engine, Setup(), Settings(port=8000, rules=Rules(port=8000)))
    host.plugins.probing = Probing(30.0, python=str(manager.python))
    with TestClient(create_app(host), base_url="http://127.0.0.1:8000") as client:
        yield client


def planned(client, **wanted):
    answer = client.post("/api/v1/plugins/plan", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(client, started):
    assert started.status_code == 202, started.text
    job = started.json()["job"]
    while (state := client.get(f"/api/v1/jobs/{job}").json())["state"] == "running":
        time.sleep(0.02)
    return state


def applied(client, **wanted):
    plan = planned(client, **wanted)
    return ended(client, client.post("/api/v1/plugins/apply", json={"id": plan["id"], "digest": plan["digest"]}))


def own(client):
    return [plugin for plugin in client.get("/api/v1/plugins").json()["plugins"] if not plugin["bundled"]]


def test_a_plan_is_shown_then_carried_out_then_proven_by_an_engine(client, engine, workshop):
    workshop.publish(workshop.made("tool", entry_point=False))
    workshop.publish(workshop.made("scope-plain", requires=["tool"]))
    plan = planned(client, add=["scope-plain"])
    assert plan["summary"] == ["scope-plain 1.0.0, from package index", "with it: tool 1.0.0, from package index"]
    assert [(change["name"], change["plugin"], change["new"]) for change in plan["changes"]] == [
        ("scope-plain", True, "1.0.0"),
        ("tool", False, "1.0.0"),
    ]
    assert plan["rights"] == "Installing runs this code with your rights."
    assert own(client) == []
    body = {"id": plan["id"], "digest": plan["digest"]}
    assert client.post("/api/v1/plugins/apply", json=body | {"digest": "another"}).status_code == 409
    state = ended(client, client.post("/api/v1/plugins/apply", json=body))
    assert (state["state"], engine.renewed) == ("done", 1), state
    assert state["result"]["plugins"] == {"scope-plain": "1.0.0"}
    assert client.post("/api/v1/plugins/apply", json=body).json() == {
        "detail": "This plan is not known any more; plan again."
    }
    (plugin,) = own(client)
    assert (plugin["source"], plugin["package_spec"]) == ("pypi", "scope-plain")
    assert plugin["pipelines"] == [{"pipeline_id": "scope-plain", "pipeline_name": "scope-plain"}]


def test_an_update_that_breaks_is_refused_and_a_rollback_goes_back(client, engine, workshop):
    workshop.publish(workshop.made("scope-plain"))
    applied(client, add=["scope-plain"])
    workshop.publish(workshop.made("scope-plain", "2.0.0"))
    workshop.publish(workshop.made("scope-plain", "3.0.0", code="import a_module_that_is_not_there"))
    updates = ended(client, client.post("/api/v1/plugins/updates", json={}))
    assert updates["result"] == {"scope-plain": "3.0.0"}
    assert own(client)[0]["latest_version"] == "3.0.0"
    refused = applied(client, upgrade=["scope-plain"])
    assert refused["state"] == "failed"
    assert refused["text"].startswith("scope-plain could not be imported: ModuleNotFoundError")
    applied(client, add=["scope-plain==2.0.0"])
    assert own(client)[0]["version"] == "2.0.0"
    assert ended(client, client.post("/api/v1/plugins/rollback", json={}))["state"] == "done"
    assert own(client)[0]["version"] == "1.0.0"
    switches = client.get("/api/v1/plugins/history").json()["switches"]
    assert [(switch["by"], switch["current"]) for switch in switches] == [
        ("install", False),
        ("install", False),
        ("rollback", True),
    ]
    assert engine.renewed == 3


def test_a_generation_with_which_no_engine_starts_is_taken_back(client, engine, workshop):
    for name in ("scope-plain", "scope-worse"):
        workshop.publish(workshop.made(name))
    applied(client, add=["scope-plain"])
    engine.failure = "it ended with exit code 1"
    state = applied(client, add=["scope-worse"])
    assert state["text"] == "The new engine did not start: it ended with exit code 1. Generation 1 is current again."
    assert [plugin["name"] for plugin in own(client)] == ["scope-plain"]


def test_what_cannot_be_planned_is_a_sentence(client, workshop):
    def refusal(code, **wanted):
        answer = client.post("/api/v1/plugins/plan", json=wanted)
        assert answer.status_code == code
        return answer.json()["detail"]

    assert (
        refusal(409, add=["scope-nope"]) == "No package is called scope-nope on the package index. Nothing was changed."
    )
    assert refusal(400, add=["scope ==== 1"]).startswith('"scope ==== 1" is no requirement')
    assert refusal(400, remove=["scope-nope"]) == "No plugin scope-nope is installed here; there is none."
    assert "is part of the host's environment (editable, from /" in refusal(400, add=["scope-fx"])
    project = workshop.project(workshop.made("scope-dynamic"), dynamic=True)
    asked = planned(client, add=[str(project)])
    assert asked["needs_build"] == f"Reading the requirements of {project} runs its build script."
    assert planned(client, add=[str(project)], allow_build=True)["id"]


def test_a_plan_for_a_state_that_is_gone_is_refused(client, workshop):
    for name in ("scope-one", "scope-two"):
        workshop.publish(workshop.made(name))
    stale = planned(client, add=["scope-one"])
    applied(client, add=["scope-two"])
    started = client.post("/api/v1/plugins/apply", json={"id": stale["id"], "digest": stale["digest"]})
    assert ended(client, started)["text"] == "The plugins changed since this plan was made; plan again."


def test_a_job_that_is_cancelled_changes_nothing(client, engine, workshop):
    code = "import time\ntime.sleep(600)"
    workshop.publish(workshop.made("scope-slow", code=code))
    plan = planned(client, add=["scope-slow"])
    job = client.post("/api/v1/plugins/apply", json={"id": plan["id"], "digest": plan["digest"]}).json()["job"]
    while client.get(f"/api/v1/jobs/{job}").json()["step"] != "Loading every plugin.":
        time.sleep(0.02)
    client.post(f"/api/v1/jobs/{job}/cancel", json={})
    while (state := client.get(f"/api/v1/jobs/{job}").json())["state"] == "running":
        time.sleep(0.02)
    assert (state["state"], engine.renewed, own(client)) == ("cancelled", 0, [])


def test_the_original_hosts_forms_answer_when_the_work_is_done(client, engine, workshop):
    project = workshop.project(workshop.made("scope-plain"))
    done = client.post("/api/v1/plugins", json={"package": str(project), "editable": True})
    assert done.json() == {"success": True, "message": "Installed scope-plain"}
    (plugin,) = own(client)
    assert (plugin["editable"], plugin["editable_path"], plugin["source"]) == (True, str(project), "local")
    assert client.post("/api/v1/plugins/scope-plain/reload", json={}).json()["success"]
    assert client.delete("/api/v1/plugins/scope-plain").json() == {
        "success": True,
        "message": "Uninstalled scope-plain",
    }
    assert engine.renewed == 3
    gone = client.delete("/api/v1/plugins/scope-plain")
    assert (gone.status_code, gone.json()["detail"]) == (404, "Plugin 'scope-plain' not found")
    failed = client.post("/api/v1/plugins", json={"package": "scope-nope"})
    assert failed.status_code == 500
    assert failed.json()["detail"].startswith("Failed to install scope-nope. No package is called scope-nope")

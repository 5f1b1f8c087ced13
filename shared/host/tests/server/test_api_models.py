"""Models over HTTP: what is there, a download with a break in the middle, and what the engine does afterwards."""

import time
from dataclasses import replace

import pytest

from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact
from scope.engine.events import Ready

WEIGHTS = bytes(range(256)) * 1000
ARTIFACT = HuggingfaceRepoArtifact(repo_id="team/Parts", files=["weights.pt"])


@pytest.fixture
def weighty(client, engine, hub, models):
    """A running server whose pipeline `fx` needs weights that lie on the hub."""
    hub.files["team/Parts"] = {"weights.pt": WEIGHTS}
    hello = engine.hello
    pipelines = dict(hello.pipelines) | {"fx": hello.pipelines["fx"] | {"artifacts": [ARTIFACT.to_json()]}}
    engine.say(replace(hello, pipelines=pipelines))
    engine.say(Ready([]))
    return client


def ended(client, job):
    deadline = time.monotonic() + 120
    while (state := client.get(f"/api/v1/jobs/{job}").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return state


def test_what_is_missing_is_listed_with_its_size_at_the_source(weighty):
    listed = weighty.get("/api/v1/models").json()
    assert listed["pipelines"]["fx"]["files"] == [{"file": "Parts/weights.pt", "present": False, "size": None}]
    assert "synth" not in listed["pipelines"]
    plan = weighty.post("/api/v1/models/fx/plan", json={}).json()
    assert plan["files"] == {"Parts/weights.pt": len(WEIGHTS)}
    assert plan["licenses"] == {"team/Parts": "apache-2.0"}


def test_a_download_that_breaks_goes_on_and_the_stage_is_loaded_again(weighty, engine, hub, models):
    hub.break_after["weights.pt"] = 150_000
    job = weighty.post("/api/v1/models/fx/download", json={}).json()["job"]
    assert ended(weighty, job)["state"] == "done"
    assert (models / "Parts/weights.pt").read_bytes() == WEIGHTS
    assert weighty.get("/api/v1/models").json()["pipelines"]["fx"]["downloaded"]
    weighty.get("/health")
    assert ("swap", "fx", {}) in engine.said


@pytest.mark.parametrize(("method", "path"), [("POST", "/cancel"), ("DELETE", "")])
def test_cancel_keeps_what_came(weighty, hub, models, method, path):
    hub.stall_after["weights.pt"] = 140_000
    job = weighty.post("/api/v1/models/fx/download", json={}).json()["job"]
    again = weighty.post("/api/v1/models/fx/download", json={}).json()["job"]
    assert again == job
    while "131.1 kB of" not in weighty.get(f"/api/v1/jobs/{job}").json()["step"]:
        time.sleep(0.05)
    weighty.request(method, f"/api/v1/jobs/{job}{path}")
    state = ended(weighty, job)
    assert state["state"] == "cancelled"
    assert state["text"] == "Cancelled; 131.1 kB are kept and will be resumed."


def test_a_hub_that_says_no_is_a_sentence(weighty, hub):
    hub.gated.add("team/Parts")
    answer = weighty.post("/api/v1/models/fx/plan", json={})
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("team/Parts is gated: accept its terms")
    job = weighty.post("/api/v1/models/fx/download", json={}).json()["job"]
    assert ended(weighty, job)["text"].startswith("team/Parts is gated")


def test_the_original_hosts_questions_are_answered(weighty, models):
    assert weighty.get("/api/v1/models/status?pipeline_id=synth").json() == {"downloaded": True, "progress": None}
    assert weighty.get("/api/v1/models/status?pipeline_id=fx").json() == {"downloaded": False, "progress": None}
    answer = weighty.post("/api/v1/models/download", json={"pipeline_id": "fx"}).json()
    assert answer == {"message": "Model download started for fx"}
    deadline = time.monotonic() + 120
    while not weighty.get("/api/v1/models/status?pipeline_id=fx").json()["downloaded"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_verify_and_remove(weighty, models):
    ended(weighty, weighty.post("/api/v1/models/fx/download", json={}).json()["job"])
    assert weighty.post("/api/v1/models/fx/verify", json={}).json() == {"problems": []}
    (models / "Parts/weights.pt").write_bytes(b"x")
    assert weighty.post("/api/v1/models/fx/verify", json={}).json()["problems"] == [
        f"Parts/weights.pt has 1 bytes, expected {len(WEIGHTS)}."
    ]
    assert weighty.delete("/api/v1/models/fx").json() == {"freed": 1}
    assert weighty.post("/api/v1/models/nope/verify", json={}).status_code == 404

"""Clients of the original host find, look at and choose sources."""

import io

import numpy as np
import pytest
from PIL import Image

from scope.media.recording import Recording


def test_the_kinds_of_sources_say_what_this_machine_has(client, base):
    kinds = {
        kind["source_id"]: kind["available"] for kind in client.get("/api/v1/input-sources").json()["input_sources"]
    }
    assert kinds.keys() == {"video_file", "ndi", "spout", "syphon"}
    assert kinds["video_file"] is True
    assert kinds["spout"] is False
    film = base / "assets" / "film.mp4"
    film.parent.mkdir(parents=True, exist_ok=True)
    film.write_bytes(b"0")
    found = client.get("/api/v1/input-sources/video_file/sources").json()
    assert found == {"source_type": "video_file", "sources": [{"name": "film.mp4", "identifier": str(film)}]}
    assert client.get("/api/v1/input-sources/spout/sources").json() == {"source_type": "spout", "sources": []}
    assert client.get("/api/v1/input-sources/vhs/sources").status_code == 404


@pytest.fixture
def film(base):
    """A film of two seconds with a white upper half, 64x48 at ten pictures a second."""
    path = base / "assets" / "film.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    recording, picture = Recording(path), np.zeros((48, 64, 3), np.uint8)
    picture[:24] = 255
    for number in range(20):
        recording.put(picture, number / 10)
    recording.close()
    return path


@pytest.mark.parametrize(("flip", "bright"), [("false", 8), ("true", 40)])
def test_a_film_is_looked_at_before_it_is_chosen(client, opening, film, flip, bright):
    address = f"/api/v1/input-sources/video_file/sources/{film}"
    assert client.get(f"{address}/resolution").json() == {"width": 64, "height": 48}
    answer = opening(f"{address}/stream", f"fps=30&flip_vertical={flip}", count=2000)
    assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=frame"
    head, _, data = answer.body.partition(b"\r\n\r\n")
    assert head.startswith(b"--frame\r\nContent-Type: image/jpeg")
    assert answer.body.count(b"--frame") > 1
    assert np.asarray(Image.open(io.BytesIO(data)).convert("L"))[bright, 32] > 200


def test_a_source_that_is_not_there_has_no_preview(client, base):
    for name in ("video_file/sources/none.mp4", "ndi/sources/Desk", "vhs/sources/1"):
        answer = client.get(f"/api/v1/input-sources/{name}/stream")
        assert answer.status_code == 404, name
    assert (
        "there is no file 'none.mp4'" in client.get("/api/v1/input-sources/video_file/sources/none.mp4/resolution").text
    )


def test_ndi_sources_are_found_by_name_where_there_is_ndi(client, monkeypatch):
    found = {"source_type": "ndi", "sources": [{"name": "VM (Desk)", "identifier": "VM (Desk)"}]}
    monkeypatch.setattr("scope.server.original.sources.ndi_names", lambda seconds: ["VM (Desk)"] * (seconds == 0.25))
    for available, sources in ((False, []), (True, found["sources"])):
        monkeypatch.setattr("scope.server.original.sources._has_ndi", lambda available=available: available)
        answer = client.get("/api/v1/input-sources/ndi/sources?timeout_ms=250").json()
        assert answer == found | {"sources": sources}


def test_a_message_of_the_original_names_a_source(client, film):
    wanted = {"enabled": True, "source_type": "video_file", "source_name": str(film)}
    assert client.post("/api/v1/session/parameters", json={"input_source": wanted}).status_code == 200
    assert client.get("/api/v1/setup").json()["setup"]["source"]["path"] == str(film)
    off = {"enabled": False, "source_type": "", "source_name": ""}
    client.post("/api/v1/session/parameters", json={"input_source": off, "beat_cache_reset_rate": "none"})
    setup = client.get("/api/v1/setup").json()["setup"]
    assert (setup["source"]["kind"], setup["stages"][0]["values"]) == ("file", {"trails": 0.5})


def test_the_source_node_of_a_graph_names_a_source(client, film):
    source = {"id": "input", "type": "source", "source_mode": "video_file", "source_name": str(film)}
    nodes = [source, {"id": "fx", "type": "pipeline", "pipeline_id": "fx"}, {"id": "output", "type": "sink"}]
    edges = [{"from": "input", "to_node": "fx"}, {"from": "fx", "to_node": "output"}]
    body = {"input_mode": "video", "graph": {"nodes": nodes, "edges": edges}}
    assert client.post("/api/v1/session/start", json=body).json()["status"] == "ok"
    assert client.get("/api/v1/setup").json()["setup"]["source"]["path"] == str(film)

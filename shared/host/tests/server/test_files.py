import io
import json
import subprocess
import threading

import av
import numpy as np
import pytest
from PIL import Image

from scope.media.errors import MediaError
from scope.media.snapshot import text_of_png, to_png

OCTETS = {"content-type": "application/octet-stream"}


def png(width: int = 4, height: int = 3) -> bytes:
    return to_png(np.zeros((height, width, 3), np.uint8), {})


def upload(client, name: str, data: bytes):
    return client.put(f"/api/v1/assets/{name}", content=data, headers=OCTETS)


def test_an_upload_is_listed_fetched_and_deleted(client, base):
    stored = upload(client, "my cat.png", png())
    assert stored.status_code == 201
    assert (stored.json()["name"], stored.json()["type"]) == ("my cat", "image")
    assert stored.json()["path"] == str(base / "assets" / "my cat.png")
    assert client.get("/api/v1/assets").json()["assets"] == [stored.json()]
    assert client.get("/api/v1/assets?type=video").json()["assets"] == []
    assert client.get(stored.json()["url"]).content == png()
    assert client.delete(stored.json()["url"]).status_code == 204
    assert client.get(stored.json()["url"]).status_code == 404


def test_the_original_hosts_upload_works_too(client):
    answer = client.post("/api/v1/assets?filename=p.png", content=png(), headers=OCTETS)
    assert answer.status_code == 200
    refused = client.post("/api/v1/assets?filename=p.exe", content=b"x", headers=OCTETS)
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("Invalid file type. Allowed types: jpg, jpeg, png")


@pytest.mark.parametrize("name", ["..%2Fx.png", ".x.png", "a%00.png", "a%2Fb.png", "%C3%A4.png", "x" * 121 + ".png"])
def test_a_name_cannot_leave_the_folder(client, base, name):
    assert upload(client, name, png()).status_code in (400, 404, 405)
    assert not list(base.rglob("*.png"))


@pytest.mark.parametrize("path", ["../token", "%2e%2e/token", "..%2Ftoken", "/etc/passwd", "%2Fetc%2Fpasswd"])
def test_no_other_file_can_be_fetched(client, base, path):
    base.mkdir(exist_ok=True)
    (base / "token").write_text("secret")
    assert client.get(f"/api/v1/assets/{path}").status_code == 404


def test_what_is_no_picture_is_not_kept(client, base):
    assert upload(client, "x.png", b"no picture").json()["detail"] == "this is no picture that can be read"
    huge = bytearray(png())
    huge[16:24] = (60000).to_bytes(4, "big") * 2
    assert upload(client, "x.png", bytes(huge)).status_code == 400
    assert list((base / "assets").iterdir()) == []


def test_uploads_of_another_type_are_refused(client):
    assert client.put("/api/v1/assets/x.png", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


def test_a_snapshot_carries_the_set_up_and_brings_it_back(client, engine):
    answer = client.get("/api/v1/snapshot.png")
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (96, 64)
    assert json.loads(text_of_png(answer.content, "scope"))["stages"][0]["values"] == {"trails": 0.5}
    client.patch("/api/v1/setup", json={"patch": [{"op": "remove", "path": "/stages/fx"}]})
    loaded = client.post("/api/v1/setup/picture", content=answer.content, headers=OCTETS)
    assert loaded.json()["setup"]["stages"][0]["values"] == {"trails": 0.5}
    assert loaded.json()["undo"] == "picture"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "this is no PNG picture"),
        (b"\x89PNG\r\n\x1a\n", "this is no PNG picture"),
        (png(), "this picture carries no 'scope' text"),
        (to_png(np.zeros((2, 2, 3), np.uint8), {"scope": "{}"}), "this is not a set-up document"),
    ],
)
def test_a_picture_without_a_set_up_is_a_sentence(client, data, message):
    answer = client.post("/api/v1/setup/picture", content=data, headers=OCTETS)
    assert answer.status_code == 400
    assert message in answer.json()["detail"]


@pytest.mark.parametrize(
    ("stage", "said"), [("fx", "there is no picture of 'fx' yet"), ("nothing", "there is no stage 'nothing'")]
)
def test_a_snapshot_of_a_stage_that_shows_nothing_says_so(client, stage, said):
    answer = client.get(f"/api/v1/snapshot.png?stage={stage}")
    assert (answer.status_code, answer.json()["detail"]) == (404, said)


def test_a_text_of_a_png_is_read_without_decoding(tmp_path):
    data = to_png(np.zeros((2, 2, 3), np.uint8), {"scope": "here"})
    assert text_of_png(data[: data.index(b"IDAT") + 4], "scope") == "here"
    with pytest.raises(MediaError):
        text_of_png(data[:20], "scope")


def test_a_recording_is_made_listed_and_downloaded(client, base):
    name = client.post("/api/v1/recordings").json()["name"]
    assert client.post("/api/v1/recordings").status_code == 409
    while client.get("/api/v1/recordings").json()["running"]["frames"] < 10:
        pass
    result = client.post("/api/v1/recordings/stop").json()
    assert (result["name"], result["problem"]) == (name, None)
    assert client.post("/api/v1/recordings/stop").json()["detail"] == "nothing is being recorded"
    listed = client.get("/api/v1/recordings").json()
    assert (listed["running"], [entry["name"] for entry in listed["recordings"]]) == (None, [name])
    film = client.get(listed["recordings"][0]["url"])
    assert film.headers["content-disposition"].startswith("attachment")
    (base / "film.mp4").write_bytes(film.content)
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,width,nb_read_frames"]
    probed = subprocess.run([*command, "-of", "csv=p=0", base / "film.mp4"], check=True, capture_output=True, text=True)
    assert probed.stdout.strip() == f"h264,96,{result['frames']}"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("scope:recorder")]


def test_a_full_disk_ends_a_recording_with_a_sentence_for_everyone_and_a_film_that_plays(
    client, base, files_no_larger_than
):
    with client.websocket_connect("ws://127.0.0.1:8000/api/v1/control") as socket, files_no_larger_than(30_000):
        name = client.post("/api/v1/recordings").json()["name"]
        while "fault" not in (message := socket.receive_json()):
            pass
        assert "the recording ended: the file would be larger than is allowed here after" in message["fault"]["text"]
        while (message := socket.receive_json()).get("state", {"recording": 1})["recording"] is not None:
            pass
    assert [entry["name"] for entry in client.get("/api/v1/recordings").json()["recordings"]] == [name]
    with av.open(str(base / "recordings" / name)) as film:
        assert len(list(film.decode(video=0))) >= 60


def test_a_server_that_stops_finishes_the_recording(engine, setup, base):
    from fastapi.testclient import TestClient

    from scope.server.app import create_app
    from scope.server.host import Host, Settings

    with TestClient(create_app(Host(engine, setup, Settings())), base_url="http://127.0.0.1:8000") as client:
        name = client.post("/api/v1/recordings").json()["name"]
        while client.get("/api/v1/recordings").json()["running"]["frames"] < 3:
            pass
    with av.open(str(base / "recordings" / name)) as film:
        assert len(list(film.decode(video=0))) >= 3

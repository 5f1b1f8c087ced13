"""Whatever was started ends: threads, tasks, file descriptors, shared memory, processes."""

import asyncio
import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest
from fastapi.testclient import TestClient

from scope.control.setup import Scene, Setup, Source, Stage
from scope.engine.link import Engine
from scope.engine.process import EngineProcess
from scope.server.app import create_app
from scope.server.host import Host, Settings
from scope.server.joining import join_all
from scope.server.wire import Frame

BASE = "ws://127.0.0.1:8000/api/v1"


def use(client: TestClient) -> None:
    """Everything that starts a thread or a task."""
    client.post("/api/v1/scenes", json={"fade": 60})
    client.patch("/api/v1/setup", json={"patch": [{"op": "add", "path": "/stages/fx/values/trails", "value": 0.9}]})
    client.post("/api/v1/scenes/scene-1/recall", json={})
    client.post("/api/v1/recordings")
    with (
        client.websocket_connect(f"{BASE}/control") as control,
        client.websocket_connect(f"{BASE}/view?format=h264") as view,
        client.websocket_connect(f"{BASE}/ingest") as ingest,
    ):
        control.receive_json()
        Frame.parse(view.receive_bytes())
        ingest.receive_json()


def ours() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("scope:")]


def test_twenty_shows_leave_no_thread_and_no_descriptor(engine, setup, base):
    process, counts = psutil.Process(), []
    for _ in range(20):
        engine.shown = 0
        with TestClient(create_app(Host(engine, setup, Settings())), base_url="http://127.0.0.1:8000") as client:
            use(client)
        counts.append(process.num_fds())
    deadline = time.monotonic() + 30
    while ours() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ours() == []
    assert max(counts[10:]) <= max(counts[:10])
    assert engine.listeners == []


class Stuck:
    """Something that does not end; it notes how long it was waited for."""

    def __init__(self) -> None:
        self.waited = 0.0

    def join(self, timeout: float) -> None:
        self.waited += timeout
        time.sleep(timeout)


def test_what_hangs_is_waited_for_together():
    stuck = [Stuck() for _ in range(5)]
    join_all(stuck, 0.02)
    assert sum(one.waited for one in stuck) <= 0.02


def tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def test_every_task_of_a_show_has_a_name_and_ends(engine, setup, base):
    scene = Scene(id="calm", name="Calm", values={"fx": {"trails": 0.1}})
    late = {"at": 60.0, "stage": "fx", "set": {"trails": 0.8}}
    document = Setup.model_validate(setup.model_dump() | {"timeline": [late]})

    async def run() -> None:
        host = Host(engine, document, Settings())
        await host.start()
        host.show.recall(scene, "test", 60.0)
        host.performance.act({"timeline": "play"}, "test")
        assert "scope:timeline" in tasks()
        assert all(name.startswith("scope:") for name in tasks())
        await host.stop()
        await asyncio.sleep(0)
        assert tasks() == set()

    asyncio.run(run())


@pytest.mark.gate
def test_the_show_goes_on_after_its_engine_was_killed(base):
    engine = EngineProcess()
    document = Setup(source=Source(kind="pattern", width=96, height=64), stages=[Stage(id="fx", pipeline="fx")])
    with (
        TestClient(create_app(Host(engine, document, Settings())), base_url="http://127.0.0.1:8000") as client,
        client.websocket_connect(f"{BASE}/view") as view,
        client.websocket_connect(f"{BASE}/control") as control,
    ):
        first = Frame.parse(view.receive_bytes())
        control.send_json({"stage": "fx", "set": {"posterize": 0.5}})
        while "took" not in control.receive_json():
            pass
        killed = engine_pid(engine)
        os.kill(killed, signal.SIGKILL)
        while (message := control.receive_json()).get("state", {}).get("engine") != "dead":
            pass
        assert "signal 9" in message["state"]["text"] or "SIGKILL" in message["state"]["text"]
        while control.receive_json().get("state", {}).get("engine") != "ready":
            pass
        for _ in range(3):
            last = Frame.parse(view.receive_bytes())
            view.send_json({"seen": last.number})
        assert last.number > first.number
        assert client.get("/api/v1/setup").json()["setup"]["stages"][0]["values"] == {"posterize": 0.5}
        pid = engine_pid(engine)
    assert [name for who in (os.getpid(), killed, pid) for name in Path("/dev/shm").glob(f"scope-{who}-*")] == []
    assert not psutil.pid_exists(pid)


def engine_pid(engine: Engine) -> int:
    assert engine.hello is not None
    return engine.hello.pid

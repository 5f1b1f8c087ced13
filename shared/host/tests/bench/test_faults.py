"""A real server with its engine, under what clients and networks do to it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from socket import create_connection
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect

from scope.bench.served import Served, serving, until
from scope.server.wire import Frame

pytestmark = pytest.mark.gate

BURST = 10_000
STAGE = "passthrough-1"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as served:
        stages = [{"id": STAGE, "pipeline": "passthrough", "role": "post"}]
        served.play({"kind": "pattern", "width": 96, "height": 54}, stages)
        yield served


def socket(served: Served, path: str) -> ClientConnection:
    return connect(served.address.replace("http", "ws", 1) + f"api/v1/{path}", compression=None, max_queue=None)


def taken(view: ClientConnection) -> int:
    """The number of the next picture, which is said to have been seen."""
    data = view.recv(timeout=60.0)
    assert isinstance(data, bytes)
    number = Frame.parse(data).number
    view.send(json.dumps({"seen": number}))
    return number


def test_a_page_that_is_slow_gets_new_pictures_and_no_old_ones(served):
    with socket(served, "view?format=jpeg") as quick, socket(served, "view?format=jpeg") as slow:
        newest, gaps = 0, []
        for _ in range(6):
            start = taken(slow)
            while newest < start + 15:  # half a second of pictures, in which the slow one reads nothing
                newest = max(newest, taken(quick))
            gaps.append(newest - taken(slow))
    # Two pictures are on their way to the slow one; with a queue it would be 15 further behind in each turn.
    assert gaps[-1] <= gaps[0] + 15


def test_ten_thousand_messages_end_with_the_last_value_and_a_show_that_goes_on(served):
    with socket(served, "view?format=jpeg") as view, socket(served, "control?name=burst") as control:
        for n in range(1, BURST + 1):
            control.send(json.dumps({"n": n, "stage": STAGE, "set": {"base_seed": n}}))
        until(lambda: BURST in told(control), "the answer to the last message")
        before = taken(view)
        assert taken(view) > before
    assert values(served) == {"base_seed": BURST}


def test_ten_thousand_messages_by_http_end_with_the_last_value(served):
    address = urlsplit(served.address)
    answered = b""
    with create_connection((address.hostname, address.port)) as connection:
        # In batches, none of which waits for the answers of its own: a round trip each would take longer than they do.
        for first in range(0, BURST, 500):
            numbers = range(first, first + 500)
            connection.sendall(b"".join(posted(address.netloc, {"base_seed": n}) for n in numbers))
            while answered.count(b"HTTP/1.1 200 OK") < 500:
                answered += connection.recv(1 << 16)
            assert b"HTTP/1.1 4" not in answered
            answered = b""
    assert values(served)["base_seed"] == BURST - 1


def posted(host: str, values: dict[str, int]) -> bytes:
    """A request as it travels."""
    body = json.dumps(values).encode()
    head = f"POST /api/v1/session/parameters HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def told(control: ClientConnection) -> set[int]:
    """What the messages that wait took."""
    message = json.loads(control.recv(timeout=60.0))
    return {message["took"]} if "took" in message else set()


def values(served: Served) -> dict[str, object]:
    return served.get("setup")["setup"]["stages"][0]["values"]


# In a network namespace of its own, where only the loopback device is up.
OFFLINE = ["unshare", "--map-root-user", "--net", "sh", "-c"]
UP = "ip link set lo up && exec "
LOOK = "-m scope.cli bench host --only live --routes server --ways jpeg --stages 0 --seconds 0.3 --sizes 192x96"


def test_page_and_server_need_no_network():
    try:
        allowed = subprocess.run([*OFFLINE, UP + "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("this machine allows no network namespaces")
    start = time.monotonic()
    done = subprocess.run([*OFFLINE, f"{UP}{sys.executable} {LOOK}"], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}{done.stderr} after {time.monotonic() - start:.0f} s"
    assert "server  jpeg    0       192x96" in done.stdout

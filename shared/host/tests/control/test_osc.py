"""OSC moves the show; what means nothing is refused by itself and harms nothing else."""

import asyncio
import socket
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from scope.control.osc import OscError, Reply, addresses, handle
from scope.control.osc_server import OscServer

BLOOM = {"type": "number", "minimum": 0.0, "maximum": 1.0, "value": 0.4}
SEGMENTS = {"type": "integer", "minimum": 2, "maximum": 16, "value": 6}
MIRROR = {"enum": ["off", "left", "right"], "type": "string", "value": "off"}
INVERT = {"type": "boolean", "value": False}


class RecordingShow:
    """A show of two `fx` stages that writes down what it is asked to do."""

    def __init__(self) -> None:
        self.done: list[tuple] = []

    def fields(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        own = {"bloom": BLOOM, "segments": SEGMENTS, "mirror": MIRROR, "invert": INVERT}
        return {"fx": own, "fx-2": {"bloom": BLOOM}}

    def post(self, stage: str, changes: Mapping[str, Any], by: str) -> None:
        self.done.append(("post", stage, dict(changes)))

    def scene(self, which: str | int, by: str) -> None:
        self.done.append(("scene", which))

    def mapped(self, address: str, position: float) -> bool:
        if address == "/1/fader":
            self.done.append(("mapped", position))
        return address == "/1/fader"

    def cue(self, do: str, which: str | int | None = None) -> None:
        self.done.append(("cue", do, which))

    def prompt(self, text: str, by: str) -> None:
        self.done.append(("prompt", text))

    def play(self, on: bool, by: str) -> None:
        self.done.append(("play", on))

    def bpm(self, value: float) -> None:
        self.done.append(("bpm", value))

    def tap(self) -> None:
        self.done.append(("tap",))

    def downbeat(self) -> None:
        self.done.append(("downbeat",))


@pytest.mark.parametrize(
    ("address", "values", "done"),
    [
        ("/scope/fx/bloom", [0.7], [("post", "fx", {"bloom": 0.7})]),
        ("/1/fader", [0.5], [("mapped", 0.5)]),
        ("/1/fader", [7], [("mapped", 1.0)]),
        ("/1/fader", [], [("mapped", 1.0)]),
        ("/scope/scene", [2.0], [("scene", 2)]),
        ("/scope/cue", ["cue-2"], [("cue", "go", "cue-2")]),
        ("/scope/cue/go", [], [("cue", "go", None)]),
        ("/scope/cue/stop", [1.0], [("cue", "stop", None)]),
        ("/scope/cue/stop", [0.0], []),
        ("/scope/tap", [0], []),
        ("/scope/fx-2/bloom", [1], [("post", "fx-2", {"bloom": 1})]),
        ("/scope/bloom", [0.1], [("post", "fx", {"bloom": 0.1}), ("post", "fx-2", {"bloom": 0.1})]),
        ("/scope/fx/segments", [4.6], [("post", "fx", {"segments": 5})]),
        ("/scope/fx/mirror", [2.0], [("post", "fx", {"mirror": "right"})]),
        ("/scope/fx/mirror", ["left"], [("post", "fx", {"mirror": "left"})]),
        ("/scope/fx/invert", [1.0], [("post", "fx", {"invert": True})]),
        ("/scope/scene", [3], [("scene", 3)]),
        ("/scope/scene", ["Intro"], [("scene", "Intro")]),
        ("/scope/prompt", ["calm water"], [("prompt", "calm water")]),
        ("/scope/bpm", [128], [("bpm", 128.0)]),
        ("/scope/tap", [], [("tap",)]),
        ("/scope/play", [0], [("play", False)]),
        ("/scope/fx*/bloom", [0.2], [("post", "fx", {"bloom": 0.2}), ("post", "fx-2", {"bloom": 0.2})]),
        ("/scope/fx/{invert,mirr?r}", [1.0], [("post", "fx", {"mirror": "left"}), ("post", "fx", {"invert": True})]),
        ("/scope/?x/[!a-m]*", [3], [("post", "fx", {"segments": 3})]),
    ],
)
def test_what_a_message_does(address, values, done):
    show = RecordingShow()
    assert handle(show, address, values) is None
    assert show.done == done


def test_an_address_without_a_value_asks_for_it():
    assert handle(RecordingShow(), "/scope/fx/bloom", []) == Reply("/scope/fx/bloom", (0.4,))


@pytest.mark.parametrize(
    ("address", "values", "said"),
    [
        ("/other", [1], "expected an address that begins with /scope/, got '/other'"),
        ("/scope/nope/bloom", [1], "no stage 'nope'; there are fx, fx-2"),
        ("/scope/fx/nope", [1], "fx has no field 'nope'"),
        ("/scope/nope", [1], "no stage has a field 'nope'"),
        ("/scope/fx/mirror", [9.0], "expected a choice from 0 to 2, got 9.0"),
        ("/scope/fx/bloom", [float("nan")], "expected a finite number, got nan"),
        ("/scope/bpm", ["fast"], r"/scope/bpm expected a whole number or a number, got \['fast'\]"),
        ("/scope/a/b/c", [1], "expected /scope/<stage>/<field>, got '/scope/a/b/c'"),
        ("/scope/fx/z*", [1], "no field of a stage matches"),
        ("/scope/fx/b*", [], "a question goes to one address"),
        ("/scope/fx/" + "{a,b}" * 7, [1], "expected at most 64 alternatives in braces"),
    ],
)
def test_what_means_nothing_is_refused_in_a_sentence(address, values, said):
    show = RecordingShow()
    with pytest.raises(OscError, match=said):
        handle(show, address, values)
    assert show.done == []


def test_a_value_that_one_field_of_a_pattern_refuses_reaches_the_others():
    show = RecordingShow()
    with pytest.raises(OscError, match="fx/mirror expected a choice from 0 to 2, got 9"):
        handle(show, "/scope/fx/{mirror,segments}", [9])
    assert show.done == [("post", "fx", {"segments": 9})]


def test_every_address_is_listed_with_what_it_takes():
    listed = dict(addresses(RecordingShow().fields()))
    assert listed["/scope/fx/bloom"] == "a number from 0 to 1"
    assert listed["/scope/fx/mirror"] == "one of off, left, right"
    assert listed["/scope/bpm"] == "a number from 20 to 300"


@given(st.binary(max_size=200))
def test_no_packet_stops_the_server(data):
    show, refused = RecordingShow(), []
    server = OscServer(show, refused.append)
    server.datagram_received(data, ("127.0.0.1", 9))
    server.datagram_received(build_msg("/scope/fx/bloom", [0.5]).dgram, ("127.0.0.1", 9))
    assert show.done[-1] == ("post", "fx", {"bloom": 0.5})


@given(st.data())
def test_a_damaged_message_is_refused_or_taken_but_never_stops_the_server(data):
    packet = bytearray(build_msg("/scope/fx/segments", [3.0]).dgram)
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    OscServer(RecordingShow(), lambda _: None).datagram_received(bytes(packet), ("127.0.0.1", 9))


def test_over_a_socket_values_arrive_and_questions_are_answered():
    async def talk() -> tuple[list[tuple], OscMessage]:
        show = RecordingShow()
        server = await OscServer.start(show, "127.0.0.1", 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.bind(("127.0.0.1", 0))
            loop = asyncio.get_running_loop()
            await loop.sock_sendto(client, build_msg("/scope/fx/bloom", [0.25]).dgram, ("127.0.0.1", server.port))
            await loop.sock_sendto(client, build_msg("/scope/fx/bloom", []).dgram, ("127.0.0.1", server.port))
            reply = await asyncio.wait_for(loop.sock_recv(client, 4096), 30)
        server.close()
        return show.done, OscMessage(reply)

    done, reply = asyncio.run(talk())
    assert done == [("post", "fx", {"bloom": 0.25})]
    assert (reply.address, reply.params) == ("/scope/fx/bloom", [pytest.approx(0.4)])


def bundle(ahead: float) -> bytes:
    builder = OscBundleBuilder(time.time() + ahead)  # ty: ignore[invalid-argument-type] - seconds, as its docstring says
    builder.add_content(build_msg("/scope/fx/bloom", [0.5]))
    return builder.build().dgram


def test_a_bundle_waits_for_its_time():
    async def play() -> list[int]:
        show, counts = RecordingShow(), []
        server = OscServer(show, lambda _: None)
        for ahead in (-1.0, 0.2):
            server.datagram_received(bundle(ahead), ("127.0.0.1", 9))
        counts.append(len(show.done))
        while len(show.done) < 2:
            await asyncio.sleep(0.02)
        return [*counts, server.taken]

    assert asyncio.run(play()) == [1, 2]


def test_what_waits_is_bounded_and_ends_with_the_server():
    async def play() -> list[str]:
        refused = []
        server = OscServer(RecordingShow(), refused.append)
        server.datagram_received(bundle(3600.0), ("127.0.0.1", 9))
        for _ in range(1001):
            server.datagram_received(bundle(30.0), ("127.0.0.1", 9))
        server.close()
        return refused

    far, full = asyncio.run(play())
    assert far.endswith("expected a time at most 60 s ahead, got 3600 s")
    assert full.endswith("1000 messages already wait for their time")

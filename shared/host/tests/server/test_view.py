import struct
import threading

import numpy as np
import pytest
from starlette.websockets import WebSocketDisconnect

from scope.media.packet import DELTA, JPEG, KEY
from scope.media.packets import open_decoder, open_encoder
from scope.server.wire import SOUND, Frame

BASE = "ws://127.0.0.1:8000/api/v1"


def test_a_jpeg_view_sends_frames_with_the_header_of_the_protocol(client, engine):
    with client.websocket_connect(f"{BASE}/view") as socket:
        data = socket.receive_bytes()
    kind, flags, length, number, capture_us, width, height, pipeline_us = struct.unpack("<BBHIQHHI", data[:24])
    assert (kind, flags, length, width, height, pipeline_us) == (JPEG, 0, 24, 96, 64, 1000)
    assert capture_us == number * 1000
    picture = open_decoder("jpeg").decode(data[24:])
    assert picture is not None
    assert picture.shape == (64, 96, 3)


@pytest.mark.parametrize(("form", "window"), [("jpeg", 2), ("h264", 3), ("vp8", 3)])
def test_without_credit_frames_are_skipped_and_the_newest_follows(client, engine, form, window):
    with client.websocket_connect(f"{BASE}/view?format={form}&fps=120") as socket:
        numbers = [Frame.parse(socket.receive_bytes()).number for _ in range(window)]
        made = engine.shown
        engine.shown = made + 1000
        socket.send_json({"seen": numbers[-1], "age_ms": 3.5})
        frames = [Frame.parse(socket.receive_bytes()) for _ in range(window)]
    assert frames[-1].number > made + 1000
    assert [frame.number for frame in frames] == sorted({frame.number for frame in frames})


@pytest.mark.parametrize("form", ["h264", "vp8"])
def test_a_video_stream_begins_with_a_key_frame_and_gives_one_on_request(client, engine, form):
    decoder = open_decoder(form)
    with client.websocket_connect(f"{BASE}/view?format={form}") as socket:
        first = Frame.parse(socket.receive_bytes())
        assert first.kind == KEY
        assert decoder.decode(first.payload) is not None
        socket.send_json({"key": True})
        kinds = []
        while KEY not in kinds:
            frame = Frame.parse(socket.receive_bytes())
            kinds.append(frame.kind)
            socket.send_json({"seen": frame.number})
        assert set(kinds) <= {KEY, DELTA}


def test_a_narrow_view_is_scaled_down(client):
    with client.websocket_connect(f"{BASE}/view?width=48") as socket:
        frame = Frame.parse(socket.receive_bytes())
    assert (frame.width, frame.height) == (48, 32)


def test_viewers_of_one_kind_share_an_encoder_and_all_end(client, engine):
    with client.websocket_connect(f"{BASE}/view") as one, client.websocket_connect(f"{BASE}/view") as other:
        one.receive_bytes()
        other.receive_bytes()
        encoders = [thread for thread in threading.enumerate() if thread.name.startswith("scope:encoder")]
        assert [thread.name for thread in encoders] == ["scope:encoder:out-jpeg-full"]
        assert ("watch", {"out": 60}) in engine.said
    encoders[0].join(10)
    assert not encoders[0].is_alive()
    assert client.get("/health").status_code == 200
    assert engine.said[-1] == ("watch", {})


@pytest.mark.parametrize(
    ("query", "code", "reason"),
    [
        ("format=gif", 4400, "format: expected one of"),
        ("width=5", 4400, "width: expected at least 16, got \"5\""),
        ("fps=x", 4400, "fps: expected"),
        ("stage=nobody", 4404, "there is no stage 'nobody'"),
    ],
)  # fmt: skip
def test_a_bad_view_is_closed_with_a_reason(client, query, code, reason):
    with client.websocket_connect(f"{BASE}/view?{query}") as socket, pytest.raises(WebSocketDisconnect) as caught:
        socket.receive_bytes()
    assert caught.value.code == code
    assert reason in caught.value.reason


def packed(form, number=1, width=96, kind=None):
    encoder = open_encoder(form)
    packet = encoder.encode(np.full((64, width, 3), 200, np.uint8))
    return Frame(kind or packet.kind, number, 5, *packet.size, 0, packet.data).bytes()


def fed(engine):
    return [words[1] for words in engine.said if words[0] == "frame"]


@pytest.mark.parametrize("form", ["jpeg", "h264", "vp8"])
def test_a_clients_pictures_reach_the_engine(client, engine, form):
    with client.websocket_connect(f"{BASE}/ingest?format={form}&name=page") as socket:
        assert socket.receive_json() == {"active": True}
        socket.send_bytes(packed(form, 9))
        assert socket.receive_json() == {"took": 9}
    assert [picture.shape for picture in fed(engine)] == [(64, 96, 3)]
    assert abs(int(fed(engine)[0].mean()) - 200) < 4


def sound(samples, capture_us=0, channels=1, rate=16000):
    return Frame(SOUND, 0, capture_us, channels, 0, rate, samples.astype("<i2").tobytes()).bytes()


def test_a_clients_sound_reaches_the_engine_on_the_clock_of_its_pictures(client, engine):
    tone = 16000 * np.sin(np.arange(1600) * 0.3)
    with client.websocket_connect(f"{BASE}/ingest") as socket:
        socket.receive_json()
        socket.send_bytes(packed("jpeg", 1))
        socket.send_bytes(sound(tone, 500_000))
        socket.send_bytes(packed("jpeg", 2))
        assert [socket.receive_json() for _ in range(2)] == [{"took": 1}, {"took": 2}]
    [(_, samples, captured)] = [words for words in engine.said if words[0] == "sounds"]
    assert samples.shape[0] == 2
    assert 4700 < samples.shape[1] <= 4800
    # One channel becomes two of the same power together: each 3 dB lower.
    assert 0.33 < np.abs(samples).max() < 0.37
    first = next(words[2] for words in engine.said if words[0] == "frame")
    # The pictures were stamped 0, so the sound lies half a second behind them.
    assert abs((captured - first) / 1e9 - 0.5) < 0.2


def test_sound_of_another_clock_than_the_pictures_is_placed_by_when_it_comes(client, engine):
    with client.websocket_connect(f"{BASE}/ingest") as socket:
        socket.receive_json()
        socket.send_bytes(packed("jpeg", 1))
        socket.send_bytes(sound(np.zeros(320), 9_000_000_000))
        socket.send_bytes(packed("jpeg", 2))
        assert [socket.receive_json() for _ in range(2)] == [{"took": 1}, {"took": 2}]
    captured = next(words[2] for words in engine.said if words[0] == "sounds")
    first = next(words[2] for words in engine.said if words[0] == "frame")
    assert abs(captured - first) / 1e9 < 0.5


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sound(np.zeros(8), channels=5), "expected 1 or 2 channels at 8000 to 192000 a second, got 5 at 16000"),
        (sound(np.zeros(8), rate=100), "got 1 at 100"),
        (sound(np.zeros(3), channels=2), "expected up to a second of 16-bit samples, got 6 bytes"),
        (sound(np.zeros(0)), "got 0 bytes"),
        (sound(np.zeros(16001)), "got 32002 bytes"),
    ],
)
def test_sound_that_is_none_is_a_sentence(client, engine, data, message):
    with client.websocket_connect(f"{BASE}/ingest") as socket:
        socket.receive_json()
        socket.send_bytes(data)
        assert message in socket.receive_json()["error"]
    assert not [words for words in engine.said if words[0] == "sounds"]


def test_the_client_that_came_last_feeds_the_show(client, engine):
    with client.websocket_connect(f"{BASE}/ingest") as old:
        assert old.receive_json() == {"active": True}
        with client.websocket_connect(f"{BASE}/ingest") as new:
            assert new.receive_json() == {"active": True}
            assert old.receive_json() == {"active": False}
            old.send_bytes(packed("jpeg", 1))
            assert old.receive_json() == {"took": 1}
            assert fed(engine) == []
        assert old.receive_json() == {"active": True}
        old.send_bytes(packed("jpeg", 2))
        assert old.receive_json() == {"took": 2}
        assert len(fed(engine)) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"short", "expected a header of 24 bytes, got 5"),
        (b"\3\0\xff\xff" + bytes(20), "expected the length of the header"),
        (b"\3\0\x18\0" + bytes(20) + b"no jpeg", "this is no JPEG"),
    ],
)
def test_a_bad_frame_is_a_sentence_and_the_next_one_is_taken(client, engine, data, message):
    with client.websocket_connect(f"{BASE}/ingest") as socket:
        socket.receive_json()
        socket.send_bytes(data)
        assert message in socket.receive_json()["error"]
        socket.send_bytes(packed("jpeg", 2))
        assert socket.receive_json() == {"took": 2}


def test_after_a_damaged_video_frame_decoding_goes_on_with_a_key_frame(client, engine):
    with client.websocket_connect(f"{BASE}/ingest?format=vp8") as socket:
        socket.receive_json()
        socket.send_bytes(Frame(KEY, 1, 0, 0, 0, 0, b"\0" * 30).bytes())
        assert "error" in socket.receive_json()
        socket.send_bytes(packed("vp8", 2, kind=DELTA))
        assert socket.receive_json() == {"took": 2}
        assert fed(engine) == []
        socket.send_bytes(packed("vp8", 3))
        assert socket.receive_json() == {"took": 3}
        assert len(fed(engine)) == 1


def test_decoder_threads_end_with_their_socket(client):
    with client.websocket_connect(f"{BASE}/ingest") as socket:
        socket.receive_json()
        threads = [thread for thread in threading.enumerate() if thread.name.startswith("scope:decoder")]
        assert len(threads) == 1
    threads[0].join(10)
    assert not threads[0].is_alive()

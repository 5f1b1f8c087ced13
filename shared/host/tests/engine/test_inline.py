"""What an engine does, seen in this process; the link to another process is tested beside it."""

import threading
import time

import numpy as np
import pytest

from scope.control.tempo import Tempo
from scope.engine import events
from scope.media.recording import Recording


@pytest.fixture
def setup(documents):
    return documents[0]


@pytest.fixture
def bed(documents):
    return documents[1]


def test_an_engine_says_what_it_can_play(inline, setup):
    inline.engine.start(setup())
    inline.wait(lambda: inline.engine.hello)
    hello = inline.engine.hello
    assert hello.pipelines["bed"]["config_schema"]["properties"]["add"]["maximum"] == 255
    assert hello.pipelines["bed"]["plugin"] == "scope-test-bed"
    assert hello.device["kind"] in ("cpu", "cuda")
    assert {"python", "torch", "scope"} <= hello.versions.keys()


def test_the_sample_clip_plays_in_a_loop_at_its_rate(inline, setup, bed):
    inline.engine.start(setup(bed(mode="video"), source="sample"))
    first = inline.picture()
    assert first.pixels.shape == (360, 640, 3)
    assert 5 < first.pixels.mean() < 250
    inline.wait(lambda: inline.all(events.Stats) and inline.all(events.Stats)[-1].source_fps > 5)
    assert inline.all(events.Stats)[-1].source_fps < 30


def test_a_client_sends_the_input(inline, setup, bed, plain):
    inline.engine.start(setup(bed(mode="video", add=5), source="camera"))
    inline.wait(lambda: inline.all(events.Ready))
    captured = time.monotonic_ns()
    while (picture := inline.engine.frame(timeout=0.05)) is None:
        inline.engine.put_frame(plain(90), captured)
    assert (picture.pixels == 95).all()
    assert abs(picture.captured_ns - captured) < 1000


def test_a_client_that_sends_nothing_is_missed(inline, setup, bed, monkeypatch):
    monkeypatch.setattr("scope.engine.sources.MISSED_SECONDS", 0.5)
    inline.engine.start(setup(bed(mode="video"), source="screen"))
    inline.wait(lambda: any(fault.kind == "source" for fault in inline.all(events.Fault)))
    assert inline.all(events.Fault)[-1].text == "no picture from the screen for 0.5 seconds; the last one stays"


def test_pictures_that_come_again_or_from_another_source_end_the_complaint(inline, setup, bed, plain, monkeypatch):
    monkeypatch.setattr("scope.engine.sources.MISSED_SECONDS", 0.2)
    inline.engine.start(setup(bed(mode="video"), source="camera"))
    inline.wait(lambda: any(fault.kind == "source" for fault in inline.all(events.Fault)))
    assert inline.all(events.Cleared) == []
    inline.engine.put_frame(plain(9), 1)
    inline.wait(lambda: inline.all(events.Cleared) == [events.Cleared("", "source")])
    inline.engine.play(setup(bed(mode="video"), source="pattern"))
    inline.wait(lambda: inline.all(events.Cleared) == [events.Cleared("", "source")] * 2)


def test_a_film_that_does_not_loop_is_told_to_be_over_until_another_source_plays(inline, setup, bed, tmp_path):
    path = tmp_path / "film.mp4"
    recording = Recording(path)
    for number in range(3):
        recording.put(np.zeros((48, 64, 3), np.uint8), number / 30)
    recording.close()
    inline.engine.start(setup(bed(mode="video")) | {"source": {"kind": "file", "path": str(path), "loop": False}})
    inline.wait(lambda: inline.all(events.SourceEnded))
    inline.engine.play(setup(bed(mode="video"), source="pattern"))
    inline.wait(lambda: len(inline.all(events.SourceEnded)) == 2)
    assert inline.all(events.SourceEnded) == [events.SourceEnded(True), events.SourceEnded(False)]


def test_a_file_that_cannot_be_read_is_said_and_the_show_goes_on(inline, setup, bed, tmp_path):
    document = setup(bed(mode="video")) | {"source": {"kind": "file", "path": str(tmp_path / "gone.mp4")}}
    inline.engine.start(document)
    inline.wait(lambda: inline.all(events.Fault))
    assert "gone.mp4" in inline.all(events.Fault)[0].text
    inline.engine.play(setup(bed(add=7)))
    inline.shows(7)


def test_what_does_not_fit_costs_only_itself(inline, setup, bed):
    stages = [bed("a", add=6), bed("b") | {"pipeline": "bad"}, bed("c", mode="video", role="post", add=700, odd=1)]
    inline.engine.start(setup(*stages))
    inline.shows(6)
    texts = " / ".join(fault.text for fault in inline.all(events.Fault))
    assert "b: no pipeline 'bad'; did you mean 'bed'?" in texts
    assert "c: parameter 'add' expected a whole number from 0 to 255, got 700" in texts
    assert "c: parameter 'odd' does not exist" in texts


def test_a_chain_without_a_picture_to_work_on_says_so(inline, setup, bed):
    inline.engine.start(setup(bed("a", mode="video")))
    inline.wait(lambda: inline.all(events.Fault))
    assert inline.all(events.Fault)[0].text == "a needs a picture to work on; choose a source"
    inline.engine.play(setup(bed("a", mode="video"), source="pattern"))
    inline.wait(lambda: inline.all(events.Cleared))
    assert inline.all(events.Cleared) == [events.Cleared("a")]


def test_posted_values_come_back_checked_with_the_picture_that_shows_them(inline, setup, bed):
    inline.engine.start(setup(bed()))
    inline.shows(0)
    inline.engine.post("bed", {"add": 9, "level": 3}, n=5, by="page")
    inline.wait(lambda: inline.all(events.Took))
    took = inline.all(events.Took)[0]
    assert (took.values, took.n, took.by) == ({"add": 9}, 5, "page")
    assert took.refused == {"level": "expected a number from 0 to 1, got 3"}
    inline.shows(9)
    assert took.frame is not None
    assert took.frame <= inline.number


def test_a_stage_that_is_not_there_refuses_with_the_list(inline, setup, bed):
    inline.engine.start(setup(bed()))
    inline.engine.post("other", {"add": 9})
    inline.wait(lambda: inline.all(events.Took))
    assert inline.all(events.Took)[0].refused == {"add": "no stage 'other' in this show (bed)"}


def test_a_swap_keeps_the_values_posted_since(inline, setup, bed):
    inline.engine.start(setup(bed(add=3)))
    inline.engine.post("bed", {"add": 9})
    inline.shows(9)
    inline.heard.clear()
    inline.engine.swap("bed", {"base_seed": 7})
    inline.wait(lambda: inline.all(events.Loading) and inline.all(events.Ready))
    number = inline.number
    inline.shows(9)
    assert inline.number <= number + 2


def test_every_call_gets_the_beat_while_a_tempo_runs(inline, setup, bed):
    inline.engine.start(setup(bed(trouble="beat")))
    inline.engine.tempo(Tempo(bpm=120.0, beats=40.0, at=time.monotonic(), is_playing=False))
    inline.shows(40)
    inline.engine.tempo(None)
    inline.wait(lambda: any("beat_count" in fault.text for fault in inline.all(events.Fault)))


def test_a_wave_moves_a_field_and_leaves_its_value_alone(inline, setup, bed):
    wave = {"stage": "bed", "field": "level", "wave": "audio", "depth": 1.0, "rate": 1.0, "phase": 0.0, "band": "low"}
    inline.engine.start(setup(bed(level=0.2), modulation=[wave]))
    inline.shows(51)
    inline.engine.levels({"low": 0.4})
    inline.shows(153)
    inline.engine.levels({"low": 0.0})
    inline.shows(51)


def test_a_faulty_stage_is_reported_a_few_times_and_then_counted(inline, setup, bed):
    inline.engine.start(setup(bed("a", add=4), bed("b", mode="video", role="post", trouble="raise")))
    inline.shows(4)
    inline.wait(lambda: any(fault.rests for fault in inline.all(events.Fault)))
    faults = inline.all(events.Fault)
    assert len(faults) < 5
    assert faults[-1].count >= 10
    assert "pipeline 'b' failed in a call: ValueError: the lens is dirty (scope_test_bed.py:" in faults[0].text
    inline.engine.post("b", {"trouble": ""})
    inline.wait(lambda: events.Cleared("b") in inline.heard)


def test_a_restart_constructs_the_pipelines_anew_and_keeps_the_values(inline, setup, bed):
    inline.engine.start(setup(bed(add=3)))
    inline.engine.post("bed", {"add": 9})
    inline.shows(9)
    inline.heard.clear()
    inline.engine.pause(True)
    last = inline.number
    inline.engine.restart()
    inline.wait(lambda: inline.all(events.Hello) and inline.all(events.Ready))
    assert inline.engine.frame() is None, "what the engine before has shown"
    inline.engine.pause(False)
    inline.shows(9)
    assert inline.number > last


def test_stopping_leaves_no_thread(inline, setup, bed):
    inline.engine.start(setup(bed("a"), bed("b", mode="video", role="post"), source="sample"))
    inline.shows(0)
    inline.engine.stop()
    assert inline.engine.state == "stopped"
    inline.wait(lambda: not [thread.name for thread in threading.enumerate() if thread.name.startswith("scope:")])


def test_a_listener_that_fails_does_not_end_the_engine(inline, setup, bed):
    inline.engine.listen(lambda event: 1 / 0)
    inline.engine.start(setup(bed(add=4)))
    inline.shows(4)

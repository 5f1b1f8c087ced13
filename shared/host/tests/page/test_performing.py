"""Playing the page like an instrument: tempo, waves, MIDI, recorded moves."""

import json
import math
import os
import re
import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from .driving import PATIENCE_S, OpenWindow, Server, Window, assert_usable, fx, show_of, still, until

pytestmark = pytest.mark.gate

FPS = 10
# A device as the browser would show it; its messages are made by the test.
FALSE_MIDI = """
window.knobs = { name: "Knobs", onmidimessage: null };
window.lights = [];
navigator.requestMIDIAccess = async () => Object.assign(new EventTarget(), {
  inputs: new Map([["in", window.knobs]]),
  outputs: new Map([["out", { send: (message) => window.lights.push(message) }]]),
});
"""


def _turn(window: Window, *message: int) -> None:
    window.page.evaluate("(bytes) => knobs.onmidimessage({ data: new Uint8Array(bytes) })", message)


def _tempo(server: Server) -> dict[str, Any]:
    return server.setup["tempo"]


def test_taps_start_a_clock_and_set_its_tempo(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    # A narrow window has no room for the lights of the beats.
    window = open_window(width=1280)
    window.next_picture()
    for _ in range(4):
        window.page.keyboard.press("t")
        window.page.wait_for_timeout(400)
    until(lambda: _tempo(server)["source"] == "internal" and _tempo(server)["bpm"] != 120.0, "the tapped tempo")
    window.page.get_by_role("button", name=re.compile(r"^[\d.]+ BPM")).wait_for()
    window.page.locator(".beats i.on").wait_for()


def test_the_clock_shows_that_a_switch_waits_for_the_bar(server: Server, open_window: OpenWindow) -> None:
    tempo = {"source": "internal", "bpm": 20.0, "beats_per_bar": 16, "quantize": "bar"}
    server.put_setup(show_of(fx(), kind="pattern") | {"tempo": tempo})
    window = open_window()
    window.next_picture()
    window.page.keyboard.press("b")
    waits = window.page.get_by_title("A switch waits for the next bar")
    waits.first.wait_for()
    assert server.setup["stages"][0]["on"] is True
    server.put_setup(show_of(fx(), kind="pattern") | {"tempo": tempo | {"quantize": "off"}})
    waits.first.wait_for(state="detached")


def test_a_wave_moves_the_picture_and_not_the_value(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="file", path=still(server)))
    window = open_window()
    window.next_picture()
    window.page.get_by_role("button", name="Options of Vignette").click()
    window.page.get_by_label("Wave", exact=True).select_option("beat")
    until(lambda: [wave["field"] for wave in server.setup["modulation"]] == ["vignette"], "the wave")
    first = window.pixels().astype(int)
    window.until(lambda: np.abs(window.pixels().astype(int) - first).max() > 5, "a picture that moves")
    assert "vignette" not in server.setup["stages"][0]["values"]


def test_a_midi_knob_is_learned_and_moves_its_control(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window(script=FALSE_MIDI)
    window.next_picture()
    window.slider("bloom").focus()
    window.page.keyboard.press("m")
    window.page.get_by_text("Move a knob for Bloom.").wait_for()
    _turn(window, 0xB0, 21, 0)
    until(lambda: [one["input"] for one in server.setup["mappings"]] == ["midi:1:cc:21"], "the mapping")
    for position in (0, 40, 80, 127):
        _turn(window, 0xB0, 21, position)
        window.page.wait_for_timeout(50)
    window.until(lambda: window.slider("bloom").input_value() == "1", "the knob's value")
    window.until(lambda: window.page.evaluate("lights.some((light) => light[1] === 21)"), "a light on the device")
    window.page.get_by_role("button", name="Map", exact=True).click()
    window.page.get_by_role("button", name="Map Bloom: CC 21", exact=True).and_(window.page.locator(".midi")).wait_for()
    window.page.get_by_role("button", name="Map Trails: not mapped").click()
    _turn(window, 0xB0, 21, 5)
    window.page.get_by_role("button", name=re.compile("Map Trails: CC 21 . 2")).wait_for()
    fighting = server.setup["mappings"][0] | {"input": "midi:1:cc:22"}
    server.put_setup(server.setup | {"mappings": [*server.setup["mappings"], fighting]})
    window.page.get_by_text("CC 21 and CC 22 move the same control, fx: bloom.").wait_for()
    assert_usable(window, "mapping mode", None)
    window.page.get_by_role("button", name="Done").click()
    window.page.get_by_role("button", name="Options of Vignette").click()
    window.page.get_by_role("button", name="Other…").click()
    window.page.get_by_label("OSC address for Vignette").and_(window.page.locator("input")).fill("fader/1")
    window.page.get_by_role("button", name="Use", exact=True).click()
    until(lambda: server.setup["mappings"][-1]["input"] == "osc:/fader/1", "the mapped address")
    window.page.get_by_role("button", name="Options of Vignette, moved by OSC /fader/1").wait_for()
    assert window.slider("bloom").is_visible()


def test_moves_are_kept_played_again_and_rendered_as_they_were_seen(
    server: Server, open_window: OpenWindow, tmp_path: Path
) -> None:
    server.put_setup(show_of(fx(), kind="file", path=still(server)))
    window = open_window(width=1400)
    window.next_picture()
    window.page.get_by_role("button", name="Record moves").click()
    window.page.get_by_role("button", name="Stop recording moves").wait_for()
    seen = [snapshot(server)]
    for _ in range(3):
        window.slider("vignette").press("PageUp")
        seen += window.until(partial(changed, server, seen[-1]), "another picture")
    window.page.get_by_role("button", name="Stop recording moves").click()
    kept = window.until(lambda: server.setup["timeline"], "the kept moves")
    moves = [move for move in kept if move["stage"]]
    assert [move["set"]["vignette"] for move in moves] == [0.0, 0.1, 0.2, 0.3]
    frames = rendered(server, tmp_path, moves[-1]["at"] + 1.0)
    for move, picture in zip(moves, seen, strict=True):
        assert np.abs(frames[math.ceil(FPS * move["at"])] - picture).max() <= 1
    window.slider("vignette").press("Delete")
    until(lambda: "vignette" not in server.setup["stages"][0]["values"], "the reset")
    window.page.get_by_role("button", name="Play moves").click()
    window.until(lambda: window.slider("vignette").input_value() == "0.3", "the moves played again")
    window.page.get_by_role("button", name="Edit moves").click()
    end = round(moves[2]["at"] + 0.001, 6)
    window.page.get_by_label("Keep to, in seconds").fill(str(end))
    window.page.get_by_role("button", name="Trim").click()
    until(lambda: server.setup["timeline"][-1]["at"] == end, "the shorter recording")
    window.page.get_by_role("button", name="Forget fx: Vignette").click()
    until(lambda: not any(move["set"] for move in server.setup["timeline"]), "the forgotten moves")


def snapshot(server: Server) -> np.ndarray:
    """The output without loss, (H, W, 3)."""
    answer = httpx.get(f"{server.address}/api/v1/snapshot.png", timeout=PATIENCE_S)
    return np.asarray(Image.open(BytesIO(answer.content)).convert("RGB"), np.int16)


def changed(server: Server, before: np.ndarray) -> list[np.ndarray]:
    """The output, if it is another picture than before and stays it; else nothing."""
    now = snapshot(server)
    return [now] if (now != before).any() and (now == snapshot(server)).all() else []


def rendered(server: Server, folder: Path, seconds: float) -> list[np.ndarray]:
    """The frames that the command line makes of the show."""
    (folder / "show.json").write_text(json.dumps(server.setup), "utf-8")
    command = [sys.executable, "-m", "scope.cli", "render", "--setup", str(folder / "show.json")]
    command += ["--output", f"{folder}/frame_%04d.png", "--fps", str(FPS), "--seconds", f"{seconds:.1f}"]
    environment = os.environ | {"DAYDREAM_SCOPE_DIR": str(server.folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [np.asarray(Image.open(path).convert("RGB"), np.int16) for path in sorted(folder.glob("frame_*.png"))]


def test_cues_follow_one_another_by_themselves(server: Server, open_window: OpenWindow) -> None:
    scenes = [
        {"id": f"scene-{n}", "name": f"Scene {n}", "fade": 0.2, "values": {"fx": {"bloom": n / 4}}} for n in (1, 2)
    ]
    server.put_setup(show_of(fx(), kind="pattern") | {"scenes": scenes})
    window = open_window()
    window.next_picture()
    page = window.page
    page.get_by_role("button", name="Cues", exact=True).click()
    page.get_by_role("button", name="Add a cue").click()
    page.get_by_role("button", name="Go to cue 1").wait_for()
    page.get_by_role("button", name="Add a cue").click()
    page.get_by_label("Scene of cue 2").wait_for()
    page.get_by_label("Time until the cue after 1").fill("0.5")
    page.get_by_label("Time until the cue after 1").press("Enter")
    until(lambda: server.setup["cues"]["items"][0]["wait"] == 0.5, "the wait")
    fade = page.get_by_label("Fade of cue 1 in seconds")
    assert fade.get_attribute("placeholder") == "0.2"
    fade.fill("0")
    fade.press("Enter")
    until(lambda: server.setup["cues"]["items"][0]["fade"] == 0, "the cue's own fade")
    fade.fill("")
    fade.press("Enter")
    until(lambda: server.setup["cues"]["items"][0]["fade"] is None, "the scene's fade again")
    assert_usable(window, "the cues")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    window.until(lambda: window.slider("bloom").input_value() == "0.25", "the first scene")
    window.until(lambda: window.slider("bloom").input_value() == "0.5", "the second scene, by itself")

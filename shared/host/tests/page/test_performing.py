"""Playing the page like an instrument: tempo, waves, MIDI, recorded moves."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from .driving import Server, Window, fx, show_of, still, until

pytestmark = [pytest.mark.gate, pytest.mark.xdist_group("page")]

OpenWindow = Callable[..., Window]
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
    window.page.get_by_role("button", name="BPM").wait_for()
    window.page.locator(".beats i.on").wait_for()


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


def test_moves_are_kept_and_played_again(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window(width=1400)
    window.next_picture()
    window.page.get_by_role("button", name="Record moves").click()
    window.slider("bloom").press("PageUp")
    until(lambda: server.setup["stages"][0]["values"].get("bloom"), "the move")
    window.page.get_by_role("button", name="Stop recording moves").click()
    until(lambda: any("bloom" in move["set"] for move in server.setup["timeline"]), "the kept move")
    window.slider("bloom").press("Delete")
    until(lambda: "bloom" not in server.setup["stages"][0]["values"], "the reset")
    window.page.get_by_role("button", name="Play moves").click()
    window.until(lambda: window.slider("bloom").input_value() != "0", "the move played again")

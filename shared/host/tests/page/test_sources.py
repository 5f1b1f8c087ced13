"""What feeds the show: camera, screen, a dropped film, words."""

from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser

from .driving import CAMERA_COLOR, SHARED_TAB, OpenWindow, Server, Window, drop, fx, recorded, show_of, until

pytestmark = pytest.mark.gate


def test_the_camera_feeds_the_show(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx()))
    window = open_window()
    window.page.locator("[data-stage=source]").click()
    window.page.locator("[data-source=camera]").click()
    window.until(lambda: _is_near(window, CAMERA_COLOR), "the camera's colour at the output")
    assert server.setup["source"]["kind"] == "camera"
    assert window.page.get_by_text("This window's pictures feed the show.").is_visible()


def test_a_recording_hears_the_microphone_beside_the_camera(
    server: Server, open_window: OpenWindow, tmp_path: Path
) -> None:
    server.put_setup(show_of(fx()))
    window = open_window()
    window.page.locator("[data-stage=source]").click()
    window.page.locator("[data-source=camera]").click()
    window.page.get_by_role("switch", name="Microphone").click()
    window.until(lambda: _is_near(window, CAMERA_COLOR), "the camera's colour at the output")
    # Chromium's false microphone beeps about once a second.
    with av.open(str(recorded(server, window, 60, tmp_path))) as film:
        assert max(np.abs(frame.to_ndarray()).max() for frame in film.decode(audio=0)) > 0.05


# Chromium on a busy machine now and then loses the first picture of a tab, which is the only one while nothing moves.
LOSES_THE_FIRST = """
const Tracked = MediaStreamTrackProcessor;
globalThis.MediaStreamTrackProcessor = class {
  constructor(options) {
    let count = 0;
    const transform = (frame, rest) => (count++ ? rest.enqueue(frame) : frame.close());
    this.readable = new Tracked(options).readable.pipeThrough(new TransformStream({ transform }));
  }
};
"""


def test_a_screen_on_which_nothing_moves_feeds_the_show_steadily_though_its_first_picture_is_lost(
    server: Server, browser: Browser, open_window: OpenWindow
) -> None:
    server.put_setup(show_of(fx()))
    shared = browser.new_page()
    shared.set_content(f"<title>{SHARED_TAB}</title><body style='background: rgb(30, 90, 200)'>")
    window = open_window(script=LOSES_THE_FIRST)
    window.page.locator("[data-stage=source]").click()
    window.page.locator("[data-source=screen]").click()
    window.until(lambda: server.setup["source"]["kind"] == "screen", "the screen as the source")
    window.page.get_by_text("This window's pictures feed the show.").wait_for()
    window.until(lambda: _is_near(window, (30, 90, 200)), "the screen's color at the output")
    number = window.number
    window.until(lambda: window.number > number + 10, "pictures of a screen that stands still")
    shared.close()
    window.page.get_by_text("The camera or the shared screen has stopped.").wait_for()
    assert _is_near(window, (30, 90, 200)), "the last picture stays"


def _is_near(window: Window, color: tuple[int, int, int]) -> bool:
    return np.abs(window.pixels().astype(int).mean(axis=(0, 1)) - color).max() < 30


def test_a_video_that_is_dropped_becomes_the_source(server: Server, open_window: OpenWindow, tmp_path: Path) -> None:
    server.put_setup(show_of(kind="pattern"))
    window = open_window()
    window.next_picture()
    path = tmp_path / "green.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=10, width=64, height=64, pix_fmt="yuv420p")
        picture = np.full((64, 64, 3), (20, 180, 60), np.uint8)
        film.mux([packet for _ in range(10) for packet in stream.encode(av.VideoFrame.from_ndarray(picture))])
        film.mux(stream.encode(None))
    drop(window, path.name, "video/mp4", path.read_bytes())
    window.page.get_by_text("green.mp4 is the source now.").wait_for()
    window.until(lambda: _is_near(window, (20, 180, 60)), "the film's colour")
    assert server.setup["source"]["kind"] == "file"
    assert window.page.locator(".chain .node strong").first.inner_text() == "green.mp4"


def test_a_prompt_draws_its_words(server: Server, open_window: OpenWindow) -> None:
    synth = {"id": "synth", "pipeline": "synth", "role": "main", "values": {"synth_speed": 0.0, "synth_layout": "wave"}}
    server.put_setup(show_of(synth | {"load": {"width": 160, "height": 96}}, kind="none"))
    window = open_window()
    window.next_picture()
    window.page.get_by_label("Prompt", exact=True).fill("MOON")
    before = window.pixels().astype(int)
    window.page.get_by_label("Prompt", exact=True).press("Enter")
    until(lambda: server.setup["prompts"] == [{"text": "MOON", "weight": 1.0}], "the prompt")
    window.until(lambda: np.abs(window.pixels().astype(int) - before).max() > 20, "other words in the picture")

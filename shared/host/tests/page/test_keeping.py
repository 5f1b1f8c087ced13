"""What is kept and comes back: presets, scenes, snapshots, recordings."""

from pathlib import Path

import av
import pytest

from .driving import OpenWindow, Server, drop, fx, recorded, show_of, until

pytestmark = pytest.mark.gate


def test_a_preset_brings_values_back(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(bloom=0.25), kind="pattern"))
    window = open_window()
    page = window.page
    page.get_by_role("button", name="Presets").click()
    page.get_by_label("Name of the preset").fill("Quiet night")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("[data-preset='Quiet night']").wait_for()
    page.keyboard.press("Escape")
    window.slider("bloom").press("Delete")
    until(lambda: "bloom" not in server.setup["stages"][0]["values"], "the reset")
    page.get_by_role("button", name="Presets").click()
    page.locator("[data-preset='Quiet night']").click()
    until(lambda: server.setup["stages"][0]["values"] == {"bloom": 0.25}, "the preset's value")
    assert window.slider("bloom").input_value() == "0.25"


def test_a_recording_is_a_film(server: Server, open_window: OpenWindow, tmp_path: Path) -> None:
    server.put_setup(show_of(fx()))
    window = open_window()
    window.next_picture()
    with av.open(str(recorded(server, window, 15, tmp_path))) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert sum(1 for _ in film.decode(video=0)) > 10


def test_a_snapshot_brings_its_set_up_back(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(vignette=0.75), kind="pattern"))
    window = open_window()
    window.next_picture()
    with window.page.expect_download() as download:
        window.page.keyboard.press("s")
    picture = Path(download.value.path()).read_bytes()
    server.put_setup(show_of(kind="pattern"))
    drop(window, "shot.png", "image/png", picture)
    until(lambda: [stage["values"] for stage in server.setup["stages"]] == [{"vignette": 0.75}], "the set-up")


def test_scenes_keep_values_and_fade_back(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(bloom=0.5), kind="pattern"))
    window = open_window()
    window.next_picture()
    window.page.keyboard.press("Shift+Digit1")
    until(lambda: [scene["id"] for scene in server.setup["scenes"]] == ["scene-1"], "the scene")
    assert server.setup["scenes"][0]["picture"].startswith("data:image/jpeg")
    window.slider("bloom").press("Delete")
    until(lambda: "bloom" not in server.setup["stages"][0]["values"], "the reset")
    window.page.keyboard.press("Digit1")
    until(lambda: server.setup["stages"][0]["values"].get("bloom") == 0.5, "the scene's value")

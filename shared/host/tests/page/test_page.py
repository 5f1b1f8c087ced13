"""What a person does with the page, in a real browser against a real server and engine."""

import re
import socket
from collections.abc import Callable
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from .driving import (
    CAMERA_COLOR,
    PATIENCE_S,
    Server,
    Window,
    assert_accessible,
    decoded,
    drop,
    fx,
    show_of,
    still,
    until,
)

pytestmark = pytest.mark.gate

OpenWindow = Callable[..., Window]
MPEG_TS = 0x47
# What of a dialog can be scrolled sideways, rows that are meant to be left out.
SIDEWAYS = """[...document.querySelectorAll("dialog[open], dialog[open] .body, .menu")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML.slice(0, 80))"""


def test_the_first_picture_comes_by_itself(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx()))
    window = open_window()
    window.next_picture()
    assert window.pixels().std() > 10
    # Ids stand there until the page knows the pipelines.
    titles = window.page.locator(".chain .node strong")
    until(lambda: titles.all_inner_texts() == ["Sample clip", "FX"], "the names of source and stage")
    window.until(lambda: window.pixels(".inset canvas").std() > 10, "the input in the corner")


def test_a_slider_changes_the_picture_that_the_answer_names(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="file", path=still(server)))
    window = open_window()
    window.until(lambda: _stands_still(window), "the still")
    window.slider("grade_exposure").count() or window.page.get_by_role("button", name="Grade").click()
    seen, began = len(window.messages), max(window.pictures)
    window.slider("grade_exposure").press("PageUp")
    took = window.took(seen)
    assert took["values"]["grade_exposure"] > 0
    assert took["frame"] is not None
    window.until(lambda: max(window.pictures) >= took["frame"], "the picture that the answer names")
    older = [decoded(jpeg) for number, jpeg in window.pictures.items() if began <= number < took["frame"]]
    newer = next(decoded(jpeg) for number, jpeg in window.pictures.items() if number >= took["frame"])
    assert (newer - older[-1]).mean() > 5
    assert all(np.abs(one - older[-1]).max() <= 2 for one in older)


def _stands_still(window: Window) -> bool:
    """Whether the last three pictures are one: the show of the test before plays until this one is loaded."""
    last = [decoded(jpeg) for jpeg in list(window.pictures.values())[-3:]]
    return len(last) == 3 and all(np.abs(one - last[0]).max() <= 2 for one in last)


def test_the_camera_feeds_the_show(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx()))
    window = open_window()
    window.page.locator("[data-stage=source]").click()
    window.page.locator("[data-source=camera]").click()
    window.until(lambda: _is_near(window, CAMERA_COLOR), "the camera's colour at the output")
    assert server.setup["source"]["kind"] == "camera"
    assert window.page.get_by_text("This window's pictures feed the show.").is_visible()
    window.page.locator("[data-source=screen]").click()
    until(lambda: server.setup["source"]["kind"] == "screen", "the screen")
    window.until(lambda: not _is_near(window, CAMERA_COLOR), "the screen at the output")
    assert window.page.get_by_text("This window's pictures feed the show.").is_visible()
    window.next_picture()


def _is_near(window: Window, color: tuple[int, int, int]) -> bool:
    return np.abs(window.pixels().astype(int).mean(axis=(0, 1)) - color).max() < 30


def test_a_chain_is_built_ordered_and_emptied(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window()
    page = window.page
    for pipeline in ("control", "fx"):
        page.get_by_role("button", name="Add a stage").click()
        page.locator(f"[data-pipeline={pipeline}]").click()
        page.locator(f"[data-stage^={pipeline}][aria-selected=true]").wait_for()
    assert [stage["id"] for stage in server.setup["stages"]] == ["control", "fx", "fx-2"]
    page.locator("[data-stage=fx-2]").press("Alt+ArrowLeft")
    until(lambda: [stage["id"] for stage in server.setup["stages"]] == ["control", "fx-2", "fx"], "the new order")
    page.locator("[data-act=on]").click()
    until(lambda: [stage["on"] for stage in server.setup["stages"]] == [True, False, True], "fx-2 switched off")
    page.locator("[data-stage=fx-2]").press("Delete")
    until(lambda: len(server.setup["stages"]) == 2, "fx-2 removed")
    page.keyboard.press("Control+z")
    until(lambda: len(server.setup["stages"]) == 3, "the removal undone")


def test_the_same_pipeline_twice_moves_independently(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), fx("fx-2"), kind="pattern"))
    window = open_window()
    window.page.locator("[data-stage=fx-2]").click()
    window.slider("trails").press("ArrowRight")
    until(lambda: server.setup["stages"][1]["values"].get("trails"), "the value of the second")
    window.page.locator("[data-stage=fx]").click()
    assert window.slider("trails").input_value() == "0"
    assert "trails" not in server.setup["stages"][0]["values"]


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


def test_a_recording_is_a_film(server: Server, open_window: OpenWindow, tmp_path: Path) -> None:
    server.put_setup(show_of(fx()))
    window = open_window()
    window.next_picture()
    window.page.keyboard.press("r")
    until(lambda: (server.get("/recordings")["running"] or {"frames": 0})["frames"] > 15, "fifteen frames")
    window.page.get_by_role("button", name="Stop recording (R)").first.click()
    with window.page.expect_download() as download:
        window.page.get_by_role("link", name="Save").click()
    path = tmp_path / "film.mp4"
    download.value.save_as(path)
    with av.open(str(path)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert sum(1 for _ in film.decode(video=0)) > 10


def test_a_broken_plugin_is_a_sentence_and_the_show_goes_on(server: Server, open_window: OpenWindow) -> None:
    broken = {"id": "broken", "pipeline": "broken", "role": "post"}
    server.put_setup(show_of(broken, kind="pattern"))
    window = open_window()
    window.page.locator(".say", has_text="the crank is bent").wait_for()
    window.next_picture()
    assert window.page.locator("[data-stage=broken].bad").is_visible()
    window.page.get_by_role("button", name="Switch off").click()
    until(lambda: server.setup["stages"][0]["on"] is False, "the stage switched off")


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


def test_two_windows_see_each_others_changes(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    one, two = open_window(), open_window()
    one.slider("bloom").press("PageUp")
    value = one.slider("bloom").input_value()
    two.until(lambda: two.slider("bloom").input_value() == value != "0", "the other window's value")


def test_load_settings_wait_for_a_reload(server: Server, open_window: OpenWindow) -> None:
    synth = {"id": "synth", "pipeline": "synth", "role": "main", "load": {"width": 160, "height": 96}}
    server.put_setup(show_of(synth, kind="none"))
    window = open_window()
    window.next_picture()
    window.page.get_by_label("Width").fill("192")
    window.page.get_by_label("Width").press("Enter")
    window.page.get_by_role("button", name="Reload to apply").click()
    window.until(lambda: decoded(window.pictures[max(window.pictures)]).shape[1] == 192, "the new width")
    window.page.get_by_role("button", name="Reload to apply").wait_for(state="detached")


def test_keys_alone_play_the_show(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window()
    window.next_picture()
    press = window.page.keyboard.press
    press("[")
    window.page.locator("[data-stage=source][aria-selected=true]").wait_for()
    press("]")
    window.page.locator("[data-stage=fx][aria-selected=true]").wait_for()
    window.slider("bloom").wait_for()
    press("ArrowDown")
    focus = "document.activeElement.closest('.row')?.dataset.field"
    first = window.page.evaluate(focus)
    press("ArrowDown")
    assert window.page.evaluate(focus) not in (None, first)
    window.slider("bloom").focus()
    press("PageUp")
    until(lambda: server.setup["stages"][0]["values"].get("bloom"), "a value by keys")
    press("Control+z")
    until(lambda: "bloom" not in server.setup["stages"][0]["values"], "undo")
    press("?")
    window.page.get_by_role("dialog", name="Keys").wait_for()
    press("Escape")
    window.page.get_by_role("dialog", name="Keys").wait_for(state="detached")
    press("b")
    until(lambda: server.setup["stages"][0]["on"] is False, "bypass")
    press("Space")
    window.page.get_by_role("button", name="Play").first.wait_for()
    press("Space")
    window.page.get_by_role("button", name="Pause").first.wait_for()


def test_a_phone_needs_no_sideways_scroll(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(trails=0.5), fx("fx-2"), kind="pattern"))
    window = open_window(width=390, height=844, has_touch=True, is_mobile=True)
    window.next_picture()
    assert window.page.evaluate("document.documentElement.scrollWidth") == 390
    small = window.page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not(.sr)")]
          .filter((one) => one.offsetParent && !one.matches(".dot, .fold, .switch, input[type=text]"))
          .filter((one) => one.getBoundingClientRect().height < 36).map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert not small
    window.page.get_by_role("button", name="Scenes").click()
    assert window.page.locator(".scenes").is_visible()


def test_the_output_window_is_the_picture_alone(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window("/output")
    window.next_picture()
    assert window.pixels("#out").std() > 10
    assert window.page.locator("button").count() == 0


def test_the_page_goes_on_after_the_engine_is_started_again(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(bloom=0.5), kind="pattern"))
    window = open_window()
    window.next_picture()
    last = max(window.pictures)
    httpx.post(f"{server.address}/api/v1/restart", json={}).raise_for_status()
    window.until(lambda: any("state" in m and m["state"]["engine"] == "starting" for m in window.messages), "the end")
    window.until(lambda: max(window.pictures) > last and window.messages[-1], "pictures of the new engine")
    assert window.slider("bloom").input_value() == "0.5"


def test_every_dialog_fits_a_phone_goes_by_keys_and_can_be_read_aloud(server: Server, open_window: OpenWindow) -> None:
    scenes = [{"id": "scene-1", "name": "Night"}]
    cues = {"items": [{"id": "cue-1", "scene": "scene-1"}]}
    wave = [{"stage": "fx", "field": "vignette", "wave": "sine", "depth": 0.3}]
    server.put_setup(show_of(fx(trails=0.5), kind="pattern") | {"scenes": scenes, "cues": cues, "modulation": wave})
    window = open_window(width=390, height=844, has_touch=True, is_mobile=True)
    window.next_picture()
    page = window.page
    assert_accessible(window, "the main page")
    page.get_by_role("button", name="Scenes").click()
    for opener in ("Presets", "Add a stage", "Cues", "More of this stage", "Options of Vignette, moved by sine"):
        button = page.get_by_role("button", name=opener, exact=True).first
        button.focus()
        page.keyboard.press("Enter")
        opened = page.locator("dialog[open], .menu")
        opened.wait_for()
        assert page.evaluate("document.querySelector('dialog[open], .menu').contains(document.activeElement)"), opener
        assert page.evaluate("document.documentElement.scrollWidth") == 390, opener
        assert page.evaluate(SIDEWAYS) == [], opener
        assert_accessible(window, opener, within="dialog[open], .menu")
        page.keyboard.press("Escape")
        opened.wait_for(state="detached")
        assert button.evaluate("(one) => one === document.activeElement"), opener
    page.locator("[data-stage=source]").click()
    assert_accessible(window, "the source")


def test_a_long_panel_is_searched_narrowed_pinned_and_dragged_by_its_labels(
    server: Server, open_window: OpenWindow
) -> None:
    server.put_setup(show_of(fx(trails=0.5), kind="pattern"))
    window = open_window()
    window.next_picture()
    page = window.page
    window.slider("trails").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("threshold")
    page.locator(".row[data-field=bloom_threshold]").wait_for()
    assert not window.slider("trails").is_visible()
    page.keyboard.press("Escape")
    page.locator(".chip").click()
    window.slider("vignette").wait_for(state="hidden")
    assert window.slider("trails").is_visible()
    assert window.slider("trails_hue").is_visible()
    window.slider("trails").press("Delete")
    until(lambda: "trails" not in server.setup["stages"][0]["values"], "the reset")
    assert window.slider("trails").is_visible()
    page.locator(".chip").click()
    page.get_by_role("button", name="Options of Vignette").click()
    page.get_by_role("button", name="Keep on top").click()
    page.get_by_role("heading", name="On top").wait_for()
    label = page.locator(".row[data-field=vignette] .label")
    box = label.bounding_box() or {}
    page.mouse.move(box["x"] + 10, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 8, steps=4)
    page.mouse.up()
    until(lambda: server.setup["stages"][0]["values"].get("vignette") == 0.5, "the dragged value")


def test_settings_go_by_keys_fit_a_phone_and_can_be_read_aloud(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window(width=390, height=844, has_touch=True, is_mobile=True)
    page = window.page
    page.get_by_role("button", name="Settings").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Settings")
    tabs = dialog.get_by_role("tab").all_inner_texts()
    dialog.get_by_role("tab", name="This window").focus()
    for tab in tabs:
        dialog.get_by_role("tabpanel", name=tab).wait_for()
        window.until(lambda: dialog.get_by_role("tabpanel").inner_text().strip(), f"what {tab} shows")
        assert page.evaluate("document.querySelector('#settings-page').scrollWidth") <= 390
        assert_accessible(window, f"settings, {tab}", within="dialog[open]")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.ariaLabel") == "Settings"


def test_missing_models_are_offered_and_lora_files_listed(server: Server, open_window: OpenWindow) -> None:
    loras = server.folder / "models" / "lora"
    loras.mkdir(parents=True, exist_ok=True)
    (loras / "ink.safetensors").write_bytes(b"0" * 100)
    wan = {"id": "wan", "pipeline": "wan-vace", "role": "main", "on": False}
    server.put_setup(show_of(wan, kind="pattern"))
    window = open_window()
    page = window.page
    page.get_by_text("Its model files are missing.").wait_for()
    page.get_by_role("button", name="Add a LoRA").click()
    page.get_by_role("button", name="ink").click()
    page.get_by_label("Strength of ink").wait_for()
    (lora,) = server.setup["stages"][0]["load"]["loras"]
    assert (Path(lora["path"]).name, lora["scale"]) == ("ink.safetensors", 1.0)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("tab", name="Models").click()
    models = page.get_by_role("region", name="wan-vace")
    models.get_by_text("files are missing").wait_for()
    assert models.get_by_role("button", name="Download…").is_visible()


def test_the_show_is_sent_to_an_address_until_it_is_ended(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(kind="pattern"))
    window = open_window()
    page = window.page
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(PATIENCE_S)
        address = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("tab", name="In and out").click()
        page.get_by_label("Send the show to").fill(address)
        page.get_by_role("button", name="Send", exact=True).click()
        assert receiver.recv(2000)[0] == MPEG_TS
    page.locator("li", has_text=address).get_by_text("sending").wait_for()
    page.get_by_role("button", name=f"End the output {address}").click()
    page.locator("li", has_text=address).wait_for(state="detached")
    assert server.get("/outputs")["outputs"] == []


@pytest.mark.parametrize("way", ["h264", "webrtc"])
def test_the_output_comes_as_video_too(server: Server, open_window: OpenWindow, way: str) -> None:
    server.put_setup(show_of(kind="pattern"))
    window = open_window(f"/output?view={way}")
    window.next_picture()
    window.next_picture()
    assert window.page.locator("#out").get_attribute("data-way") == way
    assert window.pixels("#out").std() > 10


def test_a_square_picture_stays_square(server: Server, open_window: OpenWindow) -> None:
    synth = {"id": "synth", "pipeline": "synth", "role": "main", "load": {"width": 128, "height": 128}}
    server.put_setup(show_of(synth, kind="none"))
    window = open_window()
    window.until(lambda: window.page.evaluate("document.querySelector('canvas.out').width") == 128, "the size")
    assert window.page.evaluate("document.querySelector('canvas.out').height") == 128


@pytest.mark.parametrize("width", [910, 1280, 3840])
def test_a_desk_needs_no_sideways_scroll(server: Server, open_window: OpenWindow, width: int) -> None:
    server.put_setup(show_of(fx(), kind="pattern") | {"tempo": {"source": "internal"}})
    window = open_window(width=width, height=700)
    window.next_picture()
    window.page.get_by_role("button", name=re.compile(r"^[\d.]+ BPM")).wait_for()
    assert window.page.evaluate("document.documentElement.scrollWidth") == width

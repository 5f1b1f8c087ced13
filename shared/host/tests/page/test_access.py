"""The page by keys alone, read aloud, on a phone and on large screens."""

import re

import pytest

from .driving import OPENED, OpenWindow, Server, Window, assert_usable, fx, show_of, until

pytestmark = pytest.mark.gate

# Scenes and a cue, so that all of the strip below the chain is there.
PLAYED = {
    "scenes": [{"id": "scene-1", "name": "Night"}],
    "cues": {"items": [{"id": "cue-1", "scene": "scene-1"}]},
}


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
    server.put_setup(show_of(fx(trails=0.5), fx("fx-2"), kind="pattern") | PLAYED)
    window = open_window(width=390, height=844, has_touch=True, is_mobile=True)
    window.next_picture()
    window.page.get_by_role("button", name="Scenes").click()
    window.page.get_by_role("button", name="Go", exact=True).wait_for()
    assert window.page.evaluate("document.documentElement.scrollWidth") == 390
    small = window.page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not(.sr)")]
          .filter((one) => one.offsetParent && !one.matches(".dot, .fold, .switch, input[type=text]"))
          .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert not small


def test_a_scene_that_is_touched_long_shows_what_can_be_done_with_it(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern") | PLAYED)
    window = open_window(width=390, height=844, has_touch=True, is_mobile=True)
    window.page.get_by_role("button", name="Scenes").click()
    scene = window.page.get_by_role("button", name="Scene 1: Night")
    box = scene.bounding_box() or {}
    touch = window.page.context.new_cdp_session(window.page)
    point = {"x": box["x"] + 10, "y": box["y"] + 10}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    window.page.wait_for_timeout(600)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    window.page.get_by_role("menuitem", name="Name…").wait_for()


def test_a_desk_needs_no_sideways_scroll(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern") | PLAYED | {"tempo": {"source": "internal"}})
    window = open_window(width=910, height=700)
    window.next_picture()
    window.page.get_by_role("button", name=re.compile(r"^[\d.]+ BPM")).wait_for()
    for width in (910, 1280, 3840):
        window.page.set_viewport_size({"width": width, "height": 700})
        assert window.page.evaluate("document.documentElement.scrollWidth") == width


def test_every_dialog_fits_a_phone_goes_by_keys_and_can_be_read_aloud(server: Server, open_window: OpenWindow) -> None:
    wave = [{"stage": "fx", "field": "vignette", "wave": "sine", "depth": 0.3}]
    broken = {"id": "broken", "pipeline": "broken", "role": "post"}
    server.put_setup(show_of(broken, fx(trails=0.5), kind="pattern") | PLAYED | {"modulation": wave})
    window = open_window(width=390, height=844, has_touch=True, is_mobile=True)
    window.next_picture()
    page = window.page
    page.get_by_role("button", name="Scenes").click()
    page.get_by_role("button", name="1 fault").wait_for()
    assert_usable(window, "the main page", None)
    openers = ["Presets", "Add a stage", "Cues", "Tempo", "1 fault", "More of this stage"]
    for opener in [*openers, "Options of Vignette, moved by sine"]:
        button = page.get_by_role("button", name=opener, exact=True).first
        button.focus()
        page.keyboard.press("Enter")
        _looked_at_and_closed(window, opener)
        assert button.evaluate("(one) => one === document.activeElement"), opener
    page.locator("body").press("?")
    _looked_at_and_closed(window, "the keys")
    page.locator("[data-stage=source]").click()
    assert_usable(window, "the source", None)
    page.locator("body").press("m")
    page.get_by_role("button", name="Done").wait_for()
    assert_usable(window, "mapping mode", None)
    page.get_by_role("button", name="Done").press("Enter")
    page.get_by_role("button", name="Done").wait_for(state="detached")


def _looked_at_and_closed(window: Window, opener: str) -> None:
    opened = window.page.locator(OPENED)
    opened.wait_for()
    assert_usable(window, opener)
    window.page.keyboard.press("Escape")
    opened.wait_for(state="detached")


def test_settings_go_by_keys_fit_a_phone_and_can_be_read_aloud(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window(width=390, height=844, has_touch=True, is_mobile=True)
    page = window.page
    page.get_by_role("button", name="Settings").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Settings")
    tabs = dialog.get_by_role("tab").all_inner_texts()
    dialog.get_by_role("tab", name="Plugins").focus()
    for tab in tabs:
        dialog.get_by_role("tabpanel", name=tab).wait_for()
        window.until(lambda: dialog.get_by_role("tabpanel").inner_text().strip(), f"what {tab} shows")
        assert page.evaluate("document.querySelector('#settings-page').scrollWidth") <= 390
        assert_usable(window, f"settings, {tab}")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.ariaLabel") == "Settings"

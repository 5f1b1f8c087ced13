"""The page by keys alone, read aloud, on a phone and on large screens."""

import re

import pytest

from .driving import OpenWindow, Server, assert_accessible, fx, show_of, until

pytestmark = pytest.mark.gate

# What of a dialog can be scrolled sideways, rows that are meant to be left out.
SIDEWAYS = """[...document.querySelectorAll("dialog[open], dialog[open] .body, .menu")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML.slice(0, 80))"""


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


@pytest.mark.parametrize("width", [910, 1280, 3840])
def test_a_desk_needs_no_sideways_scroll(server: Server, open_window: OpenWindow, width: int) -> None:
    server.put_setup(show_of(fx(), kind="pattern") | {"tempo": {"source": "internal"}})
    window = open_window(width=width, height=700)
    window.next_picture()
    window.page.get_by_role("button", name=re.compile(r"^[\d.]+ BPM")).wait_for()
    assert window.page.evaluate("document.documentElement.scrollWidth") == width


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

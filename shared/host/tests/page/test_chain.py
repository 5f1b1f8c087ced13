"""Stages and their controls: building the chain, a long panel, load settings, two windows."""

import pytest

from .driving import OpenWindow, Server, decoded, fx, show_of, until

pytestmark = pytest.mark.gate


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


def test_two_windows_see_each_others_changes(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    one, two = open_window(), open_window()
    one.slider("bloom").press("PageUp")
    value = one.slider("bloom").input_value()
    two.until(lambda: two.slider("bloom").input_value() == value != "0", "the other window's value")


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
    assert window.slider("trails_hue_turn").is_visible()
    window.slider("trails").press("Delete")
    until(lambda: "trails" not in server.setup["stages"][0]["values"], "the reset")
    assert window.slider("trails").is_visible()
    page.locator(".chip").click()
    page.get_by_role("button", name="Options of Vignette").click()
    page.get_by_role("button", name="Pin to the top").click()
    page.get_by_role("heading", name="Pinned").wait_for()
    label = page.locator(".row[data-field=vignette] .label")
    box = label.bounding_box() or {}
    page.mouse.move(box["x"] + 10, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 8, steps=4)
    page.mouse.up()
    until(lambda: server.setup["stages"][0]["values"].get("vignette") == 0.5, "the dragged value")

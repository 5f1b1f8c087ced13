"""What is on the screen: the first picture, a slider's effect, video ways, faults, the output window, a new engine."""

import httpx
import numpy as np
import pytest

from .driving import OpenWindow, Server, Window, decoded, fx, show_of, still, until

pytestmark = pytest.mark.gate


def test_the_first_picture_comes_by_itself(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx()))
    window = open_window()
    window.next_picture()
    assert window.pixels().std() > 10
    # Ids stand there until the page knows the pipelines.
    titles = window.page.locator(".chain .node strong")
    until(lambda: titles.all_inner_texts() == ["Sample clip", "FX"], "the names of source and stage")
    window.until(lambda: window.pixels(".inset canvas").std() > 10, "the input in the corner")


def test_a_reload_of_the_page_leaves_the_show_as_it_is(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(vignette=0.6)))
    window = open_window()
    number = window.next_picture()
    before = server.setup
    window.page.reload()
    window.until(lambda: window.number > number, "a picture that follows those before the reload")
    window.slider("vignette").wait_for()
    assert float(window.slider("vignette").input_value()) == 0.6
    assert server.setup == before


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


def test_a_square_picture_stays_square(server: Server, open_window: OpenWindow) -> None:
    synth = {"id": "synth", "pipeline": "synth", "role": "main", "load": {"width": 128, "height": 128}}
    server.put_setup(show_of(synth, kind="none"))
    window = open_window()
    window.until(lambda: window.page.evaluate("document.querySelector('canvas.out').width") == 128, "the size")
    assert window.page.evaluate("document.querySelector('canvas.out').height") == 128


def test_a_broken_plugin_is_a_sentence_and_the_show_goes_on(server: Server, open_window: OpenWindow) -> None:
    broken = {"id": "broken", "pipeline": "broken", "role": "post"}
    server.put_setup(show_of(broken, kind="pattern"))
    window = open_window()
    window.page.locator(".say", has_text="the crank is bent").wait_for()
    window.next_picture()
    assert window.page.locator("[data-stage=broken].bad").is_visible()
    window.page.get_by_role("button", name="Switch off").click()
    until(lambda: server.setup["stages"][0]["on"] is False, "the stage switched off")


def test_the_page_goes_on_after_the_engine_is_started_again(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(bloom=0.5), kind="pattern"))
    window = open_window()
    window.next_picture()
    last = max(window.pictures)
    httpx.post(f"{server.address}/api/v1/restart", json={}).raise_for_status()
    window.until(lambda: any("state" in m and m["state"]["engine"] == "starting" for m in window.messages), "the end")
    window.until(lambda: max(window.pictures) > last and window.messages[-1], "pictures of the new engine")
    assert window.slider("bloom").input_value() == "0.5"


def test_the_output_window_is_the_picture_alone(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(fx(), kind="pattern"))
    window = open_window("/output")
    window.next_picture()
    assert window.pixels("#out").std() > 10
    assert window.page.locator("button").count() == 0


@pytest.mark.parametrize("way", ["h264", "webrtc"])
def test_the_output_comes_as_video_too(server: Server, open_window: OpenWindow, way: str) -> None:
    server.put_setup(show_of(kind="pattern"))
    window = open_window(f"/output?view={way}")
    window.next_picture()
    window.next_picture()
    assert window.page.locator("#out").get_attribute("data-way") == way
    assert window.pixels("#out").std() > 10

"""Pictures of a performance for docs/performing.md: `uv run python shared/host/tests/page/performing_pictures.py FOLDER`."""

import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from driving import Server, Window, fx, running_stage
from PIL import Image
from playwright.sync_api import Browser, Locator

LOOKS: tuple[dict[str, Any], ...] = (
    {"edge_glow": 0.85, "edge_glow_background": 0.35, "trails": 0.8, "trails_hue_turn": 0.33, "vignette": 0.35},
    {"kaleidoscope": 1.0, "kaleidoscope_segments": 6, "bloom": 0.6, "grade_hue_turn": 0.39},
    {"edge_glow": 0.3, "bloom": 0.8, "halftone": 0.5, "grade_saturation": 0.5, "vignette": 0.5},
)
# Trails need some time to be seen, and scenes to be what they are.
SETTLE_MS = 2500
STREAM = "udp://127.0.0.1:5004"
# A controller, so that the page has one to name.
MIDI = """
navigator.requestMIDIAccess = async () => Object.assign(new EventTarget(), {
  inputs: new Map([["in", { name: "Controller", onmidimessage: null }]]),
  outputs: new Map(),
});
"""


def main(folder: Path) -> None:
    """Write performing.jpg, and one picture each of waves, mapping, cues and outputs."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_stage() as (server, browser):
        _take_all(server, browser, folder)


def _take_all(server: Server, browser: Browser, folder: Path) -> None:
    server.put_setup(_show())
    window = Window(browser.new_context(viewport={"width": 1440, "height": 900}).new_page())
    page = window.page
    page.add_init_script(MIDI)
    page.goto(server.address)
    window.next_picture()
    _store_scenes(server, window)
    _perform(server)
    page.get_by_title("Show only what is in use").click()
    # A cue waits for its bar, and fades.
    page.wait_for_timeout(2 * SETTLE_MS)
    _save(page, folder / "performing.jpg")
    page.get_by_role("button", name="Map", exact=True).click()
    page.wait_for_timeout(500)
    _save(page, folder / "performing-mapping.jpg")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Options of Vignette").click()
    page.wait_for_timeout(500)
    _save(page.locator(".menu, dialog[open], [popover]:popover-open").last, folder / "performing-wave.jpg")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cues", exact=True).click()
    _save(page.locator("dialog[open]"), folder / "performing-cues.jpg")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("tab", name="Outputs").click()
    page.wait_for_timeout(SETTLE_MS)
    _save(page.locator("dialog[open]"), folder / "performing-outputs.jpg")
    page.context.close()


def _show() -> dict[str, Any]:
    """Tempo, waves and a mapped controller, over the sample clip."""
    knobs = {21: "trails", 22: "edge_glow", 23: "bloom"}
    mappings = [{"input": f"midi:1:cc:{n}", "stage": "fx", "field": field} for n, field in knobs.items()]
    pads = [{"input": f"midi:1:note:{36 + i}", "action": f"scene:scene-{i}"} for i in (1, 2, 3)]
    go = {"input": "midi:1:note:44", "action": "cue:go"}
    waves = [
        {"stage": "fx", "field": "vignette", "wave": "sine", "depth": 0.25, "rate": 0.5},
        {"stage": "fx", "field": "edge_glow_background", "wave": "beat", "depth": 0.3},
    ]
    return {
        "scope": 1,
        "source": {"kind": "sample"},
        "stages": [fx(**LOOKS[0])],
        "tempo": {"source": "internal", "bpm": 124.0, "quantize": "bar"},
        "mappings": [*mappings, *pads, go],
        "modulation": waves,
    }


def _store_scenes(server: Server, window: Window) -> None:
    """Keep each look as the page does, with its picture."""
    for number, look in enumerate(LOOKS, 1):
        _patch(server, "/stages/fx/values", look)
        window.page.wait_for_timeout(SETTLE_MS)
        window.page.keyboard.press(f"Shift+Digit{number}")
        window.until(lambda number=number: len(server.setup["scenes"]) == number, "the scene")


def _perform(server: Server) -> None:
    """A cue list that plays, and a stream to another program."""
    items = [
        {"id": "cue-1", "scene": "scene-1", "wait": 8.0, "unit": "bars", "fade": 2.0},
        {"id": "cue-2", "scene": "scene-2", "wait": 16.0, "unit": "beats"},
        {"id": "cue-3", "scene": "scene-3", "wait": 20.0, "follow": False},
    ]
    _patch(server, "/cues", {"loop": True, "items": items})
    _patch(server, "/scenes/scene-1/name", "Neon")
    _patch(server, "/scenes/scene-2/name", "Kaleidoscope")
    _patch(server, "/scenes/scene-3/name", "Print")
    httpx.post(f"{server.address}/api/v1/outputs", json={"kind": "network", "address": STREAM}).raise_for_status()
    httpx.post(f"{server.address}/api/v1/cue", json={}).raise_for_status()


def _patch(server: Server, path: str, value: Any) -> None:
    patch = {"patch": [{"op": "replace", "path": path, "value": value}]}
    httpx.patch(f"{server.address}/api/v1/setup", json=patch).raise_for_status()


def _save(shown: Any | Locator, path: Path) -> None:
    Image.open(BytesIO(shown.screenshot())).convert("RGB").save(path, quality=88, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

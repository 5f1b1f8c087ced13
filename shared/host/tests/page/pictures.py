"""Pictures of the page for the README: `uv run python shared/host/tests/page/pictures.py FOLDER`."""

import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from driving import Server, Window, fx, running_stage
from PIL import Image
from playwright.sync_api import Browser

LOOK: dict[str, Any] = {
    "edge_glow": 0.85,
    "edge_glow_background": 0.35,
    "trails": 0.8,
    "trails_hue_turn": 0.33,
    "vignette": 0.35,
}
SAMPLE = {"kind": "sample"}
# Trails need some time to be seen.
SETTLE_MS = 4000
# Fewer pictures a second say more of a busy machine than of the page.
LEAST_FPS = 15.0
FPS = "Number(document.querySelector('.meter b')?.textContent ?? Infinity)"


def main(folder: Path) -> None:
    """Write desktop.jpg, phone.jpg, output.jpg and fault.jpg."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_stage() as (server, browser):
        _take_all(server, browser, folder)


def _take_all(server: Server, browser: Browser, folder: Path) -> None:
    control = {"id": "control", "pipeline": "control", "role": "pre", "values": {"control_mix": 0.25}}
    server.put_setup({"scope": 1, "source": SAMPLE, "stages": [control, fx(**LOOK)]})
    _take(browser, server.address, folder / "desktop.jpg", 1440, 900)
    _take(
        browser, server.address, folder / "phone.jpg", 390, 844, device_scale_factor=2, is_mobile=True, has_touch=True
    )
    _take(browser, server.address + "/output", folder / "output.jpg", 1280, 720)
    broken = {"id": "broken", "pipeline": "broken", "role": "post"}
    server.put_setup({"scope": 1, "source": SAMPLE, "stages": [fx(**LOOK), broken]})
    _take(browser, server.address, folder / "fault.jpg", 1440, 900)


def _take(browser: Browser, address: str, path: Path, width: int, height: int, **options: Any) -> None:
    window = Window(browser.new_context(viewport={"width": width, "height": height}, **options).new_page())
    window.page.goto(address)
    window.next_picture()
    window.page.wait_for_timeout(SETTLE_MS)
    window.until(lambda: window.page.evaluate(FPS) >= LEAST_FPS, f"{LEAST_FPS:.0f} pictures a second")
    Image.open(BytesIO(window.page.screenshot())).convert("RGB").save(path, quality=88, optimize=True)
    window.page.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Driving the page: a server in a process of its own, a Chromium, and windows whose sockets can be read along."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import numpy as np
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

# Generous: the machine may be busy. Every wait ends as soon as its condition holds.
PATIENCE_S = 60.0
CAMERA_COLOR = (200, 120, 40)
# The title of the tab that is shared where a person would be asked which screen.
SHARED_TAB = "A tab to share"
BROKEN = """
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.core.plugins.hookspecs import hookimpl


class BrokenConfig(BasePipelineConfig):
    pipeline_id = "broken"
    pipeline_name = "Broken"
    pipeline_description = "Raises in every call"
    supports_prompts = False
    modes = {"video": ModeDefaults(default=True)}
    usage = [UsageType.POSTPROCESSOR]


class BrokenPipeline(Pipeline):
    @classmethod
    def get_config_class(cls):
        return BrokenConfig

    def __init__(self, **_):
        pass

    def prepare(self, **_):
        return Requirements(input_size=1)

    def __call__(self, **_):
        raise RuntimeError("the crank is bent")


@hookimpl
def register_pipelines(register):
    register(BrokenPipeline)
"""


@dataclass
class Server:
    """A server that runs in a process of its own. `folder`: its base folder."""

    address: str
    folder: Path
    process: subprocess.Popen[str]

    def get(self, path: str) -> Any:
        answer = httpx.get(f"{self.address}/api/v1{path}", timeout=PATIENCE_S)
        answer.raise_for_status()
        return answer.json()

    def put_setup(self, setup: dict[str, Any]) -> None:
        answer = httpx.put(f"{self.address}/api/v1/setup", json={"setup": setup}, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text

    @property
    def setup(self) -> dict[str, Any]:
        return self.get("/setup")["setup"]


_LAST_WORDS = "[...document.querySelectorAll('.toast, .fault')].map((words) => words.textContent)"


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE_S) -> Any:
    """Wait until `condition` returns something true, and return that."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {patience:.0f} s in vain for {what}")


def _broken_plugin(folder: Path) -> None:
    """A distribution as it lies in an environment."""
    (folder / "scope_broken").mkdir(parents=True)
    (folder / "scope_broken" / "__init__.py").write_text(BROKEN, "utf-8")
    info = folder / "scope_broken-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scope-broken\nVersion: 0.1\n", "utf-8")
    (info / "entry_points.txt").write_text("[scope]\nscope_broken = scope_broken\n", "utf-8")


@contextmanager
def running_server(folder: Path, variables: Mapping[str, str] = MappingProxyType({})) -> Generator[Server]:
    """`scope serve` with a base folder of its own and a plugin that is broken, until the block ends."""
    _broken_plugin(folder / "site")
    environment = os.environ | {
        "DAYDREAM_SCOPE_DIR": str(folder / "base"),
        "PYTHONPATH": str(folder / "site"),
        "PYTHONUNBUFFERED": "1",
        **variables,
    }
    log = folder / "log.txt"
    with log.open("w") as out:
        command = [sys.executable, "-m", "scope.cli", "serve", "--no-open", "--port", "8760"]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT, text=True)
    try:
        address = until(lambda: _address(process, log), "the server's address")
        running = Server(address, folder / "base", process)
        until(lambda: running.get("/pipelines")["ready"], "the engine")
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _address(process: subprocess.Popen[str], log: Path) -> str | None:
    words = log.read_text("utf-8").split()
    assert process.poll() is None, log.read_text("utf-8")
    found = next((word.rstrip("/.,") for word in words if word.startswith("http://127.0.0.1:")), None)
    try:
        return found if found and httpx.get(f"{found}/health").status_code == 200 else None
    except httpx.TransportError:
        return None


@contextmanager
def running_stage() -> Generator[tuple[Server, Browser]]:
    """A server and a browser in a folder that goes with them."""
    with (
        tempfile.TemporaryDirectory() as name,
        running_server(Path(name)) as server,
        running_browser(Path(name)) as browser,
    ):
        yield server, browser


@contextmanager
def running_browser(folder: Path) -> Generator[Browser]:
    """Chromium with a false camera that shows one colour, until the block ends."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "these tests need Chromium: apt-get install chromium"
    args = [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        f"--auto-select-tab-capture-source-by-title={SHARED_TAB}",
        f"--use-file-for-fake-video-capture={_camera_film(folder)}",
        "--disable-renderer-backgrounding",
        "--disable-background-timer-throttling",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=args)
        yield browser
        browser.close()


def _camera_film(folder: Path) -> Path:
    path = folder / "camera.mjpeg"
    picture = BytesIO()
    Image.new("RGB", (320, 180), CAMERA_COLOR).save(picture, "JPEG", quality=95)
    path.write_bytes(10 * picture.getvalue())
    return path


@dataclass
class Window:
    """A page with what came over its sockets: control messages, and pictures of the output by number."""

    page: Page
    messages: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[int, bytes] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def follow(self) -> None:
        self.page.on("websocket", self._socket)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def _socket(self, socket: WebSocket) -> None:
        if "/control" in socket.url:
            socket.on("framereceived", lambda data: self.messages.append(json.loads(data)))
        elif "stage=out" in socket.url:
            socket.on("framereceived", self._picture)

    def _picture(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self.pictures[int.from_bytes(data[4:8], "little")] = data[24:]

    @property
    def number(self) -> int:
        """Of the picture that is on the canvas."""
        return int(self.page.evaluate("Number(document.querySelector('canvas.out, #out').dataset.number ?? 0)"))

    def next_picture(self, after: int | None = None) -> int:
        """Wait until a later picture is on the canvas than `after`, or than the one there now.

        On the main page a stage is chosen by then: the set-up has come, which may be later than the first picture.
        """
        start = self.number if after is None else after
        chosen = "!document.querySelector('.chain') || !!document.querySelector('.chain [aria-selected=true]')"
        self.until(lambda: self.number > start and self.page.evaluate(chosen), "the next picture")
        return self.number

    def until(self, condition: Callable[[], Any], what: str, patience: float = PATIENCE_S) -> Any:
        """As `until`, with the browser's events handled meanwhile."""

        def look() -> Any:
            self.page.wait_for_timeout(30)
            return condition()

        try:
            return until(look, what, patience)
        except AssertionError as error:
            error.add_note(f"The page said last: {self.page.evaluate(_LAST_WORDS)!r}")
            raise

    def pixels(self, selector: str = "canvas.out") -> np.ndarray:
        """What is on a canvas, scaled to 16 x 16 pixels: (16, 16, 3) RGB."""
        data = self.page.evaluate(
            """(selector) => {
              const small = new OffscreenCanvas(16, 16).getContext("2d");
              small.drawImage(document.querySelector(selector), 0, 0, 16, 16);
              return [...small.getImageData(0, 0, 16, 16).data];
            }""",
            selector,
        )
        return np.array(data, np.uint8).reshape(16, 16, 4)[..., :3]

    def took(self, since: int = 0) -> dict[str, Any]:
        """The first answer to a change, after the first `since` messages."""
        return self.until(lambda: next((m for m in self.messages[since:] if "took" in m), None), "an answer")

    def slider(self, name: str) -> Any:
        return self.page.locator(f".row[data-field={name}] input[type=range]")


def recorded(server: Server, window: Window, frames: int, folder: Path) -> Path:
    """A film of more than so many frames that the page records and saves."""
    window.page.keyboard.press("r")
    until(lambda: (server.get("/recordings")["running"] or {"frames": 0})["frames"] > frames, "frames of the film")
    window.page.get_by_role("button", name="Stop recording (R)").first.click()
    with window.page.expect_download() as download:
        window.page.get_by_role("link", name="Save").click()
    path = folder / "film.mp4"
    download.value.save_as(path)
    return path


# What the fixture `open_window` gives: path, width, height, script and a context's options to a window.
OpenWindow = Callable[..., Window]


def drop(window: Window, name: str, kind: str, data: bytes) -> None:
    """Let go of a file over the page."""
    window.page.evaluate(
        """([name, type, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
          window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        [name, kind, list(data)],
    )


def assert_accessible(window: Window, where: str, within: str | None = None) -> None:
    """axe-core finds nothing serious in the page as it stands, or in what a selector finds in it."""
    found = Axe().run(window.page, context=within).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, f"{where}: " + "; ".join(f"{one['id']}: {one['nodes'][0]['html']}" for one in serious)


# Dialogs, menus and popovers.
OPENED = "dialog[open], .menu"
SIDEWAYS = """[...document.querySelectorAll("dialog[open], dialog[open] .body, .menu")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML.slice(0, 80))"""


def assert_usable(window: Window, where: str, within: str | None = OPENED) -> None:
    """What is open has the focus; nothing has to be scrolled sideways; axe-core finds nothing serious."""
    page = window.page
    if within:
        last = "[...document.querySelectorAll(selector)].at(-1).contains(document.activeElement)"
        assert page.evaluate(f"(selector) => {last}", within), f"{where}: the focus is elsewhere"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
    assert page.evaluate(SIDEWAYS) == [], where
    assert_accessible(window, where, within)


def decoded(jpeg: bytes) -> np.ndarray:
    """A JPEG's pixels as (H, W, 3) RGB."""
    return np.asarray(Image.open(BytesIO(jpeg)).convert("RGB"), np.int16)


SMALL = {"width": 160, "height": 90}


def show_of(*stages: dict[str, Any], kind: str = "sample", **more: Any) -> dict[str, Any]:
    """A set-up with small pictures."""
    size = {} if kind == "none" else SMALL
    return {"scope": 1, "source": {"kind": kind, **size, **more}, "stages": list(stages)}


def fx(name: str = "fx", **values: Any) -> dict[str, Any]:
    return {"id": name, "pipeline": "fx", "role": "post", "values": values}


def still(server: Server, name: str = "still.png") -> str:
    """A picture in the assets folder, so that only controls change what is seen. Returns its path."""
    ramp = np.linspace(0, 255, 160, dtype=np.uint8)
    picture = np.stack([np.tile(ramp, (90, 1))] * 3, axis=-1)
    picture[:, :, 1] = np.linspace(0, 255, 90, dtype=np.uint8)[:, None]
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    address = f"{server.address}/api/v1/assets/{name}"
    answer = httpx.put(address, content=file.getvalue(), headers={"Content-Type": "application/octet-stream"})
    assert answer.status_code == 201, answer.text
    return answer.json()["path"]

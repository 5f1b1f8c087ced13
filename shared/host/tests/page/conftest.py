"""One server with a real engine, and one Chromium, for all tests of this room; what they download is on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from ..conftest import Hub, running_hub
from ..install.workshop import Workshop, serving
from .driving import PATIENCE_S, OpenWindow, Server, Window, running_browser, running_server


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Makes plugins, and serves them."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "simple").mkdir()
    with serving(folder) as address:
        yield Workshop(tmp_path_factory.mktemp("work"), folder, address)


@pytest.fixture(scope="session")
def model_hub() -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


@pytest.fixture(scope="session")
def server(workshop: Workshop, model_hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What a test installs stays for the others: each puts its own set-up first."""
    home = tmp_path_factory.mktemp("host")
    sources = {
        "UV_DEFAULT_INDEX": f"{workshop.address}/simple",
        "UV_CACHE_DIR": str(home / "uv"),
        "DAYDREAM_SCOPE_PLUGINS_DIR": str(home / "plugins"),
    }
    with running_server(home, sources | model_hub.environment(home / "hf")) as server:
        yield server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_browser(tmp_path_factory.mktemp("camera")) as browser:
        yield browser


@pytest.fixture
def open_window(browser: Browser, server: Server) -> Iterator[OpenWindow]:
    """Opens the page in a window of its own; what the browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def opened(path: str = "/", width: int = 1000, height: int = 640, script: str = "", **options: Any) -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            permissions=["camera", "microphone"],
            accept_downloads=True,
            **options,
        )
        contexts.append(context)
        if script:
            context.add_init_script(script)
        window = Window(context.new_page())
        window.follow()
        window.page.set_default_timeout(1000 * PATIENCE_S)
        window.page.goto(server.address + path)
        windows.append(window)
        return window

    yield opened
    for context in contexts:
        context.close()
    assert not [line for window in windows for line in window.complaints]

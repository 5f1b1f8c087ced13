"""One server with a real engine, and one Chromium, for all tests of this room."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from .driving import PATIENCE_S, Server, Window, running_browser, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("host")) as server:
        yield server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_browser(tmp_path_factory.mktemp("camera")) as browser:
        yield browser


@pytest.fixture
def open_window(browser: Browser, server: Server) -> Iterator[Callable[..., Window]]:
    """Opens the page in a window of its own; what the browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def opened(path: str = "/", width: int = 1000, height: int = 640, script: str = "", **options: Any) -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": height}, permissions=["camera"], accept_downloads=True, **options
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

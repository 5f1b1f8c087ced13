"""Chromium for the benchmark, through playwright, which only developers have."""

import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scope.bench.served import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
)
_TRIES = 20


@contextmanager
def browsing() -> Generator["Browser"]:
    """A headless Chromium until the block ends.

    Raises:
        BenchError: playwright or Chromium is missing.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise BenchError("the figures from glass to glass need playwright: pip install playwright") from error
    chromium = next(filter(None, map(shutil.which, _NAMES)), None)
    if chromium is None:
        raise BenchError("the figures from glass to glass need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Clock:
    """A page's clock: `performance.now()` and so many milliseconds make `time.monotonic`."""

    ahead_ms: float

    @classmethod
    def of(cls, page: "Page") -> "Clock":
        """Asked again and again; the quickest answer is right to half of its time, about half a millisecond."""
        return cls(min(_asked(page) for _ in range(_TRIES))[1])

    def monotonic(self, now: float) -> float:
        """Milliseconds of `time.monotonic` at a moment of the page."""
        return now + self.ahead_ms


def _asked(page: "Page") -> tuple[float, float]:
    before = time.monotonic()
    now = page.evaluate("performance.now()")
    after = time.monotonic()
    return after - before, 500 * (before + after) - now

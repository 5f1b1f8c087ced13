"""From glass to glass: pictures that carry the moment of their making, read back from the canvas of the real page."""

import base64
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import simplejpeg

from scope.bench.barcode import age
from scope.bench.browser import Clock, browsing
from scope.bench.figures import quantile
from scope.bench.served import BenchError, Served, serving, until
from scope.bench.server import FPS, footage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUTES = ("server", "page")
WAYS = ("jpeg", "webrtc")
CHAINS = {0: (), 1: ("passthrough",), 3: ("passthrough", "gray", "passthrough")}

PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
WARM_UP_SECONDS = 1.0
# What is later than this was misread: no picture is that old.
MOST_MS = 5000.0
# Of the generated camera, so that encoding it once more loses little.
_QUALITY = 95


@dataclass(frozen=True)
class Row:
    """One measurement. `ms`: from the drawing of a picture to the canvas; `cpu`: percent of a core by process.

    `shown`: the size on the canvas, which a congested WebRTC connection may lower; `unread`: pictures whose moment
    could not be read.
    """

    route: str
    way: str
    stages: int
    size: str
    shown: str
    fps: float
    ms_p50: float
    ms_p95: float
    unread: int
    cpu: Mapping[str, float]


@dataclass(frozen=True)
class ChangeRow:
    """From a parameter message to the first picture on the canvas that shows it, in ms and in intervals of pictures."""

    way: str
    size: str
    changes: int
    ms_p50: float
    ms_p95: float
    intervals_p50: float


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    sizes: Sequence[tuple[int, int]]
    ways: Sequence[str] = WAYS
    routes: Sequence[str] = ROUTES
    stages: Sequence[int] = tuple(CHAINS)
    seconds: float = 3.0


def measure(plan: Plan) -> Iterator[Row | ChangeRow]:
    """Every route, way, size and chain; the parameters where the server makes the pictures.

    Raises:
        BenchError: no browser, or something does not come up.
    """
    with browsing() as browser, serving() as served:
        for way in plan.ways:
            for size in plan.sizes:
                for route in plan.routes:
                    with window(browser, served, route, way, size) as page:
                        yield from _rows(plan, served, page, (route, way, size))
                        if route == "server":
                            yield changes(served, page, way, size, plan.seconds)


@contextmanager
def window(browser: "Browser", served: Served, route: str, way: str, size: tuple[int, int]) -> Generator["Page"]:
    """The page of the output, as large as the pictures, with pictures flowing."""
    served.feed(*(size if route == "server" else (0, 0)))
    _play(served, route, way, ())
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    try:
        page.goto(f"{served.address}output?view={way}")
        page.evaluate(PROBE)
        if route == "page":
            page.evaluate("([way, w, h, films]) => probe.camera(way, w, h, films)", [way, *size, _jpegs(size)])
        page.evaluate("probe.watch(document.getElementById('out'))")
        until(lambda: page.wait_for_timeout(20) or page.evaluate("probe.collect().length"), "the first picture")
        if (taken := page.evaluate("document.getElementById('out').dataset.way")) != way:
            raise BenchError(f"the page took {taken} where {way} was to be measured")
        yield page
    finally:
        page.close()


def _rows(plan: Plan, served: Served, page: "Page", what: tuple[str, str, tuple[int, int]]) -> Iterator[Row]:
    route, way, _ = what
    for count in plan.stages:
        _play(served, route, way, CHAINS[count])
        page.wait_for_timeout(1000 * WARM_UP_SECONDS)
        clock = Clock.of(page) if route == "server" else Clock(0.0)
        page.evaluate("probe.collect().length")
        before, start = Usage.now(served), time.monotonic()
        page.wait_for_timeout(1000 * plan.seconds)
        shown, seconds = page.evaluate("probe.collect()"), time.monotonic() - start
        cpu = Usage.now(served).since(before, seconds)
        yield row(what, count, shown, clock, seconds, cpu)


def row(
    what: tuple[str, str, tuple[int, int]],
    stages: int,
    shown: Sequence[Sequence[float]],
    clock: Clock,
    seconds: float,
    cpu: Mapping[str, float],
) -> Row:
    """What `probe.collect` found, in figures; a picture that is shown twice counts once."""
    first = {int(stamp): age(int(stamp), clock.monotonic(now)) for now, stamp, *_ in reversed(shown)}
    ages = sorted(ms for ms in first.values() if ms < MOST_MS)
    width, height = shown[-1][2:] if shown else (0, 0)
    route, way, size = what
    names = f"{size[0]}x{size[1]}", f"{width:.0f}x{height:.0f}"
    latency = quantile(ages, 0.5), quantile(ages, 0.95)
    return Row(route, way, stages, *names, len(ages) / seconds, *latency, len(first) - len(ages), cpu)


def changes(served: Served, page: "Page", way: str, size: tuple[int, int], seconds: float) -> ChangeRow:
    """Move a parameter of a chain of one stage again and again."""
    _play(served, "server", way, CHAINS[1])
    found = sorted(page.evaluate("(seconds) => probe.marks('passthrough-1', seconds)", seconds))
    p50 = quantile(found, 0.5)
    return ChangeRow(way, f"{size[0]}x{size[1]}", len(found), p50, quantile(found, 0.95), p50 * FPS / 1000)


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU so far, by process."""

    seconds: Mapping[str, float]

    @classmethod
    def now(cls, served: Served) -> "Usage":
        server, engine = served.processes()
        own = {child.pid for child in (server, *engine)}
        others = [child for child in psutil.Process().children(recursive=True) if child.pid not in own]
        return cls({"server": _spent([server]), "engine": _spent(engine), "browser": _spent(others)})

    def since(self, before: "Usage", seconds: float) -> dict[str, float]:
        """Percent of a core since then."""
        return {name: 100 * (spent - before.seconds[name]) / seconds for name, spent in self.seconds.items()}


def _spent(processes: Sequence[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _play(served: Served, route: str, way: str, chain: Sequence[str]) -> None:
    kind = "webrtc" if (route, way) == ("page", "webrtc") else "camera"
    stages = [{"id": f"{name}-{i}", "pipeline": name, "role": "post"} for i, name in enumerate(chain, 1)]
    served.play({"kind": kind}, stages)


def _jpegs(size: tuple[int, int]) -> list[str]:
    return [base64.b64encode(simplejpeg.encode_jpeg(picture, _QUALITY)).decode() for picture in footage(*size)]

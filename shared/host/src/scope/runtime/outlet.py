"""The end of a live chain: pictures leave at their time, and those who wait for a change learn which picture shows it."""

import threading
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from scope.runtime.frames import to_dtype
from scope.runtime.intake import Item
from scope.runtime.meter import Meter
from scope.runtime.pace import Pacer

OUT, IN = "out", "in"

# So long a changed value waits for a picture that shows it before it is answered without one.
ANSWER_SECONDS = 1.0


class Screen(Protocol):
    """Where pictures go."""

    def put(self, tap: str, pixels: Tensor, captured: float) -> int | None:
        """Show pixels (1, H, W, 3) in [0, 255], uint8 or float, on the CPU; the picture's number, None if it was dropped."""
        ...


class _Open(NamedTuple):
    node: str
    taken: int
    answer: Callable[[int | None], None]
    until: float


class Answers:
    """Posted changes that no picture shows yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[_Open] = []

    def expect(self, node: str, taken: int, answer: Callable[[int | None], None]) -> None:
        """Call `answer` with the number of the first picture whose node has taken so many changes."""
        with self._lock:
            self._open.append(_Open(node, taken, answer, time.monotonic() + ANSWER_SECONDS))

    def settle(self, taken: Mapping[str, int], number: int | None) -> None:
        """A picture was shown that has these changes in it."""
        self._close(lambda entry: taken.get(entry.node, -1) >= entry.taken, number)

    def give_up(self) -> None:
        """Answer those that have waited for too long: the show is paused, nobody looks, or nothing comes."""
        now = time.monotonic()
        self._close(lambda entry: entry.until < now, None)

    def _close(self, is_over: Callable[[_Open], bool], number: int | None) -> None:
        with self._lock:
            over = [entry for entry in self._open if is_over(entry)]
            if over:
                self._open = [entry for entry in self._open if not is_over(entry)]
        for entry in over:
            entry.answer(number)


class Outlet(threading.Thread):
    """Shows what comes out of a chain: a single frame at once, the frames of a chunk one after the other.

    Frames on the CPU that are due at once are shown by the thread that brings them. This thread plays chunks, and waits
    for the GPU. `shown` is called with the times of capture and of showing of every new picture.
    """

    def __init__(self, screen: Screen, shown: Callable[[float, float], None] = lambda _captured, _now: None) -> None:
        super().__init__(name="scope:outlet:show", daemon=True)
        self.answers, self.ages = Answers(), Meter()
        self._screen, self._shown = screen, shown
        self._pacer = Pacer()
        self._due = threading.Condition()
        self._showing = threading.Lock()
        self._taps: dict[str, float] = {}
        self._next: dict[str, float] = {}
        self._beside: dict[str, Item] = {}
        self._newest: dict[str, Item] = {}
        self._lost: set[str] = set()
        self._download = Download() if torch.cuda.is_available() else None
        self._ended = False

    @property
    def dropped(self) -> int:
        """Frames of chunks that came too late to be shown."""
        return self._pacer.dropped

    def watch(self, taps: Mapping[str, float]) -> None:
        """Show these taps, so many frames a second of each; new ones are shown at once, for the show may be paused."""
        new = taps.keys() - self._taps.keys()
        self._taps = dict(taps)
        self._show_newest(new)

    def show_lost(self) -> None:
        """Show the newest pictures that the screen had no room for: there may be some now."""
        self._show_newest(list(self._lost))

    def forget(self, but: Container[str]) -> None:
        """Keep no picture of taps that are gone: all but these."""
        self._newest = {tap: item for tap, item in self._newest.items() if tap in but}

    def exit(self, items: Sequence[Item]) -> None:
        """What comes out of the last stage."""
        if items[0].pace is None and not items[0].frame.pixels.is_cuda:
            self._pacer.clear()
            self._show(OUT, items[-1])
            return
        with self._due:
            self._pacer.put([_marked(item) for item in items])
            self._due.notify()

    def tap(self, name: str, item: Item) -> None:
        """A frame from inside the chain, shown if someone looks there, and as often as they want."""
        self._newest[name] = item
        now, rate = time.monotonic(), self._taps.get(name)
        if not rate or now < self._next.get(name, 0.0):
            return
        self._next[name] = max(self._next.get(name, 0.0) + 1.0 / rate, now)
        if not item.frame.pixels.is_cuda:
            self._show(name, item)
            return
        with self._due:
            self._beside[name] = _marked(item)
            self._due.notify()

    def end(self) -> None:
        """Stop playing; `join` waits for the picture that is on its way."""
        with self._due:
            self._ended = True
            self._due.notify()

    def run(self) -> None:
        """The thread: the next frame at its time."""
        while (following := self._following()) is not None:
            self._show(*following)

    def _following(self) -> tuple[str, Item] | None:
        with self._due:
            while not self._ended:
                now, due = time.monotonic(), self._pacer.due()
                if due is not None and due <= now:
                    return OUT, self._pacer.pop(now)
                if self._beside:
                    return self._beside.popitem()
                self._due.wait(None if due is None else due - now)
        return None

    def _show_newest(self, taps: Iterable[str]) -> None:
        for tap in taps:
            if (item := self._newest.get(tap)) is not None:
                self._show(tap, item, again=True)

    def _show(self, tap: str, item: Item, again: bool = False) -> None:
        captured = item.frame.stamp.captured or time.monotonic()
        with self._showing:
            if again and item is not self._newest.get(tap):
                return  # a newer one has come in between
            number = self._put(tap, item, captured)
            self._newest[tap] = item
        if tap == OUT:
            now = time.monotonic()
            if not again:  # one that stands is not late
                self._shown(captured, now)
                self.ages.add((now - captured) * 1000)
            self.answers.settle(item.taken, number)

    def _put(self, tap: str, item: Item, captured: float) -> int | None:
        """The number of the item's picture on the screen; what the screen has no room for is noted as lost."""
        pixels = item.frame.pixels if self._download is None else self._download.fetch(item)
        if tap not in self._taps:
            self._lost.discard(tap)
            return None
        number = self._screen.put(tap, pixels, captured)
        (self._lost.add if number is None else self._lost.discard)(tap)
        return number


class Download:
    """Brings pictures from the GPU as uint8 on a stream of its own, so that it waits for them and not for the next call."""

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()
        self._host = torch.empty(0, dtype=torch.uint8).pin_memory()

    def fetch(self, item: Item) -> Tensor:
        """The item's pixels on the CPU; valid until the next `fetch`."""
        pixels = item.frame.pixels
        if not pixels.is_cuda or item.ready is None:
            return pixels
        if self._host.shape != pixels.shape:
            self._host = torch.empty(pixels.shape, dtype=torch.uint8, pin_memory=True)
        with torch.cuda.stream(self._stream):
            self._stream.wait_event(item.ready)
            pixels.record_stream(self._stream)
            self._host.copy_(to_dtype(pixels, "uint8"), non_blocking=True)
        self._stream.synchronize()
        return self._host


def _marked(item: Item) -> Item:
    """The item with the moment on the GPU's own time line at which its pixels are there."""
    if not item.frame.pixels.is_cuda:
        return item
    event = torch.cuda.Event()
    event.record()
    return item._replace(ready=event)

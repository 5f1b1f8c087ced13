"""What every source is: a rate, a size and pictures that are made while you iterate."""

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from typing import NamedTuple, Self

import torch

from scope.media.sound import FileSound

Pictures = Generator["Picture", None, None]


class Picture(NamedTuple):
    """One picture and its time.

    `pixels` is a uint8 tensor (H, W, 3), RGB, [0, 255], on the CPU; read-only, for it may come again in the next
    picture. `time` is in seconds since the first picture of the source.
    """

    pixels: torch.Tensor
    time: float


@dataclass
class Source:
    """Pictures from a file or a drawing, decoded one at a time while you iterate.

    Iterating again starts again. `count` is None when the source has no end or does not know it, and an estimate for
    files that do not store it. `sound` is what was recorded with the pictures. After iterating, `notes` says in one
    sentence each what was wrong with the file but did not stop it, such as damaged frames that were left out. Use it as
    a context manager, so that the file is closed also when you stop early.
    """

    rate: Fraction
    width: int
    height: int
    count: int | None
    pictures: Callable[[list[str]], Pictures] = field(repr=False)
    notes: list[str] = field(default_factory=list)
    sound: FileSound | None = None
    _running: Pictures | None = field(default=None, init=False, repr=False)

    def __iter__(self) -> Iterator[Picture]:
        self.close()
        self.notes.clear()
        self._running = self.pictures(self.notes)
        return self._running

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, if one is open. Iterating opens it again."""
        if self._running is not None:
            self._running.close()
            self._running = None


class Shown(NamedTuple):
    """A picture, its time since the source began, its time in the film, and when the turn in which it comes began."""

    pixels: torch.Tensor
    time: float
    film: float
    turn: float


def again_and_again(source: Source, *, loop: bool) -> Iterator[Shown]:
    """The pictures, with times that go on from one turn to the next. A still picture is decoded once and never ends."""
    still = [*source] if source.count == 1 else None
    turn, step = 0.0, float(1 / source.rate)
    while True:
        last = None
        for picture in still or source:
            last = turn + picture.time
            yield Shown(picture.pixels, last, picture.time, turn)
        if last is None or not (loop or still):
            return
        turn = last + step


def limited(source: Source, limit: int) -> Source:
    """The first `limit` pictures of the source."""

    def pictures(notes: list[str]) -> Pictures:
        with closing(source.pictures(notes)) as running:
            yield from islice(running, limit)

    count = limit if source.count is None else min(limit, source.count)
    return replace(source, count=count, pictures=pictures)


def resampled(source: Source, rate: Fraction) -> Source:
    """The source at a constant rate: pictures move to the nearest tick, gaps repeat, the last of several wins."""

    def pictures(notes: list[str]) -> Pictures:
        with closing(source.pictures(notes)) as running:
            yield from _at_ticks(running, rate, last_lasts=1 / source.rate)

    count = None if source.count is None else max(1, _nearest_tick(source.count / source.rate, rate))
    return replace(source, rate=rate, count=count, pictures=pictures)


def _at_ticks(pictures: Iterable[Picture], rate: Fraction, last_lasts: Fraction) -> Pictures:
    tick, held = 0, None
    for picture in pictures:
        due = _nearest_tick(picture.time, rate)
        if held is not None:
            yield from _hold(held, range(tick, due), rate)
            tick = max(tick, due)
        held = picture
    if held is not None:
        end = _nearest_tick(held.time + last_lasts, rate)
        yield from _hold(held, range(tick, max(end, 1)), rate)


def _hold(picture: Picture, ticks: range, rate: Fraction) -> Pictures:
    for tick in ticks:
        yield Picture(picture.pixels, float(tick / rate))


def _nearest_tick(seconds: float | Fraction, rate: Fraction) -> int:
    return math.floor(seconds * rate + Fraction(1, 2))

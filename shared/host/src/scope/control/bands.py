"""Sound to numbers that move fields: level, four bands and onsets, thirty times a second. The same live and offline."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice

import numpy as np

RATE = 30
BANDS: Mapping[str, tuple[float, float]] = {
    "bass": (20.0, 150.0),
    "low": (150.0, 600.0),
    "mid": (600.0, 2500.0),
    "high": (2500.0, 12000.0),
}
NAMES = ("level", *BANDS, "onset")

# Window of the spectrum in seconds: 20 Hz of resolution for the bass, and still quick.
_WINDOW = 0.05
# Quieter than this, below a full-scale sine, is 0; full scale is 1.
_FLOOR_DB = -60.0
# Shares that are left after a thirtieth of a second: up at once, down within about a fifth of a second.
_RELEASE = 0.85
_ONSET_RELEASE = 0.7
# An onset is this much louder than the average of the last second, and still rising; in the units of the bands.
_ONSET_RISE = 0.12


class Analyser:
    """Follows a mono signal, float32 in [-1, 1], at `rate` samples a second.

    Feed blocks of any length; each thirtieth of a second gives one set of values in [0, 1]: `level`, `bass`, `low`,
    `mid`, `high` and `onset`, which jumps to 1 and fades.
    """

    def __init__(self, rate: int) -> None:
        if rate < 8000:
            raise ValueError(f"expected at least 8000 samples a second, got {rate}")
        self._rate = rate
        self._size = int(rate * _WINDOW)
        self._window = np.hanning(self._size).astype(np.float32)
        frequencies = np.fft.rfftfreq(self._size, 1.0 / rate)
        self._bins = {name: (frequencies >= low) & (frequencies < high) for name, (low, high) in BANDS.items()}
        self._held = np.zeros(self._size, np.float32)
        self._due = self._passed = 0.0
        self._envelope = dict.fromkeys(NAMES, 0.0)
        self._history: list[float] = []

    def feed(self, samples: np.ndarray) -> Iterator[dict[str, float]]:
        """Take samples in; yields the values of every thirtieth of a second that they complete."""
        start = 0
        step = self._rate / RATE
        while self._passed + len(samples) - start >= self._due + step:
            end = start + round(self._due + step - self._passed)
            self._hold(samples[start:end])
            self._passed += end - start
            self._due += step
            start = end
            yield self._values()
        self._hold(samples[start:])
        self._passed += len(samples) - start

    def _hold(self, samples: np.ndarray) -> None:
        self._held = np.concatenate([self._held, samples.astype(np.float32)])[-self._size :]

    def _values(self) -> dict[str, float]:
        power = np.abs(np.fft.rfft(self._held * self._window)) ** 2
        # A full-scale sine has half the square of the window's sum, split over its two frequencies.
        full = (self._window.sum() / 2.0) ** 2
        loud = {name: _loudness(power[bins].sum() / full / 1.5) for name, bins in self._bins.items()}
        loud["level"] = _loudness(2.0 * float(np.mean(self._held**2)))
        for name, value in loud.items():
            self._envelope[name] = max(value, self._envelope[name] * _RELEASE)
        self._envelope["onset"] = 1.0 if self._is_onset(loud) else self._envelope["onset"] * _ONSET_RELEASE
        return dict(self._envelope)

    def _is_onset(self, loud: Mapping[str, float]) -> bool:
        now = (loud["bass"] + loud["low"] + loud["mid"] + loud["high"]) / 4.0
        average = sum(self._history) / len(self._history) if self._history else 0.0
        before = self._history[-1] if self._history else 0.0
        self._history = [*self._history, now][-RATE:]
        rises = now - average > _ONSET_RISE and now - before > _ONSET_RISE / 2.0
        # The window is longer than a step, so one attack rises over two; three steps apart, they are two attacks.
        return rises and self._envelope["onset"] < _ONSET_RELEASE**2


def _loudness(power: float) -> float:
    """Power, 1 for full scale, as a share of the range in decibels."""
    decibels = 10.0 * np.log10(max(float(power), 1e-12))
    return float(min(max(1.0 - decibels / _FLOOR_DB, 0.0), 1.0))


class Track:
    """The bands of a piece of sound, to be read at any time: modulation by what a film sounds like.

    `blocks`: mono samples as `Analyser` takes them, in order; they are read as far as somebody asks. Any thread may ask.
    """

    def __init__(self, blocks: Iterable[np.ndarray], rate: int) -> None:
        self._coming = chain.from_iterable(map(Analyser(rate).feed, blocks))
        self._values: list[tuple[float, ...]] = []
        self._lock = threading.Lock()

    def at(self, band: str, time: float) -> float:
        """A band at `time` seconds, in [0, 1]; 0 for one that there is not, before the sound and behind it."""
        self.read_to(time)
        index = int(time * RATE) - 1
        is_there = 0 <= index < len(self._values) and band in NAMES
        return self._values[index][NAMES.index(band)] if is_there else 0.0

    def read_to(self, time: float) -> None:
        """Read what is to come until then, so that nobody who asks has to wait."""
        with self._lock:
            for values in islice(self._coming, max(0, int(time * RATE) - len(self._values))):
                self._values.append(tuple(values[name] for name in NAMES))

"""What the value of a MIDI control change means: where a knob stands, or how far an endless encoder was turned.

The names, and which values turn to which side, are those of the relative modes that controllers and programs such as
Ableton Live call so; "14-bit" is the pair of control changes of MIDI 1.0, number n with the coarse and n + 32 with the
fine part.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal

Encoding = Literal["absolute", "twos-complement", "signed-bit", "signed-bit-2", "binary-offset", "14-bit"]

_CONTROL_CHANGE = re.compile(r"(?P<control>midi:\d{1,2}:cc:)(?P<number>\d{1,3})")
# How many controllers have a fine part, and how far behind them it is.
_PAIRS = 32

_STEPS: Mapping[str, Callable[[int], int]] = {
    "twos-complement": lambda value: value if value <= 64 else value - 128,
    "signed-bit": lambda value: value if value <= 64 else 64 - value,
    "signed-bit-2": lambda value: -value if value <= 64 else value - 64,
    "binary-offset": lambda value: value - 64,
}


def is_relative(encoding: str) -> bool:
    """True for what says how far it was turned, not where it stands."""
    return encoding in _STEPS


def steps(encoding: str, value: int) -> int:
    """By how many steps an encoder was turned, to the right if above 0; `value` from 0 to 127.

    >>> [steps(name, 65) for name in ("twos-complement", "signed-bit", "signed-bit-2", "binary-offset")]
    [-63, -1, 1, 1]
    """
    return _STEPS[encoding](value)


def fine_of(name: str) -> str | None:
    """The input with the fine part of a control change; None for an input that has none.

    >>> fine_of("midi:1:cc:21"), fine_of("midi:1:cc:64")
    ('midi:1:cc:53', None)
    """
    found = _CONTROL_CHANGE.fullmatch(name)
    number = int(found["number"]) if found else _PAIRS
    return f"{found['control']}{number + _PAIRS}" if found and number < _PAIRS else None


def problem_of(encoding: str, name: str) -> str | None:
    """Why an input cannot be read so, in one sentence; None if it can."""
    if encoding == "14-bit" and fine_of(name) is None:
        return f"encoding '14-bit' is for midi:<channel>:cc:0 to :31, whose fine parts are 32 to 63, not for {name!r}"
    if is_relative(encoding) and not _CONTROL_CHANGE.fullmatch(name):
        return f"encoding {encoding!r} is for midi:<channel>:cc:<number>, not for {name!r}"
    return None

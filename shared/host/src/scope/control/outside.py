"""Clocks and controls outside the page: Ableton Link and MIDI devices of this machine. Each is an extra, imported when used."""

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from scope.control.tempo import Tempo

LINK_HINT = "Ableton Link needs the extra 'link' (aalink, GPL-3): uv pip install 'scope-host[link]'"
MIDI_HINT = "MIDI devices of this machine need the extra 'midi': uv pip install 'scope-host[midi]'"


class OutsideError(Exception):
    """A clock or a device that cannot be used, in one sentence."""


class Link:
    """A member of the Link session on this network. Make it on the event loop that it is used on."""

    def __init__(self, bpm: float, quantum: int) -> None:
        if find_spec("aalink") is None:
            raise OutsideError(LINK_HINT)
        self._link: Any = import_module("aalink").Link(bpm)
        self._link.quantum = quantum
        self._link.enabled = True

    @property
    def peers(self) -> int:
        """How many others there are."""
        return self._link.num_peers

    def tempo(self, beats_per_bar: int) -> Tempo:
        """Where the session stands now."""
        return Tempo(self._link.tempo, beats_per_bar, self._link.beat, time.monotonic())

    def set_quantum(self, beats_per_bar: int) -> None:
        """How many beats of the session make a bar here."""
        self._link.quantum = beats_per_bar

    def set_bpm(self, bpm: float) -> None:
        """Change the tempo of everyone in the session."""
        self._link.tempo = bpm

    def share_start_stop(self, on: bool) -> None:
        """Tell the others when this member starts and stops, and hear when they do (Link's Start Stop Sync)."""
        self._link.start_stop_sync_enabled = on

    @property
    def playing(self) -> bool:
        """Whether the session plays, as far as its members share that."""
        return self._link.playing

    def play(self, on: bool) -> None:
        """Start or stop the session."""
        self._link.playing = on

    def close(self) -> None:
        """Leave the session."""
        self._link.enabled = False


class MidiDevices:
    """MIDI inputs of this machine. `heard` gets raw messages on a thread of the driver's."""

    def __init__(self, heard: Callable[[Sequence[int]], None]) -> None:
        self._heard = heard
        self._ports: dict[str, Any] = {}

    @staticmethod
    def names() -> list[str]:
        """What is plugged in.

        Raises:
            OutsideError: the extra is missing, or this machine has no MIDI.
        """
        if find_spec("mido") is None or find_spec("rtmidi") is None:
            raise OutsideError(MIDI_HINT)
        mido, failures = _mido()
        try:
            return list(mido.get_input_names())
        except failures as error:
            raise OutsideError(f"this machine has no MIDI: {error}") from error

    def open(self, name: str) -> None:
        """Listen to a device.

        Raises:
            OutsideError: there is none of that name, or it is in use.
        """
        if name not in (known := self.names()):
            raise OutsideError(f"no MIDI device is called {name!r} (there are: {', '.join(known) or 'none'})")
        mido, failures = _mido()
        try:
            port = mido.open_input(name, callback=lambda m: self._heard(m.bytes()))
        except failures as error:
            raise OutsideError(f"{name} cannot be opened: {error}") from error
        self.close(name)
        self._ports[name] = port

    def close(self, name: str | None = None) -> None:
        """Let go of one device, or of all."""
        for known in [name] if name else list(self._ports):
            port = self._ports.pop(known, None)
            if port is not None:
                port.close()

    @property
    def opened(self) -> list[str]:
        return list(self._ports)


def _mido() -> tuple[Any, tuple[type[Exception], ...]]:
    """The library, and what it raises when a driver fails."""
    rtmidi: Any = import_module("rtmidi")
    return import_module("mido"), (OSError, RuntimeError, rtmidi.SystemError)

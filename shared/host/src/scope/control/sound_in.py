"""Sound of this machine's inputs as levels that move fields. `sounddevice` is an extra, imported when it is used."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from scope.control.bands import RATE, Analyser
from scope.control.outside import OutsideError

AUDIO_HINT = "sound inputs of this machine need the extra 'audio': uv pip install 'scope-host[audio]'"
PORTAUDIO_HINT = "the package sounddevice finds no PortAudio on this machine (on Debian and Ubuntu: libportaudio2)"
NO_INPUT = "this machine has no sound input"

Levels = Mapping[str, float]

# Of an input with more channels the first two are heard.
_CHANNELS = 2


class SoundInput:
    """One input that is listened to, in a thread of its own. `open` and `close` are for one thread.

    `heard` gets the levels at most thirty times a second, `ended` a sentence when the input fails while it is open;
    both are called on that thread.
    """

    def __init__(self, heard: Callable[[Levels], None], ended: Callable[[str], None]) -> None:
        self._heard, self._ended = heard, ended
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.name: str | None = None

    def names(self) -> list[str]:
        """Every input, the machine's own choice first.

        Raises:
            OutsideError: the extra or PortAudio is missing, or there is no input.
        """
        return list(self._inputs())

    def open(self, name: str) -> None:
        """Listen to an input, in place of the one before.

        Raises:
            OutsideError: there is none of that name, or it cannot be used.
        """
        self.close()
        inputs = self._inputs()
        if name not in inputs:
            raise OutsideError(f"no sound input is called {name!r} (there are: {'; '.join(inputs)})")
        sound = _sounddevice()
        try:
            stream, rate = _stream(sound, inputs[name])
        except sound.PortAudioError as error:
            raise OutsideError(f"{name} cannot be opened: {_reason(error)}") from error
        self._end = threading.Event()
        self.name = name
        self._thread = threading.Thread(
            target=self._run,
            args=(stream, rate, self._end, sound.PortAudioError),
            name=f"scope:sound:{name}",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Let go; returns when the input is free, or after two seconds of a driver that hangs."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(2.0)
        self._thread, self.name = None, None

    def _inputs(self) -> dict[str, int]:
        """Name → index of PortAudio's."""
        sound = _sounddevice()
        if self._thread is None or not self._thread.is_alive():
            # PortAudio knows what was plugged in when it started.
            sound._terminate()
            sound._initialize()
        devices = [device for device in sound.query_devices() if device["max_input_channels"] > 0]
        if not devices:
            raise OutsideError(NO_INPUT)
        preferred = sound.default.device[0]
        devices.sort(key=lambda device: device["index"] != preferred)
        return _named(devices, [api["name"] for api in sound.query_hostapis()])

    def _run(self, stream: Any, rate: int, end: threading.Event, failure: type[Exception]) -> None:
        analyser, due = Analyser(rate), 0.0
        try:
            with stream:
                while not end.is_set():
                    block, _ = stream.read(rate // RATE)
                    for levels in analyser.feed(block.mean(axis=1)):
                        # A driver that was late hands out all it has at once: the newest counts.
                        if (now := time.monotonic()) >= due:
                            due = now + 0.5 / RATE
                            self._heard(levels)
        except failure as error:
            if not end.is_set():
                self._ended(f"{self.name} has stopped: {_reason(error)}")


def _sounddevice() -> Any:
    if find_spec("sounddevice") is None:
        raise OutsideError(AUDIO_HINT)
    try:
        return import_module("sounddevice")
    except OSError as error:
        raise OutsideError(PORTAUDIO_HINT) from error


def _named(devices: Sequence[Mapping[str, Any]], apis: Sequence[str]) -> dict[str, int]:
    """Name → index; of two alike the second is numbered."""
    named: dict[str, int] = {}
    for device in devices:
        name = f"{device['name']}, {apis[device['hostapi']]}"
        count = sum(other == name or other.startswith(f"{name} (") for other in named)
        named[f"{name} ({count + 1})" if count else name] = device["index"]
    return named


def _stream(sound: Any, index: int) -> tuple[Any, int]:
    """An input that is not started yet, and its samples a second."""
    about = sound.query_devices(index)
    channels = min(about["max_input_channels"], _CHANNELS)
    stream = sound.InputStream(device=index, channels=channels, dtype="float32", latency="low")
    return stream, round(stream.samplerate)


def _reason(error: Exception) -> str:
    """PortAudio's words without its numbers."""
    return str(error).partition(" [")[0]

"""Sound on its way into a film: the input file's own, copied where MP4 takes it, or what a pipeline made."""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError

from scope.media.decoding import open_container
from scope.media.remote import Remote

# Codecs that MP4 holds and players play from it (ISO/IEC 14496-14 and the registered sample entries).
COPIED = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"})
AAC_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000})
DEFAULT_RATE = 48000
_LAYOUTS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True)
class FileSound:
    """The sound of a file. `start`: the second on the file's clock at which its first picture is shown."""

    path: Path | Remote
    start: float


def mono_blocks(sound: FileSound) -> Iterator[np.ndarray]:
    """The sound as blocks of float32 samples (N,) in [-1, 1], `DEFAULT_RATE` a second, channels averaged.

    It begins with the first picture; damaged parts are left out.
    """
    resampler, before = av.AudioResampler("flt", "mono", DEFAULT_RATE), max(0, round(sound.start * DEFAULT_RATE))
    with open_container(sound.path) as container, suppress(FFmpegError):
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                samples = part.to_ndarray()[0]
                yield samples[before:]
                before = max(0, before - len(samples))


class Track(Protocol):
    """A stream of sound in a container that is being written."""

    def open(self, container: OutputContainer) -> None:
        """Add the stream, before anything is written."""

    def until(self, seconds: float) -> Iterator[av.Packet]:
        """The next packets, up to that time in the film."""

    def rest(self, seconds: float) -> Iterator[av.Packet]:
        """The last packets, up to the end of the film."""

    def close(self) -> None:
        """Let go of what is open."""


@dataclass
class FileTrack:
    """The best sound stream of a file: its packets as they are, or decoded and encoded again as AAC.

    What cannot be read is left out, and `notes` says so.
    """

    sound: FileSound
    notes: list[str] = field(default_factory=list)
    _input: InputContainer | None = field(default=None, init=False)
    _packets: Iterator[av.Packet] = field(default_factory=lambda: iter(()), init=False)
    _held: av.Packet | None = field(default=None, init=False)

    def open(self, container: OutputContainer) -> None:
        """Add a stream like the file's, or one of AAC."""
        self._input = open_container(self.sound.path)
        stream = self._input.streams.best("audio")
        assert isinstance(stream, AudioStream)
        if stream.codec_context.name in COPIED:
            self._packets = self._copied(stream, container.add_stream_from_template(stream))
        else:
            rate = stream.rate if stream.rate in AAC_RATES else DEFAULT_RATE
            encoder = container.add_stream("aac", rate=rate, layout=stream.layout.name)
            self._packets = self._encoded(stream, encoder)

    def until(self, seconds: float) -> Iterator[av.Packet]:
        """The next packets, up to that time in the film."""
        while (packet := self._held or self._next()) is not None:
            if packet.pts is not None and packet.pts * packet.time_base >= seconds:
                self._held = packet
                return
            self._held = None
            yield packet

    def rest(self, seconds: float) -> Iterator[av.Packet]:
        """The last packets, up to the end of the film."""
        return self.until(seconds)

    def close(self) -> None:
        """Close the file."""
        if self._input is not None:
            self._input.close()

    def _next(self) -> av.Packet | None:
        try:
            return next(self._packets, None)
        except FFmpegError as error:
            self.notes.append(f"the sound of {self.sound.path} is damaged or cut short: {error.strerror or error}")
            return None

    def _copied(self, stream: AudioStream, target: AudioStream) -> Iterator[av.Packet]:
        for packet in self._demuxed(stream):
            if packet.pts is None or packet.dts is None:
                continue
            shift = round(Fraction(self.sound.start) / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            # The packet that ends at the first picture stays: decoders of AAC need it to begin with.
            if packet.pts + (packet.duration or 0) >= 0:
                packet.stream = target
                yield packet

    def _encoded(self, stream: AudioStream, encoder: AudioStream) -> Iterator[av.Packet]:
        for packet in self._demuxed(stream, flush=True):
            for frame in stream.decode(packet):
                assert isinstance(frame, av.AudioFrame)
                if frame.pts is None or frame.time_base is None:
                    continue
                frame.pts -= round(Fraction(self.sound.start) / frame.time_base)
                if frame.pts * frame.time_base + Fraction(frame.samples, frame.sample_rate) > 0:
                    yield from encoder.encode(frame)
        yield from encoder.encode(None)

    def _demuxed(self, stream: AudioStream, *, flush: bool = False) -> Iterator[av.Packet]:
        assert self._input is not None
        return (packet for packet in self._input.demux(stream) if flush or packet.size)


class MadeTrack:
    """Sound that a pipeline makes, encoded as AAC or as samples. It is as long as what is fed, whatever the film is."""

    def __init__(self, channels: int, rate: int, codec: str = "aac") -> None:
        self._channels, self._rate, self._codec, self._samples = channels, rate, codec, 0
        self._waiting: list[av.AudioFrame] = []
        self._stream: AudioStream | None = None

    def open(self, container: OutputContainer) -> None:
        """Add a stream of the codec."""
        rate = DEFAULT_RATE if self._codec == "aac" and self._rate not in AAC_RATES else self._rate
        stream = container.add_stream(self._codec, rate=rate, layout=_LAYOUTS[self._channels])
        assert isinstance(stream, AudioStream)
        self._stream = stream

    def feed(self, samples: np.ndarray) -> None:
        """More of it, float32 (channels, N) in [-1, 1]."""
        self._waiting.append(audio_frame(samples, self._rate, self._samples))
        self._samples += samples.shape[1]

    def until(self, seconds: float) -> Iterator[av.Packet]:
        """What was fed so far."""
        assert self._stream is not None
        waiting, self._waiting = self._waiting, []
        for frame in waiting:
            yield from self._stream.encode(frame)

    def rest(self, seconds: float) -> Iterator[av.Packet]:
        """What was fed, and what the encoder holds."""
        yield from self.until(math.inf)
        assert self._stream is not None
        yield from self._stream.encode(None)

    def close(self) -> None:
        """Nothing is open."""


def audio_frame(samples: np.ndarray, rate: int, position: int) -> av.AudioFrame:
    """float32 (channels, N) in [-1, 1] as a frame that begins at sample `position`."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=_LAYOUTS[len(samples)])
    frame.sample_rate, frame.pts, frame.time_base = rate, position, Fraction(1, rate)
    return frame

"""MP4 on its way to a staged file, with the sound beside its pictures. Importing this module imports no torch."""

from collections.abc import Iterable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import BinaryIO

import av
from av.container import OutputContainer

from scope.media.sound import Track
from scope.media.staging import StagedFile, WholeWrites


class FilmFile:
    """The index stands at the start (faststart). `track` is the film's sound, as long as its pictures at most."""

    def __init__(self, staging: StagedFile, track: Track | None) -> None:
        # PyAV leaves a file of its own open when writing the header fails.
        self._file = WholeWrites(staging.path, "wb")
        self._track = track
        self._container: OutputContainer | None = None

    def open(self) -> OutputContainer:
        """The container, for its stream of pictures; `begin` follows."""

        def reopen(*_: object) -> BinaryIO:
            """The file for reading, which faststart needs to move the frames behind the index."""
            return Path(self._file.name).open("rb")

        # As in decoding: an encoding thread must not wait for the interpreter in order to log.
        av.logging.set_level(None)
        self._container = av.open(self._file, "w", format="mp4", options={"movflags": "+faststart"}, io_open=reopen)
        return self._container

    def begin(self) -> None:
        """The stream of pictures is there; that of the sound comes behind it."""
        if self._track is not None and self._container is not None:
            self._track.open(self._container)

    def mux(self, packets: Iterable[av.Packet]) -> None:
        """Write packets."""
        if self._container is not None:
            for packet in packets:
                self._container.mux(packet)

    def reach(self, seconds: float) -> None:
        """Write the sound up to a time of the film."""
        if self._track is not None:
            self.mux(self._track.until(seconds))

    def end(self, seconds: float) -> None:
        """Write the rest of the sound, and the index."""
        if self._track is not None:
            self.mux(self._track.rest(seconds))
        self.drop()

    def drop(self) -> None:
        """Close what is open."""
        container, self._container = self._container, None
        with closing(self._file), closing(self._track) if self._track is not None else nullcontext():
            if container is not None:
                container.close()

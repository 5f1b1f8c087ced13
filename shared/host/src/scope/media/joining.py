"""Films of one encoding joined into one, packet by packet."""

from collections.abc import Iterable
from contextlib import closing, nullcontext
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from scope.media.decoding import open_container, video_stream
from scope.media.errors import MediaError
from scope.media.sink import Output
from scope.media.sound import Track
from scope.media.staging import StagedFile, WholeWrites
from scope.media.video_sink import open_mp4


class JoinedFilm(Output):
    """MP4 made of films that `VideoSink` has written at one rate and size: nothing is encoded again.

    `track` is the sound of the whole, as long as its pictures at most.
    """

    def __init__(self, target: Path, track: Track | None = None) -> None:
        staging = StagedFile(target)
        super().__init__(staging)
        self.frames = 0
        self._file = WholeWrites(staging.path, "wb")
        self._track = track
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._form: object = None
        self._end = 0
        self._delay = 0
        self._seconds = 0.0

    @property
    def written(self) -> str:
        """How many frames were written."""
        return f"{self.frames} frames"

    @property
    def is_empty(self) -> bool:
        """Whether there was no film."""
        return not self.frames

    def append(self, path: Path) -> None:
        """Add a film behind the others.

        Raises:
            MediaError: it cannot be read, is encoded otherwise than the first one, or the disk is full.
        """
        with self._writing(), open_container(path) as part:
            source = video_stream(part, path)
            self._match(source, path)
            start = self._end
            for packet in part.demux(source):
                if packet.pts is not None and packet.dts is not None and packet.duration:
                    self._end = max(self._end, start + packet.pts + packet.duration)
                    self._copy(packet, start)

    def _match(self, source: VideoStream, path: Path) -> None:
        form = (source.codec_context.extradata, source.time_base)
        if self._container is None:
            self._form, self._container = form, open_mp4(self._file)
            self._stream = self._container.add_stream_from_template(source)
            if self._track is not None:
                self._track.open(self._container)
        if form != self._form:
            raise MediaError(f"cannot join {path}: it is encoded otherwise than the parts before it")

    def _copy(self, packet: av.Packet, start: int) -> None:
        assert self._stream is not None
        assert packet.pts is not None
        assert packet.dts is not None
        assert packet.duration is not None
        if not self.frames:
            self._delay = -packet.dts
        # In even steps: films of a few frames are decoded with less delay than others.
        packet.pts, packet.dts = packet.pts + start, self.frames * packet.duration - self._delay
        at, self._seconds = float(packet.pts * packet.time_base), float(self._end * packet.time_base)
        packet.stream = self._stream
        self._mux([packet])
        self.frames += 1
        if self._track is not None:
            self._mux(self._track.until(at))

    def _mux(self, packets: Iterable[av.Packet]) -> None:
        assert self._container is not None
        for packet in packets:
            self._container.mux(packet)

    def _finish(self) -> None:
        if self._track is not None:
            self._mux(self._track.rest(self._seconds))
        self._drop()

    def _drop(self) -> None:
        container, self._container = self._container, None
        with closing(self._file), closing(self._track) if self._track is not None else nullcontext():
            if container is not None:
                container.close()

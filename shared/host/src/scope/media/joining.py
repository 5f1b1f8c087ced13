"""Films of one encoding joined into one, packet by packet."""

from pathlib import Path

import av
from av.video.stream import VideoStream

from scope.media.decoding import open_container, video_stream
from scope.media.errors import MediaError
from scope.media.film_file import FilmFile
from scope.media.sink import Output
from scope.media.sound import Track
from scope.media.staging import StagedFile


class JoinedFilm(Output):
    """MP4 made of films that `VideoSink` has written at one rate and size: nothing is encoded again.

    `track` is the sound of the whole, as long as its pictures at most.
    """

    def __init__(self, target: Path, track: Track | None = None) -> None:
        staging = StagedFile(target)
        super().__init__(staging)
        self.frames = 0
        self._film = FilmFile(staging, track)
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
        if self._stream is None:
            self._form, self._stream = form, self._film.open().add_stream_from_template(source)
            self._film.begin()
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
        self._film.mux([packet])
        self.frames += 1
        self._film.reach(at)

    def _finish(self) -> None:
        self._film.end(self._seconds)

    def _drop(self) -> None:
        self._film.drop()

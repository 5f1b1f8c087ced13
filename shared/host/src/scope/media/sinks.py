"""A sink for a file name."""

from fractions import Fraction
from pathlib import Path

from scope.media.errors import MediaError, cannot_create
from scope.media.numbered import Numbered
from scope.media.picture_sinks import LastPictureSink, SequenceSink
from scope.media.sink import Sink
from scope.media.sound import Track
from scope.media.sound_sink import SoundSink
from scope.media.staging import StagedFile, StagedSequence
from scope.media.video_sink import VideoSink

DEFAULT_QUALITY = 18


def open_sink(path: str | Path, *, rate: Fraction, quality: int = DEFAULT_QUALITY, track: Track | None = None) -> Sink:
    """A sink for what `path` names; the file appears, complete, when the sink closes.

    - `film.mp4`: H.264 at a constant `rate` and x264's constant rate factor `quality` (0 to 51, lower is better), with
      the sound of `track`.
    - `name_%04d.png`, or a folder (ending in `/`, or there already) for `frame_%06d.png` in it: each frame, from 0.
    - `picture.png`: the last frame.

    Raises:
        MediaError: an unknown ending, a folder that is missing or not writable, a sequence that is there already.
        ValueError: a rate that is not positive, a quality outside 0 to 51.
    """
    if rate <= 0 or not 0 <= quality <= 51:
        raise ValueError(f"expected a positive rate and a quality from 0 to 51, got {rate} and {quality}")
    try:
        return _open(str(path), Path(path), rate, quality, track)
    except OSError as error:
        raise cannot_create(Path(path), error) from error


def _open(name: str, target: Path, rate: Fraction, quality: int, track: Track | None) -> Sink:
    if name.endswith("/") or target.is_dir():
        return SequenceSink(StagedSequence(Numbered.in_folder(target)))
    ending = target.suffix.lower()
    if ending == ".png":
        numbered = Numbered.parse(name)
        return SequenceSink(StagedSequence(numbered)) if numbered else LastPictureSink(StagedFile(target))
    if ending == ".mp4":
        return VideoSink(StagedFile(target), rate, quality, track)
    raise MediaError(
        f"cannot write {name}: the ending {ending or '(none)'} is unknown; "
        "use .mp4, .png, name_%04d.png or a folder ending in /"
    )


def open_sound_sink(path: str | Path) -> SoundSink:
    """A sink for sound without pictures: `sound.wav` or `sound.mp4`.

    Raises:
        MediaError: another ending, or a folder that is missing or not writable.
    """
    target = Path(path)
    form = target.suffix.lower().removeprefix(".")
    if form not in ("wav", "mp4"):
        raise MediaError(f"cannot write {path}: there is only sound to write; use .wav or .mp4")
    try:
        return SoundSink(StagedFile(target), form)
    except OSError as error:
        raise cannot_create(target, error) from error

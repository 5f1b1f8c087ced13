"""Anything with pictures in it, by name: a video, a folder, a numbered sequence, a picture, the test pattern."""

from fractions import Fraction
from pathlib import Path

from scope.media.errors import MediaError
from scope.media.fit import Size
from scope.media.numbered import Numbered
from scope.media.pattern_source import open_test_pattern
from scope.media.picture_source import PICTURE_ENDINGS, open_sequence, open_still, pictures_in
from scope.media.remote import Remote
from scope.media.source import Source, limited, resampled
from scope.media.spans import WHOLE, Span
from scope.media.video_source import open_video

TEST_PATTERN_NAMES = ("testpattern", "test://")
DEFAULT_RATE = Fraction(30)


def open_source(
    spec: str | Path | Remote,
    *,
    size: Size | None = None,
    rate: Fraction | None = None,
    limit: int | None = None,
    span: Span = WHOLE,
) -> Source:
    """Open what `spec` names.

    - A video file: every frame once, at the file's own times. With `rate` it is resampled to that constant rate.
    - A video elsewhere, as a `Remote`: it is read where it lies.
    - A folder of pictures, or `name_%04d.png`: the pictures by number, at `rate` (30 without).
    - A picture: `limit` times, once without.
    - `testpattern` or `test://`: moving and deterministic, 640x360 without `size`, endless without `limit`.

    With `size` (width, height) each picture is scaled, in its own shape, until it covers that size, and what stands
    over is cropped evenly. `limit` is the largest number of pictures. With `span` only that part of a video file is read.

    Raises:
        MediaError: nothing to read there, in one sentence.
        ValueError: a size, rate or limit that is not positive.
    """
    _check_positive(size, rate, limit)
    try:
        source = (
            _open_video(spec, size, rate, span)
            if isinstance(spec, Remote)
            else _open(str(spec), size, rate, limit, span)
        )
    except OSError as error:
        raise MediaError(f"cannot read {spec}: {error.strerror or error}") from error
    return source if limit is None else limited(source, limit)


def _open(spec: str, size: Size | None, rate: Fraction | None, limit: int | None, span: Span) -> Source:
    path, still_rate = Path(spec), rate or DEFAULT_RATE
    if spec in TEST_PATTERN_NAMES:
        return open_test_pattern(size, still_rate)
    if path.is_dir():
        return open_sequence(pictures_in(path), size, still_rate)
    if not path.exists() and (numbered := Numbered.parse(spec)):
        return open_sequence(_numbered_files(numbered), size, still_rate)
    if not path.exists():
        raise MediaError(f"there is no file {spec}")
    if path.suffix.lower() in PICTURE_ENDINGS:
        return open_still(path, size, still_rate, limit)
    return _open_video(path, size, rate, span)


def _open_video(path: Path | Remote, size: Size | None, rate: Fraction | None, span: Span) -> Source:
    video = open_video(path, size, span)
    return video if rate is None else resampled(video, rate)


def _numbered_files(numbered: Numbered) -> list[Path]:
    files = numbered.files()
    if not files:
        raise MediaError(f"there is no file named like {numbered}")
    return files


def _check_positive(size: Size | None, rate: Fraction | None, limit: int | None) -> None:
    for name, values in (("size", size), ("rate", (rate,)), ("limit", (limit,))):
        if any(value is not None and value <= 0 for value in values or ()):
            raise ValueError(f"{name} must be positive, got {values}")

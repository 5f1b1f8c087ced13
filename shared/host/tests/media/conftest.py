"""Footage that the tests make themselves."""

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from av.video.stream import VideoStream

from scope.media import open_sink
from scope.media.sinks import DEFAULT_QUALITY


@pytest.fixture
def encode_video(tmp_path: Path) -> Callable[..., Path]:
    """Encodes frames given in the codec's own pixel format (what av.VideoFrame.from_ndarray takes) and tags them."""

    def encode(
        frames: Sequence[av.VideoFrame],
        *,
        name: str = "clip.mkv",
        codec: str = "ffv1",
        rate: Fraction = Fraction(25),
        times: Sequence[int] | None = None,
        aspect: Fraction | None = None,
    ) -> Path:
        """`times` are presentation times in milliseconds; without them the rate is constant."""
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=rate)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height = frames[0].width, frames[0].height
            stream.pix_fmt = frames[0].format.name
            context = stream.codec_context
            context.colorspace, context.color_range = frames[0].colorspace, frames[0].color_range
            context.time_base = 1 / rate if times is None else Fraction(1, 1000)
            if aspect is not None:
                context.sample_aspect_ratio = aspect
            for index, frame in enumerate(frames):
                frame.pts = index if times is None else times[index]
                frame.time_base = context.time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return encode


@pytest.fixture
def rgb_frames() -> Callable[..., list[av.VideoFrame]]:
    """Flat frames, bgr0: frame k is (40 k, 255 - 40 k, 7), so that each tells which it is."""

    def make(count: int, size: tuple[int, int] = (32, 24)) -> list[av.VideoFrame]:
        pictures = [np.full((size[1], size[0], 3), (40 * k, 255 - 40 * k, 7), np.uint8) for k in range(count)]
        return [av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="bgr0") for picture in pictures]

    return make


@pytest.fixture
def set_display_matrix() -> Callable[..., None]:
    """Overwrites the matrix in an MP4's track header (ISO/IEC 14496-12, 8.3.2)."""

    def patch(path: Path, a: int, b: int, c: int, d: int) -> None:
        data = bytearray(path.read_bytes())
        start = data.index(b"tkhd") + 4 + 40
        data[start : start + 36] = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
        path.write_bytes(data)

    return patch


@pytest.fixture
def noise() -> Callable[..., torch.Tensor]:
    """Frames (T, H, W, 3), uint8, that no encoder can make small."""

    def make(count: int, size: tuple[int, int] = (64, 48), seed: int = 0) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(0, 256, (count, size[1], size[0], 3), dtype=torch.uint8, generator=generator)

    return make


@pytest.fixture
def names_in() -> Callable[[Path], list[str]]:
    """The names of everything in a folder, hidden files too."""
    return lambda folder: sorted(path.name for path in folder.iterdir())


@pytest.fixture
def render() -> Callable[..., Path]:
    """Writes frames through a sink, then raises `interruption` inside its block if one is given."""

    def write(
        path: Path | str,
        *batches: torch.Tensor,
        rate: Fraction = Fraction(25),
        quality: int = DEFAULT_QUALITY,
        interruption: BaseException | None = None,
    ) -> Path:
        with open_sink(path, rate=rate, quality=quality) as sink:
            for frames in batches:
                sink.write(frames)
            if interruption is not None:
                raise interruption
        return Path(path)

    return write


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 200 KiB; mounting one needs root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("SKIPPED: a full disk can be had only where a tmpfs may be mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def ffprobe() -> Callable[[Path], dict[str, str]]:
    """What ffprobe says of the first video stream, with the frames counted."""
    if shutil.which("ffprobe") is None:
        pytest.skip("SKIPPED: ffprobe is not on this machine")

    def probe(path: Path) -> dict[str, str]:
        command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_streams", str(path)]
        output = subprocess.run(command, capture_output=True, text=True, check=True)
        assert not output.stderr
        return dict(line.split("=", 1) for line in output.stdout.splitlines() if "=" in line)

    return probe

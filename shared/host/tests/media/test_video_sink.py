import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope.media import MediaError, open_sink, open_source, sample_clip
from scope.media.sink import as_uint8

RATE = Fraction(25)


def flat(color: tuple[float, ...], size: tuple[int, int] = (64, 48), count: int = 1) -> torch.Tensor:
    return torch.tensor(color).expand(count, size[1], size[0], 3)


def read(path: Path) -> torch.Tensor:
    return torch.stack([picture.pixels for picture in open_source(path)])


def test_as_many_frames_come_back_as_went_in(tmp_path, noise, render):
    path = render(tmp_path / "film.mp4", noise(3), noise(0), noise(5), noise(1))
    source = open_source(path)
    assert len(list(source)) == 9
    assert (source.rate, source.width, source.height, source.count) == (RATE, 64, 48, 9)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(15, 2), Fraction(1)])
def test_ffprobe_finds_a_tagged_constant_rate_film(tmp_path, noise, ffprobe, rate, render):
    found = ffprobe(render(tmp_path / "film.mp4", noise(7), rate=rate))
    assert (found["codec_name"], found["pix_fmt"], found["nb_read_frames"]) == ("h264", "yuv420p", "7")
    assert Fraction(found["avg_frame_rate"]) == Fraction(found["r_frame_rate"]) == rate
    assert float(found["duration"]) == pytest.approx(float(7 / rate), abs=1e-4)
    assert float(found["start_time"]) == 0
    assert found["color_range"] == "tv"
    assert {found[f"color_{name}"] for name in ("space", "transfer", "primaries")} == {"bt709"}


def test_the_index_comes_before_the_frames(tmp_path, noise, render):
    data = render(tmp_path / "film.mp4", noise(3)).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("color", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0), (0.8, 0.4, 0.2), (0.5,) * 3])
def test_colours_survive_the_round_trip(tmp_path, color, render):
    pixels = read(render(tmp_path / "film.mp4", flat(color).float())).float()
    assert (pixels - flat(color) * 255).abs().max() <= 2.5


def test_real_footage_survives_the_round_trip(tmp_path, render):
    with open_source(sample_clip(), limit=20) as source:
        original = torch.stack([picture.pixels for picture in source])
    error = read(render(tmp_path / "film.mp4", original, rate=source.rate)).float() - original
    assert error.square().mean().sqrt() < 4
    assert error.mean().abs() < 0.5


def test_a_better_quality_is_a_larger_file_nearer_to_the_original(tmp_path, render):
    with open_source(sample_clip(), limit=5) as source:
        original = torch.stack([picture.pixels for picture in source])
    fine, coarse = (render(tmp_path / f"{q}.mp4", original, quality=q) for q in (10, 40))
    assert fine.stat().st_size > 4 * coarse.stat().st_size
    errors = [(read(path).float() - original).abs().mean() for path in (fine, coarse)]
    assert errors[0] < errors[1] / 2


@pytest.mark.parametrize(("size", "stored"), [((33, 25), (34, 26)), ((33, 24), (34, 24)), ((1, 1), (2, 2))])
def test_an_odd_side_grows_by_a_copy_of_the_edge(tmp_path, size, stored, render):
    pixels = read(render(tmp_path / "film.mp4", flat((0.2, 0.6, 0.9), size))).float()
    assert pixels.shape == (1, stored[1], stored[0], 3)
    assert (pixels - torch.tensor((51.0, 153.0, 229.5))).abs().max() <= 3


def test_a_new_size_in_mid_stream_is_fitted_to_the_first(tmp_path, render):
    sizes = [(64, 48), (200, 30), (16, 90), (64, 48)]
    path = render(tmp_path / "film.mp4", *(flat((0.2, 0.6, 0.9), size) for size in sizes))
    pixels = read(path).float()
    assert pixels.shape == (4, 48, 64, 3)
    assert (pixels - torch.tensor((51.0, 153.0, 229.5))).abs().max() <= 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_floats_are_rounded_and_clamped_and_nan_is_black(dtype):
    values = torch.tensor([float("nan"), float("inf"), float("-inf"), -0.5, 2.0, 0.5], dtype=dtype)
    frames = values[:, None, None, None].expand(6, 2, 2, 3)
    assert as_uint8(frames)[:, 0, 0, 0].tolist() == [0, 255, 0, 0, 255, 128]


@given(value=st.integers(0, 255))
def test_every_uint8_value_survives_as_a_float(value):
    frames = torch.full((1, 2, 2, 3), value / 255)
    assert (as_uint8(frames) == value).all()


def test_frames_that_need_gradients_or_are_views_can_be_written(tmp_path, noise, render):
    frames = (noise(4).float() / 255).requires_grad_()
    path = render(tmp_path / "film.mp4", frames.flip(2)[::2], frames.transpose(1, 2).transpose(1, 2))
    assert len(read(path)) == 6


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (torch.zeros(48, 64, 3), r"expected frames of shape \(T, H, W, 3\), got \(48, 64, 3\)"),
        (torch.zeros(1, 48, 64, 4), r"got \(1, 48, 64, 4\)"),
        (torch.zeros(1, 3, 48, 64), r"got \(1, 3, 48, 64\)"),
        (torch.zeros(1, 0, 64, 3), r"got \(1, 0, 64, 3\)"),
        (torch.zeros(1, 48, 64, 3, dtype=torch.int32), r"expected float or uint8 frames, got torch\.int32"),
    ],
)
def test_other_shapes_and_types_are_refused_and_the_film_can_go_on(tmp_path, noise, frames, message):
    with open_sink(tmp_path / "film.mp4", rate=RATE) as sink:
        sink.write(noise(1))
        with pytest.raises(ValueError, match=message):
            sink.write(frames)
        sink.write(noise(1))
    assert sink.frames == 2
    assert len(read(sink.path)) == 2


def test_nothing_has_the_name_until_the_film_is_complete(tmp_path, noise, names_in):
    target = tmp_path / "film.mp4"
    target.write_bytes(b"what was there before")
    with open_sink(target, rate=RATE) as sink:
        sink.write(noise(3))
        assert target.read_bytes() == b"what was there before"
    assert len(read(target)) == 3
    assert names_in(tmp_path) == ["film.mp4"]


@pytest.mark.parametrize("interruption", [RuntimeError(), KeyboardInterrupt(), SystemExit(), GeneratorExit()], ids=repr)
@pytest.mark.parametrize("frames", [0, 3, 60])
def test_an_interruption_leaves_what_was_there_before(tmp_path, noise, names_in, render, interruption, frames):
    target = tmp_path / "film.mp4"
    target.write_bytes(b"what was there before")
    with pytest.raises(type(interruption)):
        render(target, noise(frames), interruption=interruption)
    assert target.read_bytes() == b"what was there before"
    assert names_in(tmp_path) == ["film.mp4"]


def test_a_film_without_frames_is_an_error_and_leaves_nothing(tmp_path, names_in, render):
    with pytest.raises(MediaError, match=r"nothing came to write to .*film\.mp4"):
        render(tmp_path / "film.mp4")
    assert names_in(tmp_path) == []


def test_closing_twice_is_harmless_and_writing_after_it_is_not(tmp_path, noise):
    sink = open_sink(tmp_path / "film.mp4", rate=RATE)
    sink.write(noise(1))
    sink.close()
    sink.close()
    sink.abort()
    with pytest.raises(ValueError, match="is closed"):
        sink.write(noise(1))
    assert len(read(tmp_path / "film.mp4")) == 1


def test_a_link_stays_a_link_to_the_new_film(tmp_path, noise, render):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.mp4"
    link.symlink_to(tmp_path / "real" / "film.mp4")
    render(link, noise(2))
    assert link.is_symlink()
    assert len(read(tmp_path / "real" / "film.mp4")) == 2


def test_the_film_gets_the_usual_permissions(tmp_path, noise, render):
    (tmp_path / "usual").touch()
    path = render(tmp_path / "film.mp4", noise(1))
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


@pytest.mark.parametrize("ending", [".mp4", ".png"])
def test_a_missing_folder_is_one_sentence(tmp_path, ending):
    with pytest.raises(MediaError, match=r"cannot write .*film\.\w+: the folder .*missing does not exist"):
        open_sink(tmp_path / "missing" / f"film{ending}", rate=RATE)


def test_a_file_for_a_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MediaError, match=r"the folder .*file does not exist"):
        open_sink(tmp_path / "file" / "film.mp4", rate=RATE)


@contextmanager
def without_root() -> Generator[None]:
    """Root may write anywhere; as nobody the real answer of the file system comes."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", ["film.mp4", "frame_%04d.png", "last.png"])
def test_a_folder_that_is_not_writable_is_one_sentence(tmp_path, name):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    with without_root(), pytest.raises(MediaError, match=r"cannot write .*: the folder .*locked is not writable"):
        open_sink(folder / name, rate=RATE)


@pytest.mark.parametrize("name", ["film.avi", "film", "film.mp4.txt", "film.jpeg"])
def test_an_unknown_ending_names_those_known(tmp_path, name, names_in):
    with pytest.raises(MediaError, match=r"the ending .* is unknown; use \.mp4, \.png, name_%04d\.png or a folder"):
        open_sink(tmp_path / name, rate=RATE)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("options", [{"rate": Fraction(0)}, {"quality": -1}, {"quality": 52}], ids=str)
def test_rate_and_quality_must_be_in_range(tmp_path, render, options):
    with pytest.raises(ValueError, match="expected a positive rate and a quality from 0 to 51"):
        render(tmp_path / "film.mp4", **options)

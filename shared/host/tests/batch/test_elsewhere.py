"""Batches whose clips and films lie in a store: in memory always; in S3 where `s3fs` and `moto[server]` are installed.

uv run --with s3fs --with 'moto[server]' pytest shared/host/tests/batch/test_elsewhere.py
"""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import fsspec
import pytest

from scope.batch.manifest import Manifest
from scope.batch.plan import Options, Variation, jobs_of
from scope.batch.report import write_sheet
from scope.batch.run import Outcome, batch_folder, run
from scope.batch.stores import matching

SETUP = {"scope": 1, "stages": [{"id": "moody", "pipeline": "moody-test"}]}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A bucket of a server on this machine."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patched.setenv(name, "any")
        fsspec.filesystem("s3").mkdir("films")
        yield "s3://films"
    server.stop()


@pytest.fixture(params=["memory", "s3"])
def store(request) -> str:
    """A folder by URL."""
    root = "memory://" if request.param == "memory" else f"{request.getfixturevalue('s3')}/"
    return f"{root}{uuid.uuid4().hex}"


def files(url: str) -> list[str]:
    """The names of everything below a URL, asked anew."""
    found, path = fsspec.core.url_to_fs(url)
    found.invalidate_cache()
    return sorted(name.rsplit("/", 1)[-1] for name in found.find(path))


@pytest.fixture
def batch(store, clip, plugin, tmp_path, inline) -> Any:
    """`batch()` renders what lies in the store's `in` to its `out`."""
    for name in ("one.mp4", "two.mp4"):
        with fsspec.open(f"{store}/in/{name}", "wb") as file:
            file.write(clip(name, 0.5).read_bytes())

    def render() -> Outcome:
        with batch_folder(tmp_path / "memory", f"{store}/out") as folder:
            jobs = jobs_of(matching(f"{store}/in/*.mp4"), [Variation(SETUP)], f"{store}/out", Options())
            return run(jobs, inline(), folder, tries=1)

    return render


def test_films_in_a_store_are_made_once_and_again_when_they_or_their_clips_change(store, batch, clip, tmp_path):
    assert batch().done == ["one.mp4", "two.mp4"]
    assert files(f"{store}/out") == ["one.mp4", "two.mp4"]
    assert batch().skipped == ["one.mp4", "two.mp4"]
    fsspec.core.url_to_fs(store)[0].rm(f"{store}/out/one.mp4")
    with fsspec.open(f"{store}/in/two.mp4", "wb") as file:
        file.write(clip("two.mp4", 0.6, frames=5).read_bytes())
    assert batch().done == ["one.mp4", "two.mp4"]
    assert files(f"{store}/out") == ["one.mp4", "two.mp4"]
    assert [entry.frames for entry in Manifest(tmp_path / "memory").done().values()] == [3, 5]
    assert write_sheet(tmp_path / "memory", Manifest(tmp_path / "memory").read()) is not None


def test_a_film_that_a_worker_left_half_in_a_store_goes_with_the_next_run(store, batch):
    if store.startswith("s3"):
        pytest.skip("an object appears with its last byte")
    half = f"{store}/out/.one.mp4.0a1b2c3d.part"
    with fsspec.open(half, "wb") as file:
        file.write(os.urandom(8))
    batch()
    assert files(f"{store}/out") == ["one.mp4", "two.mp4"]

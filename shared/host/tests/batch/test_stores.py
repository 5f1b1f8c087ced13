"""Inputs and outputs may lie anywhere that fsspec reaches."""

import uuid

import fsspec
import pytest

from scope.batch.stores import StoreError, delivered, fetched, matching


@pytest.fixture
def store():
    """A folder in fsspec's memory store, by URL."""
    return f"memory://{uuid.uuid4().hex}"


def test_a_pattern_names_files_here_and_elsewhere(tmp_path, store):
    for name in ("b/two.mp4", "one.mp4", "b/text.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        fsspec.filesystem("memory").pipe(f"{store}/{name}", b"x")
    assert matching(f"{tmp_path}/**/*.mp4") == [f"{tmp_path}/b/two.mp4", f"{tmp_path}/one.mp4"]
    assert [place.rsplit("/", 1)[-1] for place in matching(f"{store}/**/*.mp4")] == ["two.mp4", "one.mp4"]


def test_a_pattern_that_names_nothing_is_one_sentence(tmp_path):
    with pytest.raises(StoreError, match=r"no file is named like .*nothing\*\.mp4"):
        matching(f"{tmp_path}/nothing*.mp4")


def test_what_lies_elsewhere_comes_and_goes_by_a_file_of_this_machine(store):
    with delivered(f"{store}/deep/film.mp4") as local:
        local.write_bytes(b"frames")
    with fetched(f"{store}/deep/film.mp4") as copy:
        assert copy.read_bytes() == b"frames"
    assert not copy.exists()
    assert not local.exists()
    assert [name for name in fsspec.filesystem("memory").find(store) if name.endswith(".part")] == []


def test_a_film_that_fails_is_not_delivered(store):
    def fail() -> None:
        with delivered(f"{store}/film.mp4") as local:
            local.write_bytes(b"half")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert not fsspec.filesystem("memory").exists(f"{store}/film.mp4")


def test_what_cannot_be_fetched_is_one_sentence(store):
    with pytest.raises(StoreError, match=f"cannot fetch {store}/none.mp4: "), fetched(f"{store}/none.mp4"):
        pass


def test_an_unknown_kind_of_url_is_one_sentence():
    with pytest.raises(StoreError, match=r"cannot reach nowhere://x/y.*: .*nowhere"):
        matching("nowhere://x/y*")

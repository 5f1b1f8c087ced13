"""What a batch remembers: done is done once, what changed is done again, what fails is tried so often."""

import json
import os

import pytest

from scope.batch.manifest import Entry, Manifest
from scope.batch.pending import pending
from scope.batch.plan import Job, Options, Variation, jobs_of
from scope.batch.run import BatchError, batch_folder, run

SETUP = {"scope": 1, "stages": [{"id": "a", "pipeline": "dim"}]}


def jobs(folder, *names, place=None):
    return [Job(name, SETUP, f"{folder}/{name}", place) for name in names]


def test_a_second_run_does_nothing_again(tmp_path, scripted):
    wanted = jobs(tmp_path, "a.mp4", "b.mp4")
    first = run(wanted, scripted(), tmp_path, tries=1)
    crew = scripted()
    second = run(wanted, crew, tmp_path, tries=1)
    assert (first.done, first.frames, second.done, second.skipped) == (["a.mp4", "b.mp4"], 20, [], ["a.mp4", "b.mp4"])
    assert crew.given == []
    assert crew.closed


def test_a_film_that_is_gone_or_was_asked_for_otherwise_is_made_again(tmp_path, scripted):
    wanted = jobs(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    run(wanted, scripted(), tmp_path, tries=1)
    (tmp_path / "a.mp4").unlink()
    wanted[1] = Job("b.mp4", {**SETUP, "name": "other"}, wanted[1].output)
    assert [job.name for job in pending(wanted, Manifest(tmp_path))] == ["a.mp4", "b.mp4"]


def test_a_clip_that_changed_is_rendered_again(tmp_path, scripted):
    clip = tmp_path / "in.mov"
    clip.write_bytes(b"one")
    wanted = jobs(tmp_path, "a.mp4", place=str(clip))
    os.utime(clip, (1, 1))
    run(wanted, scripted(), tmp_path, tries=1)
    assert pending(wanted, Manifest(tmp_path)) == []
    clip.write_bytes(b"two")
    assert pending(wanted, Manifest(tmp_path)) == wanted


def test_what_fails_is_tried_again_at_the_end_and_alone_fails_at_last(tmp_path, scripted):
    crew = scripted({"a.mp4": ["x", "y", "z", "too often"], "b.mp4": ["once"]})
    outcome = run(jobs(tmp_path, "a.mp4", "b.mp4", "c.mp4"), crew, tmp_path, tries=3)
    assert crew.given == ["a.mp4", "b.mp4", "c.mp4", "a.mp4", "b.mp4", "a.mp4"]
    assert (outcome.done, outcome.failed) == (["c.mp4", "b.mp4"], {"a.mp4": "z"})
    told = [(e.job, e.state, e.attempt) for e in Manifest(tmp_path).read()]
    assert told == [
        ("a.mp4", "failed", 1),
        ("b.mp4", "failed", 1),
        ("c.mp4", "done", 1),
        ("a.mp4", "failed", 2),
        ("b.mp4", "done", 2),
        ("a.mp4", "failed", 3),
    ]


def test_a_manifest_that_cannot_be_written_stops_the_batch_in_one_sentence(tmp_path, scripted):
    def spoil(_event):
        (tmp_path / "manifest.jsonl").mkdir(exist_ok=True)

    crew = scripted()
    with pytest.raises(BatchError, match=r"cannot write to .*manifest\.jsonl: Is a directory"):
        run(jobs(tmp_path, "a.mp4", "b.mp4"), crew, tmp_path, tries=1, watch=spoil)
    assert (crew.given, crew.closed) == (["a.mp4"], True)


@pytest.mark.usefixtures("plugin")
def test_a_full_disk_costs_only_films_and_the_next_run_makes_them(full_disk, noise, inline):
    setup, out = {"scope": 1, "stages": [{"id": "moody", "pipeline": "moody-test"}]}, full_disk.parent / "out"
    clips = [str(noise(name)) for name in ("a.mp4", "b.mp4")]
    wanted = jobs_of(clips, [Variation(setup)], str(out), Options())
    with batch_folder(out):
        outcome = run(wanted, inline(), out, tries=2)
    assert outcome.done == []
    assert outcome.failed.keys() == {"a.mp4", "b.mp4"}
    assert all("the disk is full" in error for error in outcome.failed.values())
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == ["lock", "manifest.jsonl"]
    full_disk.unlink()
    with batch_folder(out):
        assert run(wanted, inline(), out, tries=1).done == ["a.mp4", "b.mp4"]


def test_one_driver_at_a_time(tmp_path):
    with (
        batch_folder(tmp_path / "out"),
        pytest.raises(BatchError, match="another batch is writing to"),
        batch_folder(tmp_path / "out"),
    ):
        pass


def test_partial_films_of_an_earlier_run_are_removed(tmp_path):
    part = tmp_path / "out" / "a" / ".film.mp4.12ab.part"
    part.parent.mkdir(parents=True)
    part.write_text("half")
    with batch_folder(tmp_path / "out"):
        assert not part.exists()


def test_a_line_cut_short_by_a_crash_costs_only_itself(tmp_path):
    manifest = Manifest(tmp_path)
    entries = [Entry(f"{n}.mp4", "k", "done", 1, "w", "2026-01-01T00:00:00+00:00") for n in "abc"]
    manifest.add(entries[0])
    manifest.add(entries[1])
    manifest.path.write_bytes(manifest.path.read_bytes()[:-20])
    manifest.add(entries[2])
    assert [entry.job for entry in manifest.read()] == ["a.mp4", "c.mp4"]
    assert all(json.loads(line) for line in manifest.path.read_text().splitlines()[::2])

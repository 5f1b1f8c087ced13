"""What a batch will take: counted frames, and the time of films that were rendered."""

import uuid

import fsspec
import pytest

from scope.batch.crew import Seat
from scope.batch.estimate import costs_of, frame_counts
from scope.batch.manifest import Entry
from scope.batch.plan import Job, Options
from scope.batch.report import latest
from scope.batch.run import run

SETUP = {"scope": 1, "stages": [{"id": "moody", "pipeline": "moody-test"}]}


def entry(name, **told):
    return Entry(name, "key", "done", 1, "w", "2026-01-01T00:00:00+00:00", **told)


def test_clips_here_and_elsewhere_are_counted_and_what_cannot_be_read_is_not(clip, tmp_path):
    here, url = clip("a.mp4", 0.5, frames=7), f"memory://{uuid.uuid4().hex}/a.mp4"
    fsspec.filesystem("memory").put_file(str(here), url)
    (tmp_path / "bad.mp4").write_text("no film")
    places = [str(here), url, str(tmp_path / "bad.mp4"), f"{url}.none"]
    assert frame_counts([Job("x", SETUP, "out/x.mp4", place) for place in places]) == [7, 7, None, None]
    assert frame_counts([Job("x", SETUP, "out/x.mp4", url, Options(seconds=0.2))]) == [2]


def test_films_that_were_rendered_say_what_others_take():
    films = [
        entry(f"{n}.mp4", frames=100, seconds=2.0 + loading, loading=loading) for n, loading in enumerate((5, 1, 1))
    ]
    costs, known_from = costs_of(
        [*films, entry("joined.mp4", frames=9, seconds=9.0, parts=3)], Job("x", SETUP, "x"), Seat(None, 1), 3.0
    )
    assert known_from == "3 films rendered before"
    assert (costs.start, costs.overhead, costs.frame) == (3.0 + 4.0, 1.0, pytest.approx(0.02))
    assert costs.seconds(films=10, frames=50, workers=2) == pytest.approx(7.0 + 5 * 2.0)


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_without_them_the_beginning_of_a_film_is_rendered(clip, is_elsewhere):
    place, waves = (
        str(clip("a.mp4", 0.5, frames=30)),
        [{"wave": "audio", "stage": "moody", "field": "level", "depth": 0.1, "band": "low"}],
    )
    if is_elsewhere:
        place, here = f"memory://{uuid.uuid4().hex}/a.mp4", place
        fsspec.filesystem("memory").put_file(here, place)
    costs, known_from = costs_of([], Job("x", SETUP | {"modulation": waves}, "out/x.mp4", place), Seat(None, 1), 3.0)
    assert known_from == "24 frames rendered now"
    assert costs.start > 3.0
    assert 0 < costs.frame < 1.0


def test_a_report_is_in_the_order_that_people_count_in(tmp_path, scripted):
    names = ["film-10.mp4", "film-2.mp4", "level-0.5.mp4", "level-0.mp4"]
    run([Job(name, SETUP, f"{tmp_path}/{name}") for name in names], scripted(), tmp_path, tries=1)
    assert [one.job for one in latest(tmp_path)] == ["film-2.mp4", "film-10.mp4", "level-0.mp4", "level-0.5.mp4"]

"""The benchmark measures what it says it does."""

import json

import pytest

from scope.batch.bench import Measured, options, run
from scope.batch.scaling import Costs
from scope.cli.words import fill_address


@pytest.mark.usefixtures("plugin")
def test_every_way_of_working_renders_every_frame(tmp_path, capfd):
    arguments = ["--pipeline", "moody-test", "--jobs", "2", "--frames", "3", "--workers", "1"]
    assert run([*arguments, "--json", str(tmp_path / "b.json")]) == 0
    told = json.loads((tmp_path / "b.json").read_text())
    assert [(one["who"], one["films"], one["frames"]) for one in told["measured"]] == [
        ("plain", 2, 6),
        ("1 worker", 2, 6),
    ]
    assert all(one["speed"] > 0 for one in told["measured"])
    printed = capfd.readouterr().out
    assert "2 clips of 3 frames, 640x360, moody-test" in printed
    assert "on paper, from 1 worker: 100 nodes" in printed
    assert told["on_paper"]["minutes"] < told["on_paper"]["minutes_alone"]


def test_many_workers_share_the_films_until_the_driver_is_the_limit():
    costs = Costs(start=10.0, overhead=0.5, frame=0.01, driver=0.003)
    assert costs.film(250) == pytest.approx(3.0)
    assert costs.seconds(films=1000, frames=250, workers=100) == pytest.approx(10 + 30)
    assert costs.most_workers(250) == 1000
    assert costs.seconds(films=1000, frames=250, workers=5000) == pytest.approx(10 + 3)


def test_what_a_worker_takes_for_a_frame_is_without_the_overhead_of_its_films():
    measured = Measured("two", workers=2, films=4, frames=100, speed=50.0, start=1.0, overhead=0.5)
    assert measured.costs(driver=0.1) == Costs(start=1.0, overhead=0.5, frame=0.02, driver=0.1)


def test_ray_may_be_asked_for_with_and_without_an_address():
    told = [options().parse_args(fill_address(words)).ray for words in ([], ["--ray"], ["--ray", "head:6379"])]
    assert told == [None, "", "head:6379"]

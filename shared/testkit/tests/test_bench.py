"""The benchmark of plugins: rows that exist, a table, and figures with all they depend on."""

import json
import mmap

import pytest
import torch

from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope_testkit.bench import command
from scope_testkit.bench.measure import Subject, measure
from scope_testkit.bench.peers import peers
from scope_testkit.bench.report import table
from scope_testkit.bench.rows import ROWS


def test_it_prints_a_table_and_writes_json(tmp_path, capsys):
    path = tmp_path / "figures.json"
    assert command.run(["--size", "96x64", "--rounds", "2", "--only", "fx: bloom", "--json", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "fx: bloom" in printed
    assert "size 96x64" in printed
    figures = json.loads(path.read_text())
    assert [row["name"] for row in figures["rows"]] == [
        "clone of a float32 frame",
        "the same out of the cache",
        "fx: bloom",
    ]
    assert figures["rows"][0]["clones"] == 1.0
    assert figures["conditions"]["versions"]["torch"]


def test_a_size_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.run(["--size", "big"])
    assert "expected WxH such as 1280x720, got 'big'" in capsys.readouterr().err


def test_every_row_names_controls_of_its_pipeline():
    registry = Registry()
    load_plugins(registry)
    for row in ROWS:
        pipeline = registry.get(row.pipeline)
        assert pipeline is not None
        assert set(row.call) <= set(pipeline.get_config_class().model_fields), row.name


def test_every_subject_is_run_once_a_round_in_turn():
    seen = []
    subjects = [Subject(name, lambda number, name=name: seen.append((number, name))) for name in "ab"]
    measure(subjects, 2, torch.device("cpu"))
    assert seen == [(number, name) for number in range(5) for name in "ab"]
    assert [len(subject.times) for subject in subjects] == [2, 2]


def test_a_cached_subject_has_just_run_when_it_is_measured():
    seen = []
    cached = Subject("b", lambda number: seen.append((number, "b")), cached=True)
    measure([Subject("a", lambda number: seen.append((number, "a"))), cached], 1, torch.device("cpu"))
    assert seen == [(number, name) for number in range(4) for name in "abb"]
    assert len(cached.times) == 1


def test_a_missed_target_is_marked():
    clone, slow = Subject("clone", print, times=[0.001]), Subject("slow", print, 3.0, times=[0.004, 0.005])
    assert "4.0     3.0      1.1       0    0.0  missed" in table([clone, slow], clone)
    assert "missed" not in table([clone, Subject("quick", print, 5.0, times=[0.004])], clone)


def test_a_frame_that_takes_three_times_the_median_is_marked():
    clone = Subject("clone", print, times=[0.001])
    assert "uneven" in table([Subject("late", print, times=[0.004, 0.004, 0.013])], clone)
    assert "uneven" not in table([Subject("even", print, times=[0.004, 0.004, 0.011])], clone)


def test_memory_that_is_kept_with_every_frame_is_counted_and_so_are_its_pages():
    kept = []

    def keep(_number):
        # Pages of the system's own: the allocator may have memory of earlier tests to give out again.
        kept.append(torch.frombuffer(mmap.mmap(-1, 40_000_000), dtype=torch.uint8).fill_(1))

    leak, none = Subject("leak", keep), Subject("none", lambda number: None)
    measure([leak, none], 4, torch.device("cpu"))
    assert leak.grown > 4 * 35_000_000
    assert leak.faults_a_frame > 1000 > none.faults_a_frame


@pytest.mark.parametrize(
    ("library", "name", "works"),
    [
        ("cv2", "OpenCV", ["canny", "canny of brightness", "blur"]),
        ("kornia", "kornia", ["canny of brightness", "blur"]),
    ],
)
def test_peers_do_the_same_work(library, name, works):
    pytest.importorskip(library)
    found = list(peers(torch.zeros(1, 64, 72, 3, dtype=torch.uint8), torch.device("cpu")))
    assert [subject.name for subject in found if name in subject.name] == [f"{name}: {work}" for work in works]
    for subject in found:
        subject.run(0)

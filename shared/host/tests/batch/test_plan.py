"""Every combination is a job with a name and a key of its own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from scope.batch.plan import Job, Options, Sweep, Variation, jobs_of, variations
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, ui_field_config
from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import Registry
from scope.runtime.graph import Graph
from scope.runtime.values import RefusedValueError


class DimConfig(BasePipelineConfig):
    pipeline_id = "dim"
    pipeline_name = "Dim"
    pipeline_description = "Darkens."
    modes = {"video": ModeDefaults(default=True)}
    level: float = Field(default=1.0, ge=0.0, le=1.0)
    size: str = Field(default="s", json_schema_extra=ui_field_config(is_load_param=True))


class Dim(Pipeline):
    @classmethod
    def get_config_class(cls):
        return DimConfig

    def __call__(self, **kwargs):
        return {}


SETUP = {
    "scope": 1,
    "source": {"kind": "pattern"},
    "stages": [
        {"id": "a", "pipeline": "dim", "values": {"level": 0.5}},
        {"id": "b", "pipeline": "dim", "role": "post"},
    ],
}


@pytest.fixture
def graph() -> Graph:
    registry = Registry()
    registry.register(Dim)
    return Graph.of_setup(registry, SETUP)


def test_sweeps_prompts_and_seeds_are_combined_the_last_one_fastest(graph):
    sweeps = [Sweep("a", "level", [0.0, 1], "level"), Sweep("b", "size", ["s"], "b.size")]
    varied = list(variations(SETUP, graph, sweeps, ["a fox", "an owl"], [7, 8]))
    assert [v.labels for v in varied][:3] == [
        ("level-0", "b.size-s", "prompt-1", "seed-7"),
        ("level-0", "b.size-s", "prompt-1", "seed-8"),
        ("level-0", "b.size-s", "prompt-2", "seed-7"),
    ]
    assert len(varied) == 8
    first, second = varied[-1].setup["stages"]
    assert (first["values"], first["load"]) == ({"level": 1.0}, {"base_seed": 8})
    assert second["load"] == {"size": "s", "base_seed": 8}
    assert varied[-1].setup["prompts"] == [{"text": "an owl", "weight": 1.0}]


def test_the_document_itself_is_not_changed_and_alone_it_is_one_job(graph):
    before = json.dumps(SETUP)
    list(variations(SETUP, graph, [Sweep("a", "level", [0.0], "level")], ["x"], [1]))
    assert json.dumps(SETUP) == before
    (only,) = variations(SETUP, graph, [], [], [])
    assert (only.setup, only.labels) == (SETUP, ())


def test_a_value_that_does_not_fit_is_known_before_anything_runs(graph):
    with pytest.raises(RefusedValueError, match="a: parameter 'level' expected a number from 0 to 1, got 2"):
        list(variations(SETUP, graph, [Sweep("a", "level", [0.5, 2], "level")], [], []))


def test_names_follow_the_folders_of_the_clips(graph):
    jobs = jobs_of(["clips/a/one.mp4", "clips/b/two.mov"], [Variation(SETUP)], "out", Options())
    assert [job.name for job in jobs] == ["a/one.mp4", "b/two.mp4"]
    assert jobs[0].output == "out/a/one.mp4"


def test_jobs_with_the_same_load_parameters_follow_each_other(graph):
    varied = list(variations(SETUP, graph, [], [], [1, 2]))
    jobs = jobs_of(["a.mp4", "b.mp4"], varied, "out", Options())
    assert [job.name for job in jobs] == ["a__seed-1.mp4", "b__seed-1.mp4", "a__seed-2.mp4", "b__seed-2.mp4"]


def test_clips_that_differ_in_their_ending_get_films_that_differ():
    jobs = jobs_of(["c/x.mp4", "c/x.mov", "c/y.mov"], [Variation(SETUP)], "out/", Options())
    assert [job.name for job in jobs] == ["x_mp4.mp4", "x_mov.mp4", "y.mp4"]


def test_without_clips_the_set_up_has_its_own_source():
    (job,) = jobs_of([], [Variation(SETUP, ("seed-1",))], "out", Options())
    assert (job.name, job.input) == ("film__seed-1.mp4", None)


def test_the_key_changes_with_what_the_film_depends_on():
    job = Job("x.mp4", SETUP, "out/x.mp4", "x.mov")
    others = [
        Job("x.mp4", {**SETUP, "name": "n"}, "out/x.mp4", "x.mov"),
        Job("x.mp4", SETUP, "out/x.mp4", "y.mov"),
        Job("x.mp4", SETUP, "out/x.mp4", "x.mov", Options(frames=3)),
    ]
    assert len({job.key, *(other.key for other in others)}) == 4
    assert Job("other.mp4", SETUP, "elsewhere/x.mp4", "x.mov").key == job.key


@given(
    frames=st.none() | st.integers(1, 99),
    size=st.none() | st.tuples(st.integers(1, 99), st.integers(1, 99)),
    place=st.none() | st.text(),
)
def test_a_job_survives_the_way_to_another_process(frames, size, place):
    job = Job("x.mp4", SETUP, "out/x.mp4", place, Options(frames=frames, size=size))
    assert Job.from_json(json.loads(json.dumps(job.to_json()))) == job


PATHS = st.lists(st.lists(st.sampled_from(["a", "b", "c.d"]), min_size=1, max_size=3), min_size=1, max_size=6)


@given(paths=PATHS, ending=st.lists(st.sampled_from([".mp4", ".mov", ""]), min_size=6, max_size=6))
def test_no_two_films_have_one_name(paths, ending):
    inputs = sorted({"/".join(path) + end for path, end in zip(paths, ending, strict=False)})
    names = [job.name for job in jobs_of(inputs, [Variation(SETUP)], "out", Options())]
    assert len(set(names)) == len(inputs)

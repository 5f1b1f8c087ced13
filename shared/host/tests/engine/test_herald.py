"""A load says how far it has come where the same one was done before."""

import math

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline
from scope.engine import events
from scope.engine.herald import Herald
from scope.engine.load_times import LoadTimes
from scope.runtime.faults import Fault, FaultLog, PipelineError
from scope.runtime.graph import Node


class SlowConfig(BasePipelineConfig):
    pipeline_id = "slow"
    pipeline_name = "Slow"
    pipeline_description = "Is never made here."
    modes = {"text": ModeDefaults(default=True)}


class Slow(Pipeline):
    @classmethod
    def get_config_class(cls):
        return SlowConfig


class Clock:
    """Stands until it is moved on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def node(**load):
    return Node("a", Slow, "main", "text", load=load)


def fault(kind):
    return Fault("a", kind, "here", "first", "last", 1, 0.0, 0.0)


def test_the_share_is_that_of_the_time_it_took_before_with_these_parameters(tmp_path):
    clock, path, said = Clock(), tmp_path / "base" / "times.json", []
    first = Herald(said.append, LoadTimes(path), clock)
    first.loading(node(size=1))
    first.tick()
    assert said == [events.Loading("a", "loads the pipeline", None)]
    clock.now = 20.0
    first.ready({"a": {}})
    said.clear()
    second = Herald(said.append, LoadTimes(path), clock)
    second.loading(node(size=1))
    for clock.now in (25.0, 60.0):
        second.tick()
    assert [event.share for event in said] == [0.0, 0.25, 0.95]
    assert said[0].step == "loads the pipeline, which took 20 seconds the last time"
    second.ready({"a": {}})
    second.tick()
    second.loading(node(size=2))
    assert said[-2:] == [events.Ready(("a",)), events.Loading("a", "loads the pipeline", None)]


def test_a_load_that_fails_says_nothing_of_how_long_one_takes(tmp_path):
    clock, times, said = Clock(), LoadTimes(tmp_path / "times.json"), []
    told = Herald(said.append, times, clock)
    told.loading(node())
    clock.now = 9.0
    told.fault(fault("load"), None)
    told.ready({})
    told.loading(node())
    assert said[-1].share is None


def test_a_damaged_file_of_times_is_begun_anew(tmp_path):
    path = tmp_path / "times.json"
    path.write_text('["no"]')
    times = LoadTimes(path)
    times.note("a", 2.0)
    times.note("b", 0.5)
    again = LoadTimes(path)
    assert (again.last("a"), again.last("b")) == (2.0, None)


def test_a_rest_without_an_end_is_said_in_a_number_that_json_has():
    said = []
    fault = FaultLog().note(PipelineError("fx", "ran out of GPU memory", "memory"))
    Herald(said.append, LoadTimes(None)).fault(fault, math.inf)
    assert said == [events.Fault("fx", "memory", "pipeline 'fx' ran out of GPU memory", 1, 0.0)]

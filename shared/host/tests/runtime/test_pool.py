"""Instances are lent to one borrower at a time and kept for the next."""

import pytest

from scope.core.pipelines.registry import Registry
from scope.runtime.faults import FaultLog, PipelineError
from scope.runtime.graph import Graph
from scope.runtime.offline import loaded
from scope.runtime.pool import Pool
from scope.runtime.stage import Conditions


def test_an_instance_is_lent_again_for_the_same_load_parameters_only(gain):
    pool = Pool()
    first = pool.lend(gain, {"height": 8, "width": 4})
    pool.give_back(first)
    assert pool.lend(gain, {"height": 16}) is not first
    assert pool.lend(gain, {"width": 4, "height": 8}) is first


def test_two_borrowers_get_two_instances(gain):
    pool = Pool()
    assert pool.lend(gain, {}) is not pool.lend(gain, {})


def test_what_is_dropped_or_unloaded_is_constructed_anew(gain):
    pool = Pool()
    one, two = pool.lend(gain, {}), pool.lend(gain, {})
    pool.drop(one)
    pool.give_back(two)
    assert pool.unload() == 1
    assert pool.lend(gain, {}) not in (one, two)


def test_of_too_many_the_one_that_has_waited_for_longest_goes(gain):
    pool = Pool(keep=2)
    lent = [pool.lend(gain, {"height": height}) for height in (1, 2, 3)]
    for pipeline in lent:
        pool.give_back(pipeline)
    assert [pool.lend(gain, {"height": height}) in lent for height in (1, 2, 3)] == [False, True, True]


def test_a_second_session_starts_the_state_of_a_used_instance_anew(gain, ramp):
    registry, pool = Registry(), Pool()
    registry.register(gain)
    starts = []
    for _ in range(2):
        graph = Graph.of_ids(registry, "gain", source=True)
        with loaded(graph, Conditions(10.0), pool, FaultLog()) as session:
            list(session.transform(ramp(2)))
            pipeline = session.stages[0].pipeline
            starts.append([call["init_cache"] for call in pipeline.calls])  # ty: ignore[missing-attribute]
    assert starts == [[True, False], [True, False, True, False]]


def test_an_instance_that_failed_is_not_lent_again(gain, ramp):
    registry, pool = Registry(), Pool()
    registry.register(gain)
    graph = Graph.of_ids(registry, "gain", source=True)
    graph.nodes[0].load["answer"] = lambda _: 1 / 0
    with pytest.raises(PipelineError), loaded(graph, Conditions(10.0), pool, FaultLog()) as session:
        list(session.transform(ramp(1)))
    assert pool.unload() == 0

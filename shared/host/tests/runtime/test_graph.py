"""Nodes with ids, roles and modes, from pipeline ids and from a set-up document."""

import pytest

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import Registry, UnknownPipelineError
from scope.runtime.graph import Graph, GraphError, node_ids
from scope.runtime.values import RefusedValueError


class DrawConfig(BasePipelineConfig):
    pipeline_id = "draw"
    pipeline_name = "Draw"
    pipeline_description = "Draws."
    modes = {"text": ModeDefaults(default=True, height=480), "video": ModeDefaults(noise_scale=0.7)}
    ink: float = 0.5


class Draw(Pipeline):
    @classmethod
    def get_config_class(cls):
        return DrawConfig

    def __call__(self, **kwargs):
        return {}


class TextConfig(DrawConfig):
    pipeline_id = "text-only"
    modes = {"text": ModeDefaults(default=True)}


class Text(Draw):
    @classmethod
    def get_config_class(cls):
        return TextConfig


@pytest.fixture
def registry(gain) -> Registry:
    registry = Registry()
    for pipeline in (gain, Draw, Text):
        registry.register(pipeline)
    return registry


def setup(*stages, kind="pattern", **rest):
    return {"scope": 1, "source": {"kind": kind}, "stages": list(stages), **rest}


def test_a_second_pipeline_of_a_kind_has_an_id_of_its_own(registry):
    graph = Graph.of_ids(registry, "gain", ["draw", "gain"], ["gain"], source=True)
    assert [(node.id, node.role) for node in graph] == [
        ("draw", "pre"),
        ("gain", "pre"),
        ("gain-2", "main"),
        ("gain-3", "post"),
    ]
    assert str(graph) == "draw > gain > gain-2 > gain-3"
    graph["gain-3"].set("gain", 2)
    assert [len(node.settings) for node in graph] == [0, 0, 0, 1]


def test_ids_count_every_kind_for_itself():
    assert list(node_ids(["a", "b", "a", "a"])) == ["a", "b", "a-2", "a-3"]


@pytest.mark.parametrize(
    ("source", "asked", "mode", "load"),
    [
        (False, None, "text", {"height": 480}),
        (True, None, "video", {"noise_scale": 0.7}),
        (True, "text", "text", {"height": 480}),
    ],
)
def test_the_mode_follows_the_source_unless_one_is_asked_for_and_brings_its_defaults(
    registry, source, asked, mode, load
):
    graph = Graph.of_ids(registry, "draw", mode=asked, source=source)
    assert (graph.nodes[0].mode, graph.nodes[0].load) == (mode, load)
    assert graph.is_generator == (mode == "text")


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (("draw", ["gain"], [], "text"), "a preprocessor needs a picture, and draw in text mode has none"),
        (("draw", [], ["text-only"], None), "text-only has no video mode, so it cannot stand before or after another"),
        (("gain", [], [], "audio"), "gain has no mode 'audio'; it has video and text"),
    ],
)
def test_pipelines_that_do_not_go_together_are_refused(registry, ids, message):
    main, pre, post, mode = ids
    with pytest.raises(GraphError, match=message):
        Graph.of_ids(registry, main, pre, post, mode=mode, source=True)


def test_a_bare_name_belongs_to_the_main_pipeline_or_to_the_only_one_that_has_it(registry):
    graph = Graph.of_ids(registry, "draw", ["gain"], source=True)
    assert (graph.owner("ink").id, graph.owner("gain").id, graph.owner("nowhere").id) == ("draw", "gain", "draw")
    with pytest.raises(
        GraphError, match=r"several pipelines have a parameter 'gain'; write gain\.gain or gain-2\.gain"
    ):
        Graph.of_ids(registry, "draw", ["gain"], ["gain"], source=True).owner("gain")


def test_an_unknown_node_is_refused_with_those_there_are(registry):
    with pytest.raises(GraphError, match=r"no pipeline 'fx' in this chain \(gain > gain-2\)"):
        Graph.of_ids(registry, "gain", post=["gain"], source=True)["fx"]


def test_a_document_gives_nodes_values_load_parameters_and_prompts(registry):
    graph = Graph.of_setup(
        registry,
        setup(
            {"id": "a", "pipeline": "gain", "role": "pre", "values": {"gain": 2}},
            {"id": "b", "pipeline": "draw", "load": {"height": 96}, "mode": "video"},
            {"id": "c", "pipeline": "gain", "role": "post", "on": False},
            prompts=[{"text": "a fox", "weight": 0.5}],
        ),
    )
    assert [(node.id, node.role, node.mode) for node in graph] == [("a", "pre", "video"), ("b", "main", "video")]
    assert [(s.name, s.value) for s in graph["a"].settings] == [("gain", 2.0)]
    assert [(s.name, s.value) for s in graph["b"].settings] == [
        ("prompt", "a fox"),
        ("prompts", [{"text": "a fox", "weight": 0.5}]),
    ]
    assert graph["b"].load == {"noise_scale": 0.7, "height": 96}


def test_a_document_may_have_no_main_pipeline(registry):
    graph = Graph.of_setup(registry, setup({"id": "a", "pipeline": "gain", "role": "post"}))
    assert (graph.main, graph.is_generator, graph.owner("gain").id) == (None, False, "a")


def test_a_document_without_a_source_is_a_generator(registry):
    assert Graph.of_setup(registry, setup({"id": "a", "pipeline": "draw"}, kind="none")).is_generator


def test_what_is_wrong_with_a_document_names_the_stage(registry):
    with pytest.raises(RefusedValueError, match="a: parameter 'gain' expected a number from 0 to 2, got 'loud'"):
        Graph.of_setup(registry, setup({"id": "a", "pipeline": "gain", "values": {"gain": "loud"}}))
    with pytest.raises(RefusedValueError, match="a: parameter 'height' expected a whole number of at least 1, got 0"):
        Graph.of_setup(registry, setup({"id": "a", "pipeline": "gain", "load": {"height": 0}}))
    with pytest.raises(UnknownPipelineError, match="did you mean 'gain'"):
        Graph.of_setup(registry, setup({"id": "a", "pipeline": "gian"}))
    with pytest.raises(GraphError, match="needs at least one pipeline that is on"):
        Graph.of_setup(registry, setup({"id": "a", "pipeline": "gain", "on": False}))


def test_load_parameters_for_all_reach_those_that_have_them(registry):
    graph = Graph.of_ids(registry, "draw", ["gain"], source=True)
    graph.load_everywhere({"width": 64, "ink": 1.0})
    assert [node.load for node in graph] == [{"width": 64}, {"noise_scale": 0.7, "width": 64, "ink": 1.0}]

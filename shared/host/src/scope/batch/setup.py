"""A film from a set-up document: what was found live is rendered again offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from scope.batch.film import Film
from scope.control.bands import Track
from scope.control.fields import defaults_of, is_whole
from scope.control.modulation import Modulator, laid_over, number_fields, silence
from scope.control.tempo import Tempo, tempo_at
from scope.control.timeline import end_of, film_at, steps, tempos
from scope.core.config import get_assets_dir
from scope.core.pipelines.registry import Registry
from scope.media import MediaError, open_source, sample_clip
from scope.media.remote import Remote
from scope.media.sound import DEFAULT_RATE, mono_blocks
from scope.runtime.graph import Graph, GraphError
from scope.runtime.prompts import prompt_values

Setup = Mapping[str, Any]

# Kinds of sources whose pictures are there later too.
_PLACES = ("file", "sample", "pattern")


@dataclass(frozen=True)
class Motion:
    """What every call of a film is told of its moment: the beat if it is `told`, and the fields that a wave moves."""

    tempos: Sequence[Tempo]
    told: bool
    modulator: Modulator | None
    sound: Track | None

    def __call__(self, node: str, values: Mapping[str, Any], time: float, film: float | None) -> Mapping[str, Any]:
        hear = silence if self.sound is None else partial(self.sound.at, time=time if film is None else film)
        return laid_over(tempo_at(self.tempos, time), self.modulator, node, values, time, hear, told=self.told)


def film_of(registry: Registry, setup: Setup, output: str, given: str | Remote | None = None) -> Film:
    """The film that a set-up document describes; `given` is an input instead of its own source.

    Recorded moves make it as long as the recording, whose own source begins where it was then.

    Raises:
        UnknownPipelineError, GraphError, RefusedValueError: the chain cannot be built; names the stage.
        MediaError: the source was live, and no other is given.
    """
    source, graph = setup.get("source") or {}, graph_of(registry, setup, None if given is None else str(given))
    place = given if given is not None or graph.is_generator else place_of(source)
    size = (source["width"], source["height"]) if source.get("width") and source.get("height") else None
    rate = Fraction(source["fps"]).limit_denominator(1001) if source.get("fps") else None
    film = Film(graph, output, input=place, size=size, rate=rate, per_call=motion_of(setup, graph, place))
    timeline = setup.get("timeline") or ()
    if given is not None:
        return film
    below = place_of(source) if graph.is_generator and source.get("kind") in _PLACES else None
    start = 0.0 if graph.is_generator and below is None else film_at(timeline)
    return replace(film, seconds=end_of(timeline), start=start, loop=source.get("loop", True), below=below)


def graph_of(registry: Registry, setup: Setup, given: str | None = None) -> Graph:
    """The chain of a document with everything that its timeline sets, for its own source or a `given` input.

    Raises:
        UnknownPipelineError, GraphError, RefusedValueError: it cannot be built, or takes no input.
    """
    source = setup.get("source", {}) if given is None else {"kind": "file", "path": given}
    switches = _switches(setup)
    stages = [{**stage, "on": True} if stage["id"] in switches else stage for stage in setup["stages"]]
    graph = Graph.of_setup(registry, {**setup, "source": source, "stages": stages})
    for node in graph:
        node.switches = switches.get(node.id, [])
    if given is not None and graph.is_generator:
        raise GraphError(f"{graph.nodes[0].id} in text mode takes no input, and {given} is one")
    _set_timeline(graph, setup)
    return graph


def _switches(setup: Setup) -> dict[str, list[tuple[float, bool]]]:
    """Stage id → when the timeline switches it, for those that it does, from the beginning on."""
    began = {stage["id"]: stage.get("on", True) for stage in setup["stages"]}
    found: dict[str, list[tuple[float, bool]]] = {}
    for event in setup.get("timeline") or ():
        if event.get("on") is not None and event["stage"] in began:
            found.setdefault(event["stage"], [(0.0, began[event["stage"]])]).append((event["at"], event["on"]))
    return found


def _set_timeline(graph: Graph, setup: Setup) -> None:
    timeline = setup.get("timeline") or ()
    nodes = {node.id: node for node in graph}
    schemas = {node.id: node.config.model_json_schema() for node in graph}
    began = {s["id"]: defaults_of(schemas.get(s["id"], {})) | s.get("values", {}) for s in setup["stages"]}
    for at, stage, name, value in steps(timeline, began, lambda stage, name: is_whole(schemas.get(stage, {}), name)):
        if stage in nodes:
            nodes[stage].set(name, value, at)
    own = {s["id"] for s in setup["stages"] if s.get("values", {}).keys() & {"prompt", "prompts"}}
    for event in timeline:
        for node in graph if event.get("prompts") else ():
            if node.config.supports_prompts and node.id not in own:
                for name, value in _prompting(event).items():
                    node.set(name, value, event["at"])


def _prompting(event: Mapping[str, Any]) -> dict[str, Any]:
    """What a pipeline is given with other prompts: themselves, or the transition to them, while the old ones go on."""
    if event.get("transition"):
        return {"transition": {**event["transition"], "target_prompts": event["prompts"]}}
    return prompt_values(event["prompts"])


def place_of(source: Mapping[str, Any]) -> str:
    """Where the pictures of a document's source are: a file, or the test pattern.

    Raises:
        MediaError: nowhere; they came from a camera, a screen or a client, or there are none.
    """
    kind = source.get("kind", "none")
    if kind == "file":
        asset = get_assets_dir() / source["path"]
        return str(asset if asset.exists() else source["path"])
    places = {"sample": str(sample_clip()), "pattern": "testpattern"}
    if kind not in places:
        what = "it has none" if kind == "none" else f"its source is {kind!r}, which holds none now"
        raise MediaError(f"this set-up needs pictures, and {what}; give an input file")
    return places[kind]


def motion_of(setup: Setup, graph: Graph, place: str | Remote | None) -> Motion:
    """The beat and the waves of a document; waves that follow sound follow that of the input."""
    tempo = tempo_of(setup)
    clock = tempos(setup.get("timeline") or (), tempo or Tempo())
    waves = setup.get("modulation") or ()
    fields = {node.id: number_fields({name: field.entry for name, field in node.fields.items()}) for node in graph}
    follows = place is not None and any(wave["wave"] == "audio" for wave in waves)
    sound = _bands(place) if follows else None
    return Motion(clock, tempo is not None, Modulator(waves, fields) if waves else None, sound)


def tempo_of(setup: Setup) -> Tempo | None:
    """The clock of a film, which begins with the first bar; None if the document says that there is none."""
    beat = setup.get("tempo") or {}
    playing = beat.get("source", "off") != "off"
    return Tempo(beat.get("bpm", 120.0), beat.get("beats_per_bar", 4)) if playing else None


def _bands(place: str | Remote) -> Track | None:
    with open_source(place) as source:
        return None if source.sound is None else Track(mono_blocks(source.sound), DEFAULT_RATE)

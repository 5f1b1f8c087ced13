"""Scenes: store what stands now, and the way from here to a scene."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scope.control.setup import Scene, Setup, Stage

# A fade moves this often: smooth at every frame rate that a show reaches, and no flood for the engine.
STEPS_A_SECOND = 30


def stored(setup: Setup, scene_id: str, name: str, fade: float, picture: str | None = None) -> Scene:
    """The values, switches and prompts of a show as a scene."""
    return Scene(
        id=scene_id,
        name=name,
        values={stage.id: stage.values for stage in setup.stages},
        on={stage.id: stage.on for stage in setup.stages},
        prompts=setup.prompts,
        fade=fade,
        picture=picture,
    )


def free_id(setup: Setup) -> str:
    """`scene-1`, or the first such id that no scene has."""
    taken = {scene.id for scene in setup.scenes}
    return next(name for i in range(1, len(taken) + 2) if (name := f"scene-{i}") not in taken)


def recalled(setup: Setup, scene: Scene) -> Setup:
    """The show at the end of the fade. Stages that the scene does not know stay as they are."""
    stages = [_at(stage, scene) for stage in setup.stages]
    prompts = setup.prompts if scene.prompts is None else scene.prompts
    return setup.model_copy(update={"stages": stages, "prompts": prompts})


def _at(stage: Stage, scene: Scene) -> Stage:
    values = scene.values.get(stage.id, stage.values)
    return stage.model_copy(update={"values": values, "on": scene.on.get(stage.id, stage.on)})


def glide(old: Mapping[str, Any], new: Mapping[str, Any], seconds: float) -> Iterator[dict[str, Any]]:
    """The values of one stage to post at each thirtieth of a second: numbers that differ, on a straight line.

    Whole numbers stay whole. The last ones are exactly those of `new`.
    """
    moving = {n: (old[n], new[n]) for n in new if n in old and old[n] != new[n] and _number(old[n]) and _number(new[n])}
    count = round(seconds * STEPS_A_SECOND)
    for step in range(1, count):
        yield {name: _between(*ends, step / count) for name, ends in moving.items()}
    yield {name: end for name, (_, end) in moving.items()}


def glides(
    old: Mapping[str, Any], new: Mapping[str, Any], seconds: float, defaults: Callable[[str], Mapping[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Stage id → the steps of `glide` between two set-up documents; a field without a value stands at its default."""
    before = {stage["id"]: stage["values"] for stage in old["stages"]}
    found = {}
    for stage in new["stages"]:
        known, was = defaults(stage["pipeline"]), before.get(stage["id"], {})
        moved = {name: known[name] for name in {**was, **stage["values"]} if name in known}
        found[stage["id"]] = list(glide({**moved, **was}, {**moved, **stage["values"]}, seconds))
    return found


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _between(start: float, end: float, share: float) -> float:
    value = start + (end - start) * share
    return round(value) if isinstance(start, int) and isinstance(end, int) else value

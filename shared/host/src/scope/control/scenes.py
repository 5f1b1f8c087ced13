"""Scenes: store what stands now, and go there again."""

from scope.control.setup import Scene, Setup, Stage


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

"""A film in which the list of cues plays from the beginning."""

from typing import Any

from scope.batch.setup import place_of, tempo_of
from scope.control.cues import cue_timeline, round_seconds
from scope.control.fields import defaults_of
from scope.control.setup import Setup, SetupError
from scope.core.pipelines.registry import Registry
from scope.media import MediaError, open_source


def with_cues(
    registry: Registry, setup: Setup, until: float | None, given: str | None = None
) -> tuple[dict[str, Any], float | None]:
    """The document with the cue list's moves as its timeline, and how many seconds the film lasts if they say it.

    `until`: no moves are wanted after so many seconds. Without it they go on as long as the document's own input, or a
    `given` one; where neither has an end, the list plays once and the film ends with it.

    Raises:
        SetupError: there are no cues.
    """
    if not setup.cues.items:
        raise SetupError("cues: expected at least one, got an empty list")
    tempo, length = tempo_of(setup.document()), None
    if until is None:
        until = _input_seconds(setup, given)
    if until is None:
        until = length = round_seconds(setup.cues, tempo, setup.tempo)
    moves = cue_timeline(
        setup, tempo, until, lambda pipeline: defaults_of(registry.config(pipeline).model_json_schema())
    )
    return setup.document() | {"timeline": moves}, length


def _input_seconds(setup: Setup, given: str | None) -> float | None:
    try:
        with open_source(given or place_of(setup.document()["source"])) as source:
            return None if source.count is None else float(source.count / source.rate)
    except MediaError:
        # No input, or none that can be read: whoever renders the film says so if it needs one.
        return None

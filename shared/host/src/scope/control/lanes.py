"""A recording is edited: one of the things that it moves is forgotten, or its ends are cut off."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scope.control.fades import Fades
from scope.control.tempo import Tempo, tempo_at
from scope.control.timeline import Change, clock_of, end_of, film_at, tempos

Json = dict[str, Any]

# What of the show itself a recording moves.
SHOWS = ("prompts", "clock")


def without_lane(timeline: Sequence[Json], stage: str | None, field: str | None) -> list[Json]:
    """The recording without the moves of one field; without a field those that switch the stage.

    Without a stage, `field` is one of `SHOWS`.
    """
    changed = [_without(move, stage, field) for move in timeline]
    return [move for i, move in enumerate(changed) if _says_something(move) or i == len(changed) - 1]


def _without(move: Json, stage: str | None, field: str | None) -> Json:
    if move["stage"] != stage:
        return move
    if stage is None:
        gone = {"prompts": ("prompts", "transition"), "clock": ("clock",)}[str(field)]
        return {**move, **dict.fromkeys(gone)}
    if field is None:
        return {**move, "on": None}
    return {**move, "set": {name: value for name, value in move["set"].items() if name != field}}


def _says_something(move: Json) -> bool:
    return bool(move["set"]) or any(move[name] is not None for name in ("on", "prompts", "clock", "film"))


def trimmed(timeline: Sequence[Json], start: float, end: float, is_whole: Callable[[str, str], bool]) -> list[Json]:
    """The recording from `start` to `end` seconds, beginning with how everything stood then. `is_whole`: see `Fades`.

    The moves are in order, as a recording has them.
    """
    last = end_of(timeline)
    end = end if last is None else min(end, last)
    before, kept = [m for m in timeline if m["at"] <= start], [m for m in timeline if start < m["at"] < end]
    return [
        *(change.at(0.0) for change in _standing(before, start, is_whole)),
        *({**move, "at": round(move["at"] - start, 6)} for move in kept),
        Change(None).at(end - start),
    ]


def _standing(before: Sequence[Json], time: float, is_whole: Callable[[str, str], bool]) -> list[Change]:
    """How everything stands after these moves, and what is on its way."""
    fades, stages = Fades(is_whole), _last_of(before)
    stood: dict[str, dict[str, Any]] = {stage: {} for stage in stages}
    for move in before:
        if move["stage"]:
            known = stood[move["stage"]]
            fades.move(move["at"], move["stage"], move["set"], move["fade"], known)
            known.update(move["set"])
    fades.take(time)
    moving = fades.now(time)
    found = [Change(stage, stood[stage] | moving.get(stage, {}), on=on) for stage, on in stages.items()]
    found += [Change(ahead.stage, ahead.ends, ahead.seconds) for ahead in fades.ahead(time)]
    return found + _show(before, time)


def _last_of(before: Sequence[Json]) -> dict[str, bool | None]:
    """Stage → whether it was switched on or off last, None if it was not."""
    found: dict[str, bool | None] = {}
    for move in before:
        if move["stage"]:
            found[move["stage"]] = found.get(move["stage"]) if move["on"] is None else move["on"]
    return found


def _show(before: Sequence[Json], time: float) -> list[Change]:
    prompts = next((move["prompts"] for move in reversed(before) if move["prompts"] is not None), None)
    has_clock = any(move["clock"] for move in before)
    clock = clock_of(tempo_at(tempos(before, Tempo()), time), time) if has_clock else None
    has_film = any(move["film"] is not None for move in before)
    show = Change(None, prompts=prompts, clock=clock, film=film_at(before) + time if has_film else None)
    return [] if show == Change(None) else [show]


def lane_names(timeline: Sequence[Mapping[str, Any]]) -> set[tuple[str | None, str | None]]:
    """Everything that is moved after the beginning: stage and field, as `without_lane` takes them."""
    moved = [move for move in timeline if move["at"] > 0.0]
    fields = {(move["stage"], name) for move in moved if move["stage"] for name in move["set"]}
    switched = {(move["stage"], None) for move in moved if move["stage"] and move["on"] is not None}
    return fields | switched | {(None, name) for move in moved for name in SHOWS if move[name]}

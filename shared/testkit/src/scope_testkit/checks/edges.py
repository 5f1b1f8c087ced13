"""Edges: what lies at one edge of the frame must not show at the opposite one."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from scope.core.pipelines.interface import Pipeline
from scope_testkit import values
from scope_testkit.play import Call
from scope_testkit.subject import Results, Skipped, Subject, told

_BAND = 2
# A difference that is seen, and one that is not.
_SEEN, _UNSEEN = 4.0 / 255.0, 1.0 / 255.0
_EDGES = {"left": (2, 1), "right": (2, -1), "top": (1, 1), "bottom": (1, -1)}
_OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


def edges(subject: Subject) -> Results:
    """A blur, shift or zoom that reads across the frame's edge takes what is there, not what is at the other side."""
    contexts = [{}, *values.singles(subject.live)]
    if not subject.affords(len(contexts) * (1 + 2 * len(_EDGES))):
        yield Skipped("whether edges wrap around", "too slow here")
        return
    instance = subject.build()
    for params in contexts:
        for edge in _wrapping(subject, instance, params):
            text = f"what is at the {edge} edge shows at the {_OPPOSITE[edge]} edge{told(params)}"
            yield subject.finding("F020", text)
            return


def _wrapping(subject: Subject, instance: Pipeline, params: Mapping[str, Any]) -> list[str]:
    plain = subject.calls(1, params=params)[0]
    before = _picture(subject, instance, plain)
    return [edge for edge in _EDGES if before is not None and _wraps(subject, instance, plain, before, edge)]


def _wraps(subject: Subject, instance: Pipeline, plain: Call, before: Tensor, edge: str) -> bool:
    """Whether a change at the edge, and nowhere near the other one, is seen there and not in between.

    A mirror shows it at the other edge as well, but a change further inside then shows further inside; where the
    picture wraps around, that one shows nearer to the edge, or not at all.
    """
    outer = _profile(subject, instance, plain, before, edge, start=0)
    if outer is None:
        return False
    near = max(2 * _BAND, len(outer) // 6)
    far, between = outer[-near:], outer[near:-near]
    if float(far.max()) < _SEEN or (len(between) and float(between.max()) > _UNSEEN):
        return False
    inner = _profile(subject, instance, plain, before, edge, start=_BAND)
    if inner is None or float(inner[-near:].max()) < _UNSEEN:
        return inner is not None
    return _center(inner[-near:]) > _center(far) + 0.25


def _profile(subject: Subject, instance: Pipeline, plain: Call, before: Tensor, edge: str, start: int) -> Tensor | None:
    """How much the picture changes with distance from the edge where a band of the input, from `start` on, is inverted.

    None where the picture has another size than the input.
    """
    axis, direction = _EDGES[edge]
    changed = [_inverted(frame, axis, direction, start) for frame in plain.clip]
    after = _picture(subject, instance, Call(changed, plain.params))
    if after is None or after.shape != before.shape or after.shape[1:3] != plain.clip[0].shape[1:3]:
        return None
    others = [dim for dim in range(4) if dim != axis]
    profile = (after - before).abs().amax(dim=others)
    return profile if direction == 1 else profile.flip(0)


def _inverted(frame: Tensor, axis: int, direction: int, start: int) -> Tensor:
    ordered = frame.clone() if direction == 1 else frame.flip(axis)
    band = ordered.narrow(axis, start, _BAND)
    band.copy_(255 - band)
    return ordered if direction == 1 else ordered.flip(axis)


def _picture(subject: Subject, instance: Pipeline, call: Call) -> Tensor | None:
    film = subject.film([call], instance=instance)
    return film.pictures[0] if film.ok else None


def _center(profile: Tensor) -> float:
    return float((profile * torch.arange(len(profile))).sum() / profile.sum())

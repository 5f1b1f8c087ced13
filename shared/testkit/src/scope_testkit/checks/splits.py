"""What a schema says of state: a film that a host splits must be the film that it is whole."""

from collections.abc import Mapping
from typing import Any

import torch

from scope.core.pipelines.base_schema import field_defaults
from scope_testkit.play import Call, Film, attempt, play
from scope_testkit.subject import Results, Subject, told

_CALLS = 4


def declared_state(subject: Subject) -> Results:
    """Where `keeps_state` says no, a film that begins in the middle on a new instance goes on the same."""
    for context in subject.contexts:
        keeps, error = attempt(_keeps_state, subject, context)
        if error is not None or not isinstance(keeps, bool):
            got = "" if error is not None else f", got {keeps!r}"
            yield subject.finding("T009", f"keeps_state must return True or False{got}{told(context)}", error=error)
            return
        params = _stateless(subject, context)
        if params is not None and _depends_on_its_start(subject, subject.calls(_CALLS, params=params)):
            yield subject.finding("T008", f"keeps_state says no, and a part differs from the whole{told(params)}")
            return


def _keeps_state(subject: Subject, params: Mapping[str, Any]) -> Any:
    given = subject.carrier.params if subject.carrier else {}
    return subject.config.keeps_state({**field_defaults(subject.config), **given, **params})


def _stateless(subject: Subject, context: Mapping[str, Any]) -> dict[str, Any] | None:
    """As many of these parameters as go together without state; None if none do."""
    starts: list[dict[str, Any]] = [{}, *({name: value} for name, value in context.items())]
    params = next((start for start in starts if not _keeps_state(subject, start)), None)
    if params is None:
        return None
    for name, value in context.items():
        if not _keeps_state(subject, {**params, name: value}):
            params[name] = value
    return params


def _depends_on_its_start(subject: Subject, calls: list[Call]) -> bool:
    whole = subject.film(calls)
    each = len(calls[0].clip)
    # Where calls take several frames a host does not heed where they would have begun.
    cut = 2 * each + (each > 1)
    clip = [frame for call in calls for frame in call.clip][cut:]
    later = [Call(clip[at : at + each], calls[0].params) for at in range(0, len(clip) - each + 1, each)]
    part = play(subject.session(subject.build(), start=cut / each), later, seed=2)
    return whole.ok and not _goes_on_in(whole, part, cut / (_CALLS * each))


def _goes_on_in(whole: Film, part: Film, share: float) -> bool:
    """Whether the part is what the whole shows after that share of its frames."""
    if not part.ok:
        return False
    all_frames, frames = torch.cat(whole.pictures), torch.cat(part.pictures)
    expected = all_frames[round(share * len(all_frames)) :][: len(frames)]
    return expected.shape == frames.shape and bool((expected - frames).abs().max() <= 1e-3)

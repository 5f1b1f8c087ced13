"""Finds a situation in which moving a parameter changes the picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scope_testkit import values
from scope_testkit.fields import Field
from scope_testkit.play import Call, Film, differ
from scope_testkit.subject import Subject

_CALLS = 4
# Three beats of a tempo that runs: what waits for the next bar, or plays with the last beat, has had its turn.
_BEATS, _CALLS_A_BEAT = 3, 4


@dataclass(frozen=True)
class Lever:
    """With the other parameters as in `context`, `field` at `one` gives `film` and at `other` a different one."""

    field: Field
    context: Mapping[str, Any]
    one: Any
    other: Any
    film: Film


class UndecidedError(Exception):
    """Too slow a pipeline to look everywhere."""


def find_lever(
    subject: Subject, field: Field, tries: int = 24, likely: Iterable[Mapping[str, Any]] = ()
) -> Lever | None:
    """Try the field's values among unset and among random other parameters; None if no film ever differs.

    `likely`: other parameters that are tried before random ones.

    Raises:
        UndecidedError: the pipeline is too slow for that many films.
    """
    options = values.allowed(field)[:4]
    for context in _contexts(subject, field, tries, likely):
        first = _film(subject, field, {**context, field.name: options[0]})
        for option in options[1:]:
            other = _film(subject, field, {**context, field.name: option})
            if first.ok and other.ok and differ(first, other):
                return Lever(field, context, options[0], option, first)
            if field.kind == "bool" and first.ok and _acts_when_flipped(subject, field, context, first):
                return Lever(field, context, options[0], option, first)
    return None


def _acts_when_flipped(subject: Subject, field: Field, context: Mapping[str, Any], still: Film) -> bool:
    """Whether a switch that does nothing by its position acts when it changes, as one on which a tempo is tapped."""
    off, on = (calls_under(subject, {**context, field.name: value}) for value in values.allowed(field)[:2])
    flipped = subject.film([*off[:2], *on[2:]])
    return not field.is_load and flipped.ok and differ(still, flipped)


def _contexts(
    subject: Subject, field: Field, tries: int, likely: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    others = [f for f in subject.controls if not f.is_load and f.name != field.name]
    mixtures = list(values.mixtures([*others, field], tries))
    yield from ({}, {**values.TEMPO})
    if subject.config.supports_prompts:
        yield {**values.PROMPT}
    elsewhere = [{name: value for name, value in context.items() if name != field.name} for context in likely]
    for contexts in (
        list(_of_its_family([*others, field], field, tries)) or [*_named_after(others, field), *elsewhere],
        [*mixtures[:4], *values.singles(others), *mixtures[4:]],
    ):
        _afford(subject, contexts)
        yield from contexts


def _afford(subject: Subject, contexts: Sequence[Mapping[str, Any]]) -> None:
    """Raises UndecidedError if the pipeline is too slow for three films in each of these."""
    calls = sum(_BEATS * _CALLS_A_BEAT if "bpm" in context else _CALLS for context in contexts)
    if not subject.affords(3 * calls, builds=3 * len(contexts)):
        raise UndecidedError


def _named_after(others: Sequence[Field], field: Field) -> Iterator[dict[str, Any]]:
    """Each menu at the choice that a word of the field's name names: `map` at "mask" for `mask_width`."""
    words = field.name.split("_")
    for other in others:
        yield from ({other.name: choice} for choice in other.choices if str(choice) in words)


def _of_its_family(fields: Sequence[Field], field: Field, tries: int) -> Iterator[dict[str, Any]]:
    """Mixtures of the controls whose names begin with the same word: the one that switches `field` on is most often one."""
    family = [other for other in fields if other.name.split("_")[0] == field.name.split("_")[0]]
    if 1 < len(family) < len(fields):
        for at, mixture in enumerate(values.mixtures(family, tries)):
            yield {**mixture, **(values.TEMPO if at % 2 else {})}


def calls_under(subject: Subject, params: Mapping[str, Any]) -> list[Call]:
    """A few calls with these parameters; where a tempo is among them it runs, for some beats."""
    if "bpm" not in params:
        return subject.calls(_CALLS, params=params)
    calls = subject.calls(_BEATS * _CALLS_A_BEAT, params=params)
    return [replace(c, params={**c.params, **values.tempo_at(i / _CALLS_A_BEAT)}) for i, c in enumerate(calls)]


def _film(subject: Subject, field: Field, params: Mapping[str, Any]) -> Film:
    if not field.is_load:
        return subject.film(calls_under(subject, params))
    live = {name: value for name, value in params.items() if name != field.name}
    return subject.film(subject.calls(_CALLS, params=live), load={field.name: params[field.name]})

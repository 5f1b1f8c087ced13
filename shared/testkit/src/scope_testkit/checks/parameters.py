"""Parameters: values of every kind are survived, and each control does what its schema says."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

import torch

from scope_testkit import values
from scope_testkit.fields import Field
from scope_testkit.levers import Lever, UndecidedError, calls_under, find_lever
from scope_testkit.play import Film, differ, fault
from scope_testkit.subject import Results, Skipped, Subject, told

_NEUTRAL = re.compile(r"(?:passthrough|unchanged|untouched|neutral) (?:at|with) (-?[\d.]+\d|-?\d)", re.IGNORECASE)
_NEUTRAL_FIRST = re.compile(
    r"(-?[\d.]+\d|-?\d)(?::| is| leaves| keeps| gives|,)[^.;]*(?:passthrough|unchanged|untouched)"
)

_LIKELY = 3
_TEXT = "only its author knows which texts mean something"


def allowed_values(subject: Subject) -> Results:
    """Every bound and every choice, live and at load."""
    yield from _survives(subject, "V001", "an allowed value", values.allowed)


def unvalidated_values(subject: Subject) -> Results:
    """Strings for numbers, floats for ints, out of range, nonsense."""
    yield from _survives(subject, "V002", "a value that was not validated", values.unvalidated)


def absent_values(subject: Subject) -> Results:
    """None, NaN and infinities."""
    yield from _survives(subject, "V004", "a value that is none", lambda field: values.absent())


def unknown_names(subject: Subject) -> Results:
    """Names that the pipeline never declared."""
    film = subject.film(subject.calls(2, params=values.UNKNOWN))
    reason = fault(film)
    if reason and subject.carrier and not subject.carrier.bare:
        text = f"a call with names that were never declared {'fails' if film.error else reason}"
        yield subject.finding("V003", text, error=film.error)


def _survives(subject: Subject, code: str, what: str, options: Callable[[Field], list[Any]]) -> Results:
    """One value after another; on a slow pipeline one value of every field at once. Sizes are always tried alone."""
    yield from _survives_sizes(subject, code, what, options)
    for fields in (subject.live, [field for field in subject.load if field not in subject.sizes]):
        pairs = [(field, value) for field in fields for value in options(field)]
        load = fields is not subject.live
        if subject.affords(len(pairs), builds=len(pairs) if load else 0):
            yield from _each(subject, code, what, [{field.name: value} for field, value in pairs], load=load)
        else:
            rounds = max((len(options(field)) for field in fields), default=0)
            together = [{f.name: options(f)[i % len(options(f))] for f in fields if options(f)} for i in range(rounds)]
            yield from _each(subject, code, what, together, load=load)


def _survives_sizes(subject: Subject, code: str, what: str, options: Callable[[Field], list[Any]]) -> Results:
    """Values for the size of the picture, as many of them as are affordable together: the smallest pictures first."""
    trials = [
        (subject.size_with(field, value), field.name, value) for field in subject.sizes for value in options(field)
    ]
    left = subject.seconds
    for size, name, value in sorted(trials, key=lambda trial: trial[0][0] * trial[0][1]):
        left -= subject.costs(size)
        if left < 0:
            yield Skipped(f"{what} as {name}, where it makes {size[1]}x{size[0]}", "too slow here")
        else:
            yield from _each(subject, code, what, [{name: value}], load=True)


def _each(subject: Subject, code: str, what: str, trials: list[dict[str, Any]], *, load: bool) -> Results:
    """One trial after another; live ones with every toggle on, so that no value waits unread behind one."""
    instance = subject.build()
    around = {} if load else subject.switched_on
    for given in trials:
        if load:
            film = subject.film(subject.calls(1), load=given)
        else:
            film = subject.film(subject.calls(1, params={**around, **given}), instance=instance)
        reason = fault(film)
        if reason:
            needed = _needed(subject, around, given)
            text = f"{', '.join(f'{k}={v!r}' for k, v in given.items())}: {what} " + ("fails" if film.error else reason)
            field = next(iter(given)) if len(given) == 1 else None
            yield subject.finding(code, text + told(needed), error=film.error, field=field)
            instance = subject.build()


def _needed(subject: Subject, around: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The toggles without which the values would do no harm."""
    others = {name: value for name, value in around.items() if name not in given}
    return subject.shrink(
        others, lambda less: fault(subject.film(subject.calls(1, params={**less, **given}))) is not None
    )


def levers(subject: Subject) -> Results:
    """Each live control changes the picture, also in mid-stream, and means the same as text and as enum member."""
    likely: list[Mapping[str, Any]] = []
    for field in subject.live:
        if field.option("component") or len(values.allowed(field)) < 2:
            continue
        try:
            lever = find_lever(subject, field, 12 if subject.fast else 24, likely)
        except UndecidedError:
            yield Skipped(f"whether {field.name} changes the picture", "too slow here")
            continue
        if lever is None and field.kind == "str":
            yield Skipped(f"whether {field.name} changes the picture", _TEXT)
        elif lever is None:
            yield subject.finding("V005", f"{field.name}: no value changed the picture", field=field.name)
        else:
            likely = _newest_first(lever.context, likely)
            yield from _in_mid_stream(subject, lever)
            yield from _as_text(subject, lever)


def _newest_first(context: Mapping[str, Any], others: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Where one control acts, its neighbours often act as well: the last few such situations."""
    return [context, *(other for other in others if other != context)][:_LIKELY] if context else others


def load_levers(subject: Subject) -> Results:
    """Each load parameter changes the picture when it is given to the constructor."""
    for field in subject.load:
        if field.option("component") or len(values.allowed(field)) < 2:
            continue
        try:
            if field.kind == "str":
                yield Skipped(f"whether {field.name} acts at load", _TEXT)
            elif find_lever(subject, field, 6 if subject.fast else 12) is None:
                yield subject.finding(
                    "V006", f"{field.name}: no value given at load changed the picture", field=field.name
                )
        except UndecidedError:
            yield Skipped(f"whether {field.name} acts at load", "too slow here")


def _in_mid_stream(subject: Subject, lever: Lever) -> Results:
    name = lever.field.name
    steady = calls_under(subject, {**lever.context, name: lever.one})
    moved = calls_under(subject, {**lever.context, name: lever.other})
    other = subject.film([*steady[:2], *moved[2:]])
    if other.ok and not differ(lever.film, other):
        text = f"{name} acts only in the first call: moving it from {lever.one!r} to {lever.other!r} later does nothing"
        yield subject.finding("V008", text, field=name)


def _as_text(subject: Subject, lever: Lever) -> Results:
    kind = type(subject.config.model_fields[lever.field.name].default)
    if not issubclass(kind, Enum):
        return
    for member in kind:
        texts = subject.film(subject.calls(3, params={**lever.context, lever.field.name: str(member.value)}))
        members = subject.film(subject.calls(3, params={**lever.context, lever.field.name: member}))
        if texts.ok and members.ok and differ(texts, members):
            text = f"{lever.field.name}={member.value!r} as a text acts unlike the enum member"
            yield subject.finding("V011", text, field=lever.field.name)
            return


def stated_defaults(subject: Subject) -> Results:
    """A control that is not touched shows its schema default, so the pipeline must act as if that was given."""
    plain = subject.film(subject.calls(3))
    given = {f.name: f.default for f in subject.live if f.default is not None}
    if not plain.ok or not differ(plain, subject.film(subject.calls(3, params=given))):
        return
    for name, value in given.items():
        if differ(plain, subject.film(subject.calls(3, params={name: value}))):
            text = f"{name}={value!r}, the schema's default, gives another picture than leaving it out"
            yield subject.finding("V010", text, field=name)


def neutral_values(subject: Subject) -> Results:
    """With every control at the value its tooltip calls a passthrough, the picture is the input, exactly."""
    neutral = {f.name: value for f in subject.live if (value := neutral_value(f)) is not None}
    if not neutral or subject.mode != "video":
        return
    calls = subject.calls(3, params=neutral)
    film = subject.film(calls)
    if film.ok and not _passes_through(film, calls):
        text = f"expected an exact passthrough{told(neutral)}, got another picture"
        yield subject.finding("V007", text, field=next(iter(neutral)))


def neutral_value(field: Field) -> float | None:
    """The value at which a tooltip promises a passthrough: "passthrough at 0", "0 leaves the picture unchanged"."""
    match = _NEUTRAL.search(field.description) or _NEUTRAL_FIRST.search(field.description)
    return float(match.group(1)) if match and field.kind in ("int", "float") else None


def _passes_through(film: Film, calls: Iterable[Any]) -> bool:
    pairs = zip(film.pictures, calls, strict=True)
    return all(_same(picture, call.frames) for picture, call in pairs)


def _same(picture: torch.Tensor, frames: Any) -> bool:
    source = torch.cat([frame.to(torch.float32) for frame in frames]) / 255.0
    return picture.shape == source.shape and math.isclose(float((picture - source).abs().max()), 0.0, abs_tol=1e-6)

"""Frames as hosts send them: two dtypes, any number, any size, any memory layout. All in video mode."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch

from scope_testkit import inputs
from scope_testkit.play import Call, attempt, differ, fault
from scope_testkit.subject import Results, Skipped, Subject, told

COUNTS = (1, 4, 12, 13)
# Each is (height, width).
ODD_SIZES = ((17, 31), (1, 1))
TALL = (1920, 1080)
# A step of uint8, doubled: room for rounding, none for a wrong range.
_STEPS = 2.0 / 255.0


def dtypes(subject: Subject) -> Results:
    """uint8 and float32 frames of the same values give the same picture."""
    if subject.carrier is None or subject.carrier.floats:
        return
    for params in subject.contexts:
        for content in (inputs.photo_clip, inputs.dark_clip):
            calls = subject.calls(2, content=content, params=params)
            floats = [replace(call, frames=inputs.as_float(call.clip)) for call in calls]
            whole, fine = subject.film(calls), subject.film(floats)
            if fine.error is not None and whole.ok:
                yield subject.finding("F002", f"float32 frames fail{told(params)}", error=fine.error)
            elif whole.ok and differ(whole, fine, _STEPS):
                yield subject.finding("F003", f"uint8 and float32 frames give different pictures{told(params)}")


def counts(subject: Subject) -> Results:
    """1, 4, 12 or 13 frames in a call."""
    for count in COUNTS[:2] if subject.fast else COUNTS:
        for params in subject.contexts[:2]:
            if count == subject.input_size:
                continue
            if not subject.affords(max(1, count // subject.input_size)):
                yield Skipped(f"calls with {count} frames", "too slow here")
                break
            yield from _fails(subject, "F004", f"a call with {count} frames", params, frames=count)


def sizes(subject: Subject) -> Results:
    """Odd, tiny and tall frames."""
    least = subject.config.min_dimension
    for size in (*ODD_SIZES, TALL):
        size = (max(size[0], least), max(size[1], least))
        if size == TALL and (subject.fast or not subject.affords(2, size)):
            yield Skipped("frames of 1080x1920", "too slow here" if not subject.fast else "fast")
            continue
        for params in subject.contexts[: 2 if size == TALL else None]:
            yield from _fails(subject, "F005", f"frames of {size[1]}x{size[0]}", params, size=size)


def _fails(subject: Subject, code: str, what: str, params: Mapping[str, Any], **how: Any) -> Results:
    def film(given: Mapping[str, Any]):
        return subject.film(subject.calls(1, params=given, **how))

    if fault(film(params)) is None or fault(subject.film(subject.calls(1, params=params))) is not None:
        return
    least = subject.shrink(params, lambda given: fault(film(given)) is not None)
    worst = film(least)
    because = "" if worst.error else f": {fault(worst)}"
    yield subject.finding(code, f"{what} cannot be shown{told(least)}{because}", error=worst.error)


def size_change(subject: Subject) -> Results:
    """Another size in the middle of a stream."""
    for params in subject.contexts:
        small = (max(40, subject.config.min_dimension), max(56, subject.config.min_dimension))
        calls = [c for size in (None, small, None) for c in subject.calls(2, params=params, size=size)]
        film = subject.film(calls)
        reason = fault(film)
        if reason and fault(subject.film(subject.calls(4, params=params))) is None:
            text = f"a change of size in mid-stream {'fails' if film.error else reason}{told(params)}"
            yield subject.finding("F006", text, error=film.error)


def mixed_sizes(subject: Subject) -> Results:
    """Two sizes in one call."""
    count = max(2, subject.input_size)
    other = (max(40, subject.config.min_dimension), max(56, subject.config.min_dimension))
    for params in subject.contexts:
        plain = subject.calls(1, params=params, frames=count)
        if fault(subject.film(plain)) is not None:
            continue
        frames = subject.calls(1, frames=count, size=other)[0].clip
        mixed = plain[0].clip[:-1] + frames[-1:]
        film = subject.film([Call(mixed, plain[0].params)])
        reason = fault(film)
        if reason:
            text = f"two frame sizes in one call: {'it fails' if film.error else reason}{told(params)}"
            yield subject.finding("F007", text, error=film.error)


def layouts(subject: Subject) -> Results:
    """Frames that are not contiguous in memory give the same picture."""
    for params in subject.contexts:
        calls = subject.calls(2, params=params)
        loose = [replace(call, frames=inputs.strided(call.clip)) for call in calls]
        one, other = subject.film(calls), subject.film(loose)
        if not one.ok:
            continue
        if other.error is not None:
            yield subject.finding("F008", f"frames in non-contiguous memory fail{told(params)}", error=other.error)
        elif differ(one, other):
            yield subject.finding("F008", f"frames in non-contiguous memory give another picture{told(params)}")


def untouched_input(subject: Subject) -> Results:
    """The host's frames are not written to: another pipeline, or the preview, has them too."""
    kinds: dict[str, Callable] = {"uint8": list, "float32": inputs.as_float}
    for params in subject.contexts:
        for name, convert in kinds.items():
            frames = convert(subject.calls(1, params=params)[0].clip)
            before = [frame.clone() for frame in frames]
            instance, error = attempt(subject.build)
            if error is None:
                subject.film([Call(frames, {**(subject.calls(1)[0].params), **params})], instance=instance)
            if any(not torch.equal(a, b) for a, b in zip(before, frames, strict=True)):
                yield subject.finding("F009", f"the {name} frames of the host were modified{told(params)}")

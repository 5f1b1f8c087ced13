"""Modes: what `prepare` asks for is what `__call__` accepts, in text and in video mode and when they change."""

import statistics
import time
from typing import Any

import torch

from scope.core.pipelines.interface import Requirements
from scope_testkit.play import Call, Film, attempt, differ, fault, play, seeded, showable
from scope_testkit.subject import Results, Skipped, Subject

MOST_FRAMES = 30
# A host asks about a hundred times a second.
_PREPARE_SECONDS = 0.002
# Motion that keeps to time is sampled, not made, by further calls.
_STEADY = 1.6
_STILL = 0.01
# Keys of a result that would overrule what the host itself passes to the next pipeline.
HOST_NAMES = frozenset({"init_cache", "pipeline_ids", "input_mode", "graph", "paused", "reset_cache", "frame_time"})


def prepare(subject: Subject) -> Results:
    """What `prepare` answers: valid, constant, quick, and fit for the mode."""
    instance = subject.build()
    asked = {"video": True} if subject.mode == "video" else {}
    answers = []
    for params in ({}, *subject.contexts, {}):
        needs, error = attempt(instance.prepare, **params, **asked)
        if error is not None or not isinstance(needs, Requirements | None):
            got = f"got {type(needs).__name__}" if error is None else "it fails"
            yield subject.finding("M001", f"expected Requirements or None from prepare(), {got}", error=error)
            return
        answers.append(needs.input_size if needs else None)
    yield from _answers(subject, answers)
    yield from _quick(subject, instance, asked)


def _answers(subject: Subject, answers: list[Any]) -> Results:
    sizes = {size for size in answers if size is not None}
    if subject.mode == "text" and sizes:
        yield subject.finding("M006", f"prepare() asks for {sizes.pop()} frames in text mode, where none ever come")
    elif bad := [size for size in sizes if not isinstance(size, int) or not 1 <= size <= MOST_FRAMES]:
        yield subject.finding("M002", f"expected an input_size from 1 to {MOST_FRAMES}, got {bad[0]!r}")
    elif len(set(answers)) > 1:
        yield subject.finding("M003", f"expected a constant answer from prepare(), got {answers}")
    elif subject.mode == "video" and not sizes and subject.film([Call(None)]).error is not None:
        yield subject.finding("M005", "prepare() asks for no frames, but a call without frames fails")


def _quick(subject: Subject, instance: Any, asked: dict[str, Any]) -> Results:
    spent = []
    for _ in range(9):
        start = time.perf_counter()
        attempt(instance.prepare, **asked)
        spent.append(time.perf_counter() - start)
    if statistics.median(spent) > _PREPARE_SECONDS:
        yield subject.finding("M004", f"prepare() takes {statistics.median(spent) * 1000:.1f} ms")


def switching(subject: Subject) -> Results:
    """Text, video and text again on one instance, with and without `init_cache` in between."""
    if set(subject.modes) != {"text", "video"} or any(subject.view(m).carrier is None for m in subject.modes):
        return
    one, other = (subject.view(m).calls(2) for m in ("text", "video"))
    instance = subject.build()
    film = play(subject.session(instance), [*one, *other, *one])
    if fault(film) is None:
        film = play(subject.session(instance), [*other, *one])
    if fault(film):
        text = "switching between text and video in mid-stream " + ("fails" if film.error else str(fault(film)))
        yield subject.finding("M008", text, error=film.error)


def prompts(subject: Subject) -> Results:
    """A prompt as a text and as a weighted list: both work and both act."""
    forms = {
        "M009": lambda text: {"prompt": text},
        "M010": lambda text: {"prompts": [{"text": text, "weight": 1.0}]},
    }
    if not subject.affords(8):
        yield Skipped("prompts", "too slow here")
        return
    if not subject.config.supports_prompts:
        return
    idle = []
    for code, form in forms.items():
        films = [subject.film(subject.calls(2, params=form(text))) for text in ("a red fox", "SNOW, storm at night")]
        if broken := next((film for film in films if fault(film)), None):
            text = f"a call with {form('a red fox')} " + ("fails" if broken.error else str(fault(broken)))
            yield subject.finding(code, text, error=broken.error)
        elif not differ(*films, tolerance=0.0):
            idle.append(code)
    if len(idle) == len(forms):
        yield subject.finding("M011", "supports_prompts is true, but no prompt changes the picture")
        return
    for code in idle:
        yield subject.finding(code, f"a prompt given as {forms[code]('a red fox')} changes nothing")


def pace(subject: Subject) -> Results:
    """Motion follows time, not the number of calls: a host may call a generator thousands of times a second."""
    if subject.mode != "text":
        return
    if subject.cost > 1 / 60:
        yield Skipped("whether motion counts calls", "too slow to be called more often than it is shown")
        return
    rate = 240 if subject.fast else 480
    if not subject.affords(2 * rate):
        yield Skipped("whether motion counts calls", "too slow here")
        return
    slow, fast = (_motion(subject, rate * factor) for factor in (1, 3))
    if slow and fast and fast > _STEADY * slow + _STILL:
        text = f"three times as many calls in the same time make {fast / max(slow, _STILL):.1f} times the motion"
        yield subject.finding("M012", text)


def _motion(subject: Subject, rate: int, seconds: float = 0.5) -> float | None:
    """How far the picture moves in some time of calls without `frame_time`: the sum of mean differences from frame to
    frame. It is the same however finely a motion is sampled. None if a call fails."""
    session, last, moved = subject.session(subject.build(), live=True), None, 0.0
    call = subject.calls(1)[0]
    for index in range(int(rate * seconds)):
        with seeded(index):
            result, error = attempt(session.once, call)
        if error is not None:
            return None
        picture = showable(result)
        if picture is not None:
            moved += float((picture - last).abs().mean()) if last is not None and last.shape == picture.shape else 0.0
            last = picture
        session.clock.advance(1.0 / rate)
    return moved


def chains(subject: Subject) -> Results:
    """What the pipeline returns is fit for the next one: its picture as frames, its other keys as parameters."""
    film = subject.film(subject.calls(2))
    if not film.ok:
        return
    extra = {key: value for key, value in film.results[-1].items() if key not in ("video", "audio")}
    if clash := sorted(HOST_NAMES & set(extra)):
        yield subject.finding("M014", f"the result has the keys {clash}, which a host sets for the next pipeline")
    if "vace_input_frames" in extra:
        yield from _control_frames(subject, extra["vace_input_frames"], len(film.pictures[-1]))
    if "video" in subject.modes:
        yield from _next_link(subject, film, {key: value for key, value in extra.items() if key not in HOST_NAMES})


def _control_frames(subject: Subject, frames: Any, count: int) -> Results:
    """Like the picture (T, H, W, 3), or as a model takes them (B, 3, T, H, W): one control frame for each picture."""
    shape = tuple(frames.shape) if isinstance(frames, torch.Tensor) else ()
    thwc = len(shape) == 4 and shape[0] == count and shape[-1] == 3
    if not thwc and not (len(shape) == 5 and shape[1:3] == (3, count)):
        got = shape or type(frames).__name__
        text = f"expected vace_input_frames as ({count}, H, W, 3) or (B, 3, {count}, H, W), got {got}"
        yield subject.finding("M015", text)


def _next_link(subject: Subject, film: Film, extra: dict[str, Any]) -> Results:
    view = subject.view("video")
    frames = [(p * 255.0).round().to(torch.uint8)[None] for picture in film.pictures for p in picture]
    frames = (frames * view.input_size)[: view.input_size]
    after = view.film([Call(frames, {**(view.carrier.params if view.carrier else {}), **extra})])
    if view.carrier and not view.carrier.floats and fault(after):
        text = f"the pipeline's own output (with keys {sorted(extra)}) as input " + (
            "fails" if after.error else str(fault(after))
        )
        yield subject.finding("M016", text, error=after.error)

"""Can the pipeline be built and called at all, and is what it returns a picture?"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from scope.runtime.checks import sound_in
from scope_testkit import inputs
from scope_testkit.findings import Finding
from scope_testkit.play import Film, attempt, fault, showable
from scope_testkit.subject import Carrier, Results, Subject, told

CONTENTS = {
    "a photograph": inputs.photo_clip,
    "black frames": inputs.flat_clip(0),
    "white frames": inputs.flat_clip(255),
    "noise": inputs.noise_clip,
    "almost black frames": inputs.dark_clip,
}
_TOLERANCE = 1e-3


def construction(subject: Subject) -> Results:
    """Built as a host builds it: from the schema's defaults, and from load parameters that nobody validated."""
    _, error = attempt(subject.build)
    if error is not None:
        yield subject.finding("X001", "the constructor fails on the schema's own defaults", error=error)
        return
    strange = {"vace_enabled": False, "loras": None, "seed": 42, "nobody_declared_this": object()}
    strange |= {f.name: 1e9 for f in subject.fields if f.kind in ("int", "float") and f.high is not None}
    _, error = attempt(subject.build, **strange)
    if error is not None:
        yield subject.finding("X002", "the constructor fails on load parameters as hosts send them", error=error)


def plain_call(subject: Subject) -> Results:
    """The call that every host makes first, and if it fails, the one change that would make it work."""
    film = subject.film(subject.calls(2, carrier=Carrier()), carrier=Carrier())
    if film.error is None:
        yield from _sound(subject, film)
    if film.ok and fault(film):
        yield subject.finding("F013", "expected finite values, got NaN or infinite ones in the first plain call")
    if film.ok or (film.error is None and not subject.config.produces_video):
        return
    if film.error is None:
        yield from _not_a_picture(subject, film)
        return
    cures = {code: c for code, c in subject.carriers().items() if code and c == subject.carrier}
    code = next(iter(cures), "X006" if subject.mode == subject.config.get_default_mode() else "M007")
    yield subject.finding(code, f"the first plain call in {subject.mode} mode fails", error=film.error)


def _not_a_picture(subject: Subject, film: Film) -> Results:
    result = next(r for r in film.results if showable(r) is None)
    video = result.get("video") if isinstance(result, dict) else None
    if result == {}:
        yield subject.finding("M013", "expected a picture within two seconds, got only empty dicts")
    elif not isinstance(video, Tensor):
        yield subject.finding("F010", f"expected {{'video': tensor}}, got {_describe(result)}")
    elif video.ndim == 4 and video.shape[-1] == 3 and not video.dtype.is_floating_point:
        yield subject.finding("F014", f"expected a floating dtype, got {video.dtype}")
    else:
        yield subject.finding("F011", f"expected (T, H, W, 3), got {tuple(video.shape)}")


def _sound(subject: Subject, film: Film) -> Results:
    """The sound in the results, which a pipeline without pictures must have."""
    results = [r for r in film.results if isinstance(r, dict) and r]
    sounds, error = attempt(lambda: [sound_in(subject.config.pipeline_id, r) for r in results])
    if error is not None:
        yield subject.finding("F021", str(error))
    elif not subject.config.produces_video and not any(sounds):
        got = _describe(film.results[-1])
        yield subject.finding("F021", f"produces_video is False: expected 'audio' and 'audio_sample_rate', got {got}")


def _describe(result: Any) -> str:
    if not isinstance(result, dict):
        return type(result).__name__
    return "{" + ", ".join(f"{key!r}: {type(value).__name__}" for key, value in result.items()) + "}"


def outputs(subject: Subject) -> Results:
    """Flat, noisy and real frames in; float, finite and in [0, 1] out, and not constant."""
    found = set()
    contents = CONTENTS if subject.mode == "video" else {"no frames": inputs.photo_clip}
    for params in subject.contexts:
        for name, content in contents.items():
            film = subject.film(subject.calls(2, content=content, params=params))
            for finding in _judge(subject, film, name, params):
                found.add(finding.code)
                yield finding
    if not found & {"F012", "F013", "F018"}:
        yield from _constant(subject)


def _judge(subject: Subject, film: Film, content: str, params: Mapping[str, Any]) -> Iterator[Finding]:
    if film.error is not None:
        kept = subject.shrink(params, lambda less: _raises(subject, content, less))
        yield subject.finding("F018", f"a call with {content} fails{told(kept)}", error=film.error)
        return
    with_them = told(params)
    for result in film.results:
        video = result.get("video")
        if showable(result) is None:
            yield subject.finding("F011", f"expected (T, H, W, 3) for {content}, got {_describe(result)}{with_them}")
        elif not bool(torch.isfinite(video).all()):
            yield subject.finding("F013", f"expected finite values, got NaN or infinite ones for {content}{with_them}")
        elif (low := float(video.detach().min())) < -_TOLERANCE or float(video.detach().max()) > 1.0 + _TOLERANCE:
            span = f"{low:.3g} to {float(video.detach().max()):.3g}"
            yield subject.finding("F012", f"expected values in [0, 1], got {span} for {content}{with_them}")
        if isinstance(video, Tensor) and video.requires_grad:
            yield subject.finding("F016", "the picture still carries its autograd graph (requires_grad is True)")


def _raises(subject: Subject, content: str, params: Mapping[str, Any]) -> bool:
    return (
        subject.film(subject.calls(2, content=CONTENTS.get(content, inputs.photo_clip), params=params)).error
        is not None
    )


def _constant(subject: Subject) -> Results:
    for count in (2, 30):
        film = subject.film(subject.calls(count if subject.affords(count) else 2))
        if not film.ok or any(float(p.max() - p.min()) > 1.0 / 255.0 for p in film.pictures):
            return
    level = float(film.pictures[-1].mean())
    yield subject.finding(
        "F015", f"expected a picture, got one flat color (mean {level:.2f}) with every parameter unset"
    )


def frame_count(subject: Subject) -> Results:
    """As many frames out as in, unless a frame rate of its own says otherwise."""
    film = subject.film(subject.calls(2))
    for result, picture in zip(film.results, film.pictures, strict=False):
        if len(picture) != subject.input_size and "frame_rate" not in result:
            yield subject.finding("F017", f"{subject.input_size} frames in, {len(picture)} out, without a `frame_rate`")
            return


def kept_results(subject: Subject) -> Results:
    """A picture that was handed out is not written to by later calls."""
    for params in subject.contexts[:2]:
        session = subject.session(subject.build())
        first, error = attempt(session.call, subject.calls(1, params=params)[0])
        if error is not None or showable(first) is None:
            return
        before = first["video"].clone()
        for call in subject.calls(2, content=inputs.noise_clip, params=params):
            attempt(session.call, call)
        if not torch.equal(before.nan_to_num(), first["video"].nan_to_num()):
            yield subject.finding("F019", "a picture changed after it was returned, while later frames were made")
            return

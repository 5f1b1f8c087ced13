"""Prompts blended: what each one asks for, in its share. Importing this module does not import torch."""

from collections.abc import Sequence
from dataclasses import dataclass

from scope_gpu.plugin.looks import under
from scope_gpu.plugin.prompts import Prompt, heaviest
from scope_synth.reading import read
from scope_synth.schema import SynthConfig

# The controls that a blend takes the mean of.
_BLENDED = ("synth_speed", "synth_intensity", "synth_contrast")


@dataclass(frozen=True)
class Take:
    """One part of a blend: the parameters as a prompt wants them, and what `type` would draw."""

    params: SynthConfig
    text: str
    share: float


def takes(params: SynthConfig, prompt: Prompt) -> list[Take]:
    """The parts of a frame, with shares that sum to 1. Where the prompt is not followed, there is one for each side of a
    transition, and they differ in their text alone.
    """
    found = []
    for shares, side in prompt.sides():
        text = params.synth_text or heaviest(shares)
        if params.synth_follow and shares:
            found += [Take(led(params, words), text, share * side) for words, share in shares]
        else:
            found.append(Take(params, text, side))
    return _with_means(found)


def led(params: SynthConfig, words: str) -> SynthConfig:
    """The parameters with what a prompt says, except where a control was moved from its default."""
    values = dict(read(words).values)
    if params.synth_palette != SynthConfig.model_fields["synth_palette"].default:
        values.pop("synth_colors", None)
    return under(params, values)


def pictures(parts: Sequence[Take]) -> list[Take]:
    """The one or two pictures that a blend is made of: parts that draw the same are one, and the two largest count."""
    drawn: dict[tuple[str, str], Take] = {}
    for part in parts:
        key = picture_of(part)
        share = part.share + (drawn[key].share if key in drawn else 0.0)
        drawn[key] = Take(part.params, part.text, share)
    largest = sorted(drawn.values(), key=lambda part: -part.share)[:2]
    total = sum(part.share for part in largest)
    return [Take(part.params, part.text, part.share / total) for part in largest if part.share > 0.0]


def picture_of(part: Take) -> tuple[str, str]:
    """What tells one picture from another: the generator, and the text if it draws one."""
    generator = part.params.synth_generator
    return generator, part.text if generator == "type" else ""


def _with_means(parts: list[Take]) -> list[Take]:
    if len(parts) == 1:
        return parts
    means = {name: sum(getattr(part.params, name) * part.share for part in parts) for name in _BLENDED}
    return [Take(part.params.model_copy(update=means), part.text, part.share) for part in parts]

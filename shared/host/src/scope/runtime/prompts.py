"""Prompts in both ways in which pipelines read them: `prompts`, weighted texts, and `prompt`, one text."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard


def prompt_values(prompts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Weighted texts, `{"text", "weight"}`, in both ways; nothing without a prompt."""
    return {"prompt": prompts[0]["text"], "prompts": [dict(prompt) for prompt in prompts]} if prompts else {}


def both_prompts(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with a prompt in both ways, whichever of them is given."""
    prompt, prompts = values.get("prompt"), values.get("prompts")
    if "prompt" not in values and is_prompts(prompts):
        return {**values, **prompt_values(prompts)}
    if isinstance(prompt, str) and "prompts" not in values:
        return {**values, **prompt_values([{"text": prompt, "weight": 1.0}])}
    return dict(values)


def is_prompts(value: Any) -> TypeGuard[list[Mapping[str, Any]]]:
    """True for a list of weighted texts that is not empty."""
    return isinstance(value, list) and bool(value) and all(isinstance(p, Mapping) and "text" in p for p in value)

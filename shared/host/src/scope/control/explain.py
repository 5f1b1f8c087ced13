"""Pydantic's findings in one sentence: where, what was expected, what came."""

import json
from typing import Any

from pydantic import ValidationError


def sentence(error: ValidationError) -> str:
    """The first finding, and how many more there are."""
    findings = error.errors(include_url=False)
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return _finding(findings[0]) + more


def _finding(finding: Any) -> str:
    where = _path(finding["loc"])
    prefix = f"{where}: " if where else ""
    if finding["type"] == "missing":
        return f"{prefix}is missing"
    if finding["type"] == "extra_forbidden":
        return f"{prefix}is not a known field"
    if finding["type"] == "value_error":
        return f"{prefix}{finding['ctx']['error']}"
    return f"{prefix}expected {_expected(finding)}, got {_shown(finding['input'])}"


def _expected(finding: Any) -> str:
    context = finding.get("ctx", {})
    words = {
        "literal_error": "one of {expected}",
        "greater_than_equal": "at least {ge:g}",
        "less_than_equal": "at most {le:g}",
        "string_too_long": "at most {max_length} characters",
        "string_too_short": "at least {min_length} character",
        "too_long": "at most {max_length} entries",
        "string_type": "a text",
        "float_type": "a number",
        "int_type": "a whole number",
        "bool_type": "true or false",
        "list_type": "a list",
        "dict_type": "an object",
        "model_type": "an object",
        "finite_number": "a finite number",
        "string_pattern_mismatch": "a text like {pattern}",
    }
    template = words.get(finding["type"])
    return template.format(**context) if template else finding["msg"].removeprefix("Input should be ")


def _path(location: tuple[int | str, ...]) -> str:
    """`("stages", 1, "id")` as `stages[1].id`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "..."

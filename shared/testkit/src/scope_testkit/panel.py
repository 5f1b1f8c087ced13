"""The settings panel that the original host would draw from a schema, as text."""

from collections.abc import Iterator
from typing import Any, Literal

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_testkit.fields import Field, controls_of

Role = Literal["main", "pre", "post"]

COMPONENTS = frozenset(
    {"vace", "lora", "resolution", "cache", "denoising_steps", "noise", "quantization", "image", "audio"}
)
PANELS = ("configuration", "input")
_TITLES: dict[Role, str] = {"main": "main pipeline", "pre": "preprocessor card", "post": "postprocessor card"}


def roles(config: type[BasePipelineConfig]) -> list[Role]:
    """The roles a pipeline can have: main unless it has a usage, and each usage it names."""
    usage = {str(use) for use in config.usage}
    found: list[Role] = [] if usage and usage <= {"preprocessor"} else ["main"]
    if "preprocessor" in usage:
        found.append("pre")
    return [*found, "post"] if "postprocessor" in usage else found


def panel(config: type[BasePipelineConfig], role: Role, mode: str) -> str:
    """What the user of the original host sees of a pipeline in a role and a mode."""
    head = f"{config.pipeline_name} as {_TITLES[role]}, {mode} mode"
    lines = [line for name in PANELS for line in _section(config, role, mode, name)]
    return "\n".join([head, *(f"  {line}" for line in lines or ["(no controls)"])])


def shown(field: Field, role: Role, mode: str) -> bool:
    """Whether the original host shows the field there at all."""
    if field.ui is None or widget(field) is None or (field.modes and mode not in field.modes):
        return False
    return role == "main" or (category(field) == "configuration" and field.option("component") not in COMPONENTS)


def category(field: Field) -> str:
    """The panel a field is meant for."""
    return field.option("category") or "configuration"


def widget(field: Field) -> str | None:
    """The control that the original host draws, with its faults; None for a field it cannot draw."""
    first = next((o for o in field.raw.get("anyOf", [field.raw]) if o.get("type") != "null"), {})
    if field.optional and "$ref" in first:
        return None
    if field.optional and first.get("enum"):
        return "[ (empty menu) v]"
    if field.optional and field.kind in ("int", "float") and "minimum" in first:
        return "|----o----| 0..100 in whole steps"
    if field.kind == "choice" and "const" not in first:
        return f"[{field.default} v] {' / '.join(str(choice) for choice in field.choices)}"
    return _primitive(field)


def _primitive(field: Field) -> str | None:
    match field.kind:
        case "bool":
            return "(*) on" if field.default else "( ) off"
        case "str" | "choice":
            return f'["{field.default or ""}"]'
        case "int" | "float" if field.low is not None and field.high is not None:
            return _slider(field)
        case "int" | "float":
            return f"[ {field.default} ] whole numbers"
    return "(component)" if field.option("component") in COMPONENTS else None


def _slider(field: Field) -> str:
    assert field.low is not None
    assert field.high is not None
    default: Any = field.default if isinstance(field.default, int | float) else field.low
    span = field.high - field.low
    at = round(9 * min(max((default - field.low) / span, 0.0), 1.0)) if span else 0
    step = "1" if field.kind == "int" else "0.01"
    return f"|{'-' * at}o{'-' * (9 - at)}| {default:g} ({field.low:g}..{field.high:g} by {step})"


def _section(config: type[BasePipelineConfig], role: Role, mode: str, name: str) -> Iterator[str]:
    rows = [f for f in controls_of(config) if category(f) == name and shown(f, role, mode)]
    if not rows:
        return
    yield {"configuration": "Settings", "input": "Input"}[name]
    wide = max(len(field.label) for field in rows)
    for field in rows:
        component = field.option("component")
        suffix = f"  <{component}>" if component in COMPONENTS else ""
        fixed = "  (fixed while streaming)" if field.is_load else ""
        yield f"  {field.label:<{wide}}  {widget(field)}{suffix}{fixed}"

"""The schema: every trap on the way from a config class to a control."""

import inspect
import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_testkit import panel
from scope_testkit.fields import Field
from scope_testkit.play import attempt
from scope_testkit.subject import Results, Subject

INPUT_MODES = ("text", "video")
# Names that the host consumes or sets itself; a field so called never gets the user's value.
RESERVED = frozenset(
    {"video", "init_cache", "pipeline_ids", "input_mode", "graph", "video_timestamps", "frame_time", "paused"}
    | {
        "reset_cache",
        "prompt",
        "prompts",
        "transition",
        "bpm",
        "beat_phase",
        "bar_position",
        "beat_count",
        "is_playing",
    }
)


def schema(subject: Subject) -> Results:
    """All of it; the rest only makes sense for a schema that a host can read."""
    _, error = attempt(lambda: json.dumps(subject.config.get_schema_with_metadata(), allow_nan=False))
    if error is not None:
        yield subject.finding("S020", "the schema cannot be made into JSON", error=error)
        return
    for check in (_words, _modes, _defaults, _controls, _orders, _placement, _names):
        yield from check(subject)


def own_fields(config: type[BasePipelineConfig]) -> list[str]:
    """Names of the fields that the plugin declares, inherited base fields that it redeclares included."""
    ours = [c for c in config.__mro__ if issubclass(c, BasePipelineConfig) and c is not BasePipelineConfig]
    declared = {name for c in ours for name in inspect.get_annotations(c)}
    return [name for name in config.model_fields if name in declared]


def _words(subject: Subject) -> Results:
    empty = [v for v in ("pipeline_name", "pipeline_description") if not str(getattr(subject.config, v)).strip()]
    if empty:
        yield subject.finding("S027", f"expected a text in {' and '.join(empty)}, got none")


def _modes(subject: Subject) -> Results:
    config = subject.config
    names, defaults = list(config.modes), [name for name, mode in config.modes.items() if mode.default]
    if not names or set(names) - set(INPUT_MODES):
        yield subject.finding("S021", f"expected modes out of {list(INPUT_MODES)}, got {names}")
    elif len(defaults) != 1:
        yield subject.finding("S021", f"expected one mode with default=True, got {defaults or 'none'}")
    if config.usage and "video" not in names:
        yield subject.finding("S022", f"usage {[str(u) for u in config.usage]} needs the mode 'video', got {names}")
    for field in subject.controls:
        unknown = [mode for mode in field.modes if mode not in names]
        if unknown or field.option("modes") == []:
            said = field.option("modes")
            yield subject.finding("S014", f"{field.name} is for {said}, the modes are {names}", field=field.name)


def _defaults(subject: Subject) -> Results:
    for name in own_fields(subject.config):
        info = subject.config.model_fields[name]
        if info.default_factory is not None:
            yield subject.finding("S015", f"{name} has a default_factory", field=name)
        elif info.default is PydanticUndefined:
            yield subject.finding("S016", f"{name} has no default", field=name)
        elif why := _invalid(subject.config, name, info.default):
            yield subject.finding("S012", f"{name}={info.default!r} is not valid: {why}", field=name)


def _invalid(config: type[BasePipelineConfig], name: str, value: Any) -> str | None:
    # Only the one field: a required neighbour must not be blamed on this one.
    try:
        config.__pydantic_validator__.validate_assignment(config.model_construct(), name, value)
    except ValidationError as error:
        own = [problem["msg"] for problem in error.errors() if problem["loc"][:1] == (name,)]
        return own[0] if own else None
    return None


def _controls(subject: Subject) -> Results:
    own = set(own_fields(subject.config))
    for field in (f for f in subject.fields if f.name in own):
        if field.ui is None:
            # What is deprecated is kept for what was saved under it, and wants no control.
            if not field.raw.get("deprecated"):
                yield subject.finding("S003", f"{field.name} has no ui_field_config", field=field.name)
            continue
        if not field.option("label") and field.option("component") not in panel.COMPONENTS:
            yield subject.finding("S001", f"{field.name} has no label and shows as {field.label!r}", field=field.name)
        if not field.description:
            yield subject.finding("S002", f"{field.name} has no description", field=field.name)
        for code, message in _widget_traps(field):
            yield subject.finding(code, f"{field.name} {message}", field=field.name)


def _widget_traps(field: Field) -> Iterable[tuple[str, str]]:
    option: Mapping[str, Any] = next((o for o in field.raw.get("anyOf", [field.raw]) if o.get("type") != "null"), {})
    if field.option("component") in panel.COMPONENTS:
        return
    if field.optional and "$ref" in option and field.choices:
        yield "S007", "is an optional Enum"
    elif field.optional and field.choices:
        yield "S006", "is an optional Literal"
    elif field.optional and field.kind in ("int", "float") and "minimum" in option:
        yield "S008", "is an optional number with bounds"
    elif "const" in option:
        yield "S009", f"is a Literal of one value, {option['const']!r}"
    elif any(not isinstance(choice, str) for choice in field.choices):
        yield "S010", f"has choices that are no strings: {list(field.choices)}"
    elif field.kind == "other":
        yield "S011", f"is of type {option.get('type', 'any')}"
    elif field.kind in ("int", "float") and (option.keys() & {"exclusiveMinimum", "exclusiveMaximum"}):
        yield "S004", "has an exclusive bound (gt or lt)"
    elif field.kind == "float" and (field.low is None or field.high is None):
        yield "S005", "is a fraction without both bounds"


def _orders(subject: Subject) -> Results:
    for one, other in itertools.combinations(subject.controls, 2):
        order = one.option("order")
        if order is None or order != other.option("order") or panel.category(one) != panel.category(other):
            continue
        apart = one.modes and other.modes and not set(one.modes) & set(other.modes)
        together = one.option("component") and one.option("component") == other.option("component")
        if not apart and not together:
            yield subject.finding("S013", f"{one.name} and {other.name} both have order {order}", field=other.name)


def _placement(subject: Subject) -> Results:
    for field in subject.controls:
        component, category = field.option("component"), panel.category(field)
        if category not in panel.PANELS:
            yield subject.finding("S019", f"{field.name} has the category {category!r}", field=field.name)
        if component and component not in panel.COMPONENTS:
            yield subject.finding("S018", f"{field.name} names the component {component!r}", field=field.name)
        elif subject.config.usage and (component or category == "input"):
            where = f"the component {component!r}" if component else "the input panel"
            yield subject.finding("S017", f"{field.name} is in {where}", field=field.name)
        if field.option("modulatable") and not (field.low == 0 and field.high == 1):
            bounds = f"{field.low} to {field.high}"
            yield subject.finding("S024", f"{field.name} is modulatable and goes from {bounds}", field=field.name)


def _names(subject: Subject) -> Results:
    for name in own_fields(subject.config):
        if name in RESERVED:
            yield subject.finding("S023", f"{name} is a name that the host uses itself", field=name)


def shared_names(subjects: list[Subject], others: Mapping[str, set[str]]) -> Results:
    """Live controls of a pre- or postprocessor that another pipeline has too: they move together in a chain.

    `others`: names of live controls by pipeline id, of all pipelines that could stand in the same chain.
    """
    for subject in subjects:
        if not subject.config.usage:
            continue
        for field in subject.live:
            twins = sorted(i for i, names in others.items() if field.name in names and i != subject.config.pipeline_id)
            if twins:
                text = f"{field.name} is also a control of {', '.join(twins)}"
                yield subject.finding("S025", text, field=field.name)

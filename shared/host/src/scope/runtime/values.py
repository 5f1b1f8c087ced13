"""What the fields of a pipeline accept, in words and as a check. Works on a JSON schema: no torch, no plugin needed."""

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

# Names that hosts understand or forward for any pipeline, whether its schema has them or not.
RUNTIME_NAMES = frozenset(
    {
        "bar_position",
        "beat_count",
        "beat_phase",
        "bpm",
        "denoising_step_list",
        "first_frame_image",
        "images",
        "is_playing",
        "last_frame_image",
        "lora_scales",
        "prompt",
        "prompt_interpolation_method",
        "prompts",
        "reset_cache",
        "transition",
        "vace_ref_images",
    }
)
LOAD_NAMES = frozenset({"loras", "lora_merge_mode", "quantization", "seed", "vace_enabled", "vae_type"})

_WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}


class RefusedValueError(ValueError):
    """A parameter that a pipeline lacks, or a value that it cannot take.

    `name`: the parameter. `reason`: what was expected and what came, without the names of pipeline and parameter.
    """

    def __init__(self, pipeline_id: str, name: str, reason: str) -> None:
        super().__init__(f"{pipeline_id}: parameter {name!r} {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class Field:
    """One field of a schema. `entry` is its JSON schema as it stands, `options` its alternatives, references resolved."""

    name: str
    entry: Mapping[str, Any]
    options: Sequence[Mapping[str, Any]]

    @property
    def is_load(self) -> bool:
        """True for a value that is read once, at load."""
        ui = self.entry.get("ui")
        return isinstance(ui, Mapping) and bool(ui.get("is_load_param"))

    @property
    def words(self) -> str:
        """What the field accepts, such as `a number from 0 to 1`, `one of 'a', 'b'` or `a whole number or null`."""
        return " or ".join(_words(option) for option in self.options)

    def fitted(self, value: Any) -> Any:
        """The value in the field's own type.

        Whole numbers count as numbers and the other way round, 0 and 1 as false and true, enum members as their values.

        Raises:
            ValueError: it does not fit; says what was expected and what came.
        """
        try:
            return _first_fit(self.options, value.value if isinstance(value, Enum) else value)
        except _MisfitError:
            raise ValueError(f"expected {self.words}, got {value!r}") from None


class Fields(Mapping[str, Field]):
    """The fields of one pipeline, in the order of its schema; `pipeline_id` stands in front of every complaint."""

    def __init__(self, pipeline_id: str, schema: Mapping[str, Any]) -> None:
        self.pipeline_id = pipeline_id
        entries = schema.get("properties", {})
        self._fields = {name: Field(name, entry, _options(schema, entry)) for name, entry in entries.items()}

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def checked(self, name: str, value: Any, *, load: bool = False) -> Any:
        """A value as the pipeline takes it, at load or while it runs.

        Raises:
            RefusedValueError: no such parameter (with the nearest name), another type, out of range, or the wrong moment.
        """
        field = self._fields.get(name)
        if field is None:
            if name in (LOAD_NAMES if load else RUNTIME_NAMES):
                return value
            raise RefusedValueError(self.pipeline_id, name, f"does not exist{self._hint(name)}")
        if field.is_load and not load:
            raise RefusedValueError(self.pipeline_id, name, "is read once, at load")
        try:
            return field.fitted(value)
        except ValueError as error:
            raise RefusedValueError(self.pipeline_id, name, str(error)) from None

    def sifted(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The runtime values that fit, and for each other one the reason why not."""
        taken, refused = {}, {}
        for name, value in values.items():
            try:
                taken[name] = self.checked(name, value)
            except RefusedValueError as error:
                refused[name] = error.reason
        return taken, refused

    def _hint(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._fields, n=1, cutoff=0.5)
        return f"; did you mean {near[0]!r}?" if near else ""


class _MisfitError(Exception):
    """A value is not what one alternative of a field describes."""


def _options(schema: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = entry.get("anyOf") or entry.get("oneOf") or [entry]
    return [_resolved(schema, option) for option in found]


def _resolved(schema: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry with references replaced, those of the items of a list too."""
    reference = entry.get("$ref") or next((part["$ref"] for part in entry.get("allOf", ()) if "$ref" in part), None)
    if reference is not None:
        return _resolved(schema, schema.get("$defs", {}).get(reference.rsplit("/", 1)[-1], {}))
    if isinstance(items := entry.get("items"), Mapping):
        return {**entry, "items": {"anyOf": _options(schema, items)}}
    return entry


def _words(option: Mapping[str, Any]) -> str:
    if choices := _choices(option):
        return ("one of " if len(choices) > 1 else "") + ", ".join(map(repr, choices))
    words = _WORDS.get(option.get("type", ""), "any value")
    low = _bound(option, "of at least {}", "minimum") or _bound(option, "above {}", "exclusiveMinimum")
    high = _bound(option, "of at most {}", "maximum") or _bound(option, "below {}", "exclusiveMaximum")
    if "minimum" in option and "maximum" in option:
        return f"{words} from {_number(option['minimum'])} to {_number(option['maximum'])}"
    return f"{words} {' and '.join(filter(None, (low, high)))}".rstrip()


def _bound(option: Mapping[str, Any], words: str, key: str) -> str:
    return words.format(_number(option[key])) if key in option else ""


def _number(value: float) -> str:
    """A whole number with all its digits, any other as short as it can be."""
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


def _choices(option: Mapping[str, Any]) -> list[Any]:
    return list(option.get("enum", [option["const"]] if "const" in option else []))


def _fitted(option: Mapping[str, Any], value: Any) -> Any:
    if choices := _choices(option):
        return _one_of(choices, value)
    kind = option.get("type")
    if kind in ("number", "integer"):
        return _fitted_number(option, value, whole=kind == "integer")
    if kind == "string":
        return _fitted_text(option, value)
    if kind == "array":
        return _fitted_list(option, value)
    if kind == "boolean" and not isinstance(value, bool) and value in (0, 1):
        return bool(value)
    types: dict[Any, Any] = {"boolean": bool, "null": type(None), "object": Mapping, None: object}
    if not isinstance(value, types.get(kind, object)):
        raise _MisfitError
    return value


def _one_of(choices: Sequence[Any], value: Any) -> Any:
    for choice in choices:
        if choice == value and isinstance(choice, bool) == isinstance(value, bool):
            return choice
    raise _MisfitError


def _fitted_number(option: Mapping[str, Any], value: Any, *, whole: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _MisfitError
    try:
        number = float(value)
    except OverflowError:
        raise _MisfitError from None
    inside = option.get("minimum", -math.inf) <= number <= option.get("maximum", math.inf)
    between = option.get("exclusiveMinimum", -math.inf) < number < option.get("exclusiveMaximum", math.inf)
    if not (math.isfinite(number) and inside and between) or (whole and number != int(number)):
        raise _MisfitError
    return int(value) if whole else number


def _fitted_text(option: Mapping[str, Any], value: Any) -> str:
    if not isinstance(value, str) or not option.get("minLength", 0) <= len(value) <= option.get("maxLength", math.inf):
        raise _MisfitError
    if "pattern" in option and re.search(option["pattern"], value) is None:
        raise _MisfitError
    return value


def _fitted_list(option: Mapping[str, Any], value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _MisfitError
    if not option.get("minItems", 0) <= len(value) <= option.get("maxItems", math.inf):
        raise _MisfitError
    return [_first_fit(option.get("items", {}).get("anyOf", [{}]), item) for item in value]


def _first_fit(alternatives: Sequence[Mapping[str, Any]], value: Any) -> Any:
    for option in alternatives:
        try:
            return _fitted(option, value)
        except _MisfitError:
            continue
    raise _MisfitError

"""Parameters as hosts send them, made usable by the schema: default < preset < load < call, coerced and clamped."""

import functools
import logging
import math
import operator
import types
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_gpu.plugin.renamed import by_new_names, renamed_fields

logger = logging.getLogger(__name__)


class ParameterError(ValueError):
    """A value that the schema cannot make sense of; the message says what was expected and what came."""


@dataclass(frozen=True)
class Presets:
    """Sets of values behind a menu of the schema, applied inside the pipeline, so that they work in every host.

    `menu`: the field that chooses. `values`: by choice, what fields have instead of their defaults; a choice that is
    missing here changes nothing.

    A host sends with a call only what its user has set, and gives all defaults when it loads a pipeline. So a value that
    comes with a call wins over the preset whatever it is, and one given at load wins where it is not the default.
    """

    menu: str
    values: Mapping[str, Mapping[str, Any]]


class ParameterResolver[ConfigT: BasePipelineConfig]:
    """Resolves the parameters of one pipeline instance.

    Hosts send values unvalidated: strings for numbers, floats for ints, plain strings for enums, numbers out of range,
    names that nobody declared. A usable value is coerced and clamped; an unusable one is reported once in the log and
    the last good value stays. A value that is the same as in the last call costs a comparison. One under an old name of
    a field, see `Renamed`, counts as one under the new name that came the same way, unless that came as well.
    """

    def __init__(
        self, config: type[ConfigT], load: Mapping[str, Any] | None = None, presets: Presets | None = None
    ) -> None:
        self._config = config
        self._presets = presets
        self._renamed = renamed_fields(config)
        self._reported: set[str] = set()
        self._defaults = {n: f.get_default(call_default_factory=True) for n, f in config.model_fields.items()}
        self._last_good = dict(self._defaults)
        self._accept(_given(config, load or {}))
        moved = {name: value for name, value in self._last_good.items() if value != self._defaults[name]}
        self._loaded = self._last_good | by_new_names(moved, self._renamed)
        self.forget()

    def forget(self) -> None:
        """Begin again as after loading: no value of an earlier call stays, and faults are reported anew."""
        self._reported.clear()
        self._last_good = dict(self._loaded)
        self._sent: dict[str, Any] = {}
        self._resolved = self._config.model_construct(**self._layered({}))

    def resolve(self, call: Mapping[str, Any]) -> ConfigT:
        """The parameters of this call as an instance of the schema; unknown names are ignored.

        While nothing changes it is the same instance: do not write to it.
        """
        given = _given(self._config, call)
        changed = {name: value for name, value in given.items() if not self._is_known(name, value)}
        if changed or given.keys() != self._sent.keys():
            self._accept(changed)
            self._sent = given
            values = self._layered({name: self._last_good[name] for name in given})
            self._resolved = self._config.model_construct(**values)
        return self._resolved

    def _layered(self, called: Mapping[str, Any]) -> dict[str, Any]:
        called = by_new_names(called, self._renamed)
        values = self._loaded | called
        if self._presets is None:
            return values
        preset = self._presets.values.get(values[self._presets.menu], {})
        loaded = {name for name in preset if self._loaded[name] != self._defaults[name]}
        return values | {name: value for name, value in preset.items() if name not in called and name not in loaded}

    def _is_known(self, name: str, value: Any) -> bool:
        """Whether the last call had the same value; a list or a dictionary may have been changed in place."""
        before = self._sent.get(name)
        return type(value) is type(before) and isinstance(value, int | float | str | Enum) and value == before

    def _accept(self, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            try:
                self._last_good[name] = coerce(self._config.model_fields[name], value)
                self._reported.discard(name)
            except ParameterError as error:
                self._report(name, error)

    def _report(self, name: str, error: ParameterError) -> None:
        if name not in self._reported:
            self._reported.add(name)
            kept = self._last_good[name]
            logger.warning("%s: parameter %r %s; %r stays", self._config.pipeline_id, name, error, kept)


def _given(config: type[BasePipelineConfig], call: Mapping[str, Any]) -> dict[str, Any]:
    """What of the keywords belongs to the schema, in the schema's order."""
    fields = config.model_fields
    return {name: call[name] for name in fields if name in call and call[name] is not PydanticUndefined}


def coerce(field: FieldInfo, value: Any) -> Any:
    """Make a value fit a field: the nearest value of its type, clamped into its bounds.

    Raises:
        ParameterError: no such value exists.
    """
    kind, optional = _without_none(field.annotation)
    if value is None:
        if optional:
            return None
        raise ParameterError(f"expected {describe(field)}, got None")
    try:
        return _coerce(kind, field, value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ParameterError(f"expected {describe(field)}, got {value!r}") from error


def describe(field: FieldInfo) -> str:
    """What a field accepts, in words: `a number from 0.0 to 1.0`, `one of 'a', 'b'`, `true or false`."""
    kind, optional = _without_none(field.annotation)
    low, high = _bounds(field)
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}.get(kind)
    if words is None:
        choices = _choices(kind)
        words = f"one of {', '.join(repr(c) for c in choices)}" if choices else str(kind)
    if low is not None:
        words += f" from {low}" if high is not None else f" of at least {low}"
    if high is not None:
        words += f" to {high}" if low is not None else f" of at most {high}"
    return words + (" or null" if optional else "")


def _coerce(kind: Any, field: FieldInfo, value: Any) -> Any:
    if get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return _choice(kind, value)
    if kind is float:
        return float(_clamp(_finite(value), field))
    if kind is int:
        return int(_clamp(round(_finite(value)), field))
    if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        raise ValueError(str(error)) from error


@functools.cache
def _adapter(kind: Any) -> TypeAdapter:
    return TypeAdapter(kind)


def _choice(kind: Any, value: Any) -> Any:
    for choice in get_args(kind) if get_origin(kind) is Literal else kind:
        names = (choice, choice.value, choice.name) if isinstance(choice, Enum) else (choice,)
        if str(_whole(value)) in {str(name) for name in names}:
            return choice
    raise ValueError(value)


def _whole(value: Any) -> Any:
    """A float that is a whole number as an int: browsers know only one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _clamp(number: float, field: FieldInfo) -> float:
    low, high = _bounds(field)
    if low is not None:
        number = max(number, low)
    return number if high is None else min(number, high)


def _bounds(field: FieldInfo) -> tuple[Any, Any]:
    """Inclusive bounds; an exclusive one is moved inwards by the smallest step of the type."""
    low = high = None
    whole = _without_none(field.annotation)[0] is int
    for rule in field.metadata:
        match rule:
            case annotated_types.Ge(ge=value):
                low = value
            case annotated_types.Gt(gt=value):
                low = value + 1 if whole else math.nextafter(value, math.inf)
            case annotated_types.Le(le=value):
                high = value
            case annotated_types.Lt(lt=value):
                high = value - 1 if whole else math.nextafter(value, -math.inf)
    return low, high


def _choices(kind: Any) -> list[Any]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [member.value for member in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """`X | None` as (X, True); anything else as it is."""
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        if len(kinds) < len(get_args(annotation)):
            return functools.reduce(operator.or_, kinds), True
    return annotation, False

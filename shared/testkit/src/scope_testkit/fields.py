"""A config class seen as a host sees it: the fields of its JSON schema, as the runtime reads them, and as controls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.runtime import values

Kind = Literal["bool", "int", "float", "str", "choice", "other"]

_KINDS: dict[str, Kind] = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}


@dataclass(frozen=True)
class Field:
    """One parameter. `words` say what it accepts; `ui` is None for a field without `ui_field_config`; `raw` is its JSON
    schema as it stands."""

    name: str
    kind: Kind
    default: Any
    low: float | None
    high: float | None
    choices: tuple[Any, ...]
    optional: bool
    words: str
    ui: Mapping[str, Any] | None
    raw: Mapping[str, Any]

    @property
    def description(self) -> str:
        """The tooltip; empty without one."""
        return str(self.raw.get("description") or "")

    @property
    def label(self) -> str:
        """What stands beside the control: the label, else the description, else the name in Title Case."""
        return str(self.option("label") or self.description or self.name.replace("_", " ").title())

    @property
    def is_load(self) -> bool:
        """True for a value that a host passes only at construction."""
        return bool(self.option("is_load_param"))

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes in which the control shows; empty for all."""
        return tuple(self.option("modes") or ())

    def option(self, name: str) -> Any:
        """One of the options of `ui_field_config`, None where it is not given."""
        return (self.ui or {}).get(name)


def fields_of(config: type[BasePipelineConfig]) -> list[Field]:
    """Every field of a config class, in the order of the schema, inherited ones first."""
    return [_field(field) for field in values.Fields(config.pipeline_id, config.model_json_schema()).values()]


def controls_of(config: type[BasePipelineConfig]) -> list[Field]:
    """The fields that carry `ui` metadata, in panel order: `order` (999 without), then name."""
    shown = [field for field in fields_of(config) if field.ui is not None]
    return sorted(shown, key=lambda field: (_order(field), field.name))


def _order(field: Field) -> float:
    order = field.option("order")
    return order if isinstance(order, int | float) else 999


def _field(field: values.Field) -> Field:
    raw = field.entry
    solid = next((option for option in field.options if option.get("type") != "null"), {})
    choices = tuple(solid.get("enum", [solid["const"]] if "const" in solid else ()))
    return Field(
        name=field.name,
        kind="choice" if choices else _KINDS.get(solid.get("type", ""), "other"),
        default=raw.get("default"),
        low=solid.get("minimum"),
        high=solid.get("maximum"),
        choices=choices,
        optional=any(option.get("type") == "null" for option in field.options),
        words=field.words,
        ui=raw.get("ui"),
        raw=raw,
    )

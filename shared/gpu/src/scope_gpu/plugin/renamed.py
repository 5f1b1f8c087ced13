"""Fields that have another name now: what hosts have saved or mapped under the old one goes on working."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field


@dataclass(frozen=True)
class Renamed:
    """Annotation of the field under its old name, see `old_name`.

    `to`: the field that took its place. `convert`: an old value in the new unit.
    """

    to: str
    convert: Callable[[Any], Any]


def old_name(to: str, default: float, low: float, high: float) -> Any:
    """A number that hosts accept and show no control for, with the default and bounds that it was released with."""
    hidden: Any = {"deprecated": True}
    return Field(default=default, ge=low, le=high, description=f"Old name of {to}", json_schema_extra=hidden)


def renamed_fields(config: type[BaseModel]) -> dict[str, Renamed]:
    """The old names of a schema."""
    fields = config.model_fields.items()
    return {name: rule for name, field in fields for rule in field.metadata if isinstance(rule, Renamed)}


def by_new_names(values: Mapping[str, Any], renamed: Mapping[str, Renamed]) -> dict[str, Any]:
    """Values with those under old names also under the new ones, where those have none."""
    return {rule.to: rule.convert(values[old]) for old, rule in renamed.items() if old in values} | dict(values)

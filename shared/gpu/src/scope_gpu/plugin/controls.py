"""Fields that become controls, one line each in a schema. Importing this module does not import torch.

`order` is the place in the panel; without it, `with_fields` gives each control one.
"""

from typing import Any

from pydantic import Field

from scope.core.pipelines.base_schema import ui_field_config


def slider(label: str, description: str, default: float, low: float, high: float, *, order: int | None = None) -> Any:
    """A number from `low` to `high`; whole steps for a field annotated `int`."""
    ui = ui_field_config(order=order, label=label)
    return Field(default=default, ge=low, le=high, description=description, json_schema_extra=ui)


def unit_slider(label: str, description: str, default: float = 0.0, *, order: int | None = None) -> Any:
    """A number from 0 to 1 that a tempo may move: in hosts the depth of modulation is at most 1."""
    ui = ui_field_config(order=order, label=label, modulatable=True, modulatable_min=0.0, modulatable_max=1.0)
    return Field(default=default, ge=0.0, le=1.0, description=description, json_schema_extra=ui)


def choice(label: str, description: str, default: str, *, order: int | None = None, is_load_param: bool = False) -> Any:
    """A menu of the values that the field's annotation lists, a `Literal` or an `Enum`."""
    return _plain(label, description, default, order, is_load_param)


def toggle(
    label: str, description: str, default: bool = False, *, order: int | None = None, is_load_param: bool = False
) -> Any:
    """A switch, for a field annotated `bool`."""
    return _plain(label, description, default, order, is_load_param)


def text(
    label: str, description: str, default: str = "", *, order: int | None = None, is_load_param: bool = False
) -> Any:
    """Free text, for a field annotated `str`."""
    return _plain(label, description, default, order, is_load_param)


def seed(description: str, *, order: int | None = None) -> Any:
    """The standard field `base_seed` as a live control."""
    ui = ui_field_config(order=order, label="Seed")
    return Field(default=42, ge=0, description=description, json_schema_extra=ui)


def _plain(label: str, description: str, default: bool | str, order: int | None, is_load_param: bool) -> Any:
    ui = ui_field_config(order=order, label=label, is_load_param=is_load_param)
    return Field(default=default, description=description, json_schema_extra=ui)

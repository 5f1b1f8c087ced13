"""Fields that become controls, one line each in a plugin's schema. Importing this module does not import torch."""

from typing import Any

from pydantic import Field

from scope.core.pipelines.base_schema import ui_field_config


def slider(order: int, label: str, description: str, default: float, low: float, high: float) -> Any:
    """A number from `low` to `high`; whole steps for a field annotated `int`."""
    ui = ui_field_config(order=order, label=label)
    return Field(default=default, ge=low, le=high, description=description, json_schema_extra=ui)


def unit_slider(order: int, label: str, description: str, default: float = 0.0) -> Any:
    """A number from 0 to 1 that a tempo may move: in hosts the depth of modulation is at most 1."""
    ui = ui_field_config(order=order, label=label, modulatable=True, modulatable_min=0.0, modulatable_max=1.0)
    return Field(default=default, ge=0.0, le=1.0, description=description, json_schema_extra=ui)


def choice(order: int, label: str, description: str, default: str, *, is_load_param: bool = False) -> Any:
    """A menu of the values that the field's annotation lists, a `Literal` or an `Enum`."""
    return _plain(order, label, description, default, is_load_param)


def toggle(order: int, label: str, description: str, default: bool = False, *, is_load_param: bool = False) -> Any:
    """A switch, for a field annotated `bool`."""
    return _plain(order, label, description, default, is_load_param)


def text(order: int, label: str, description: str, default: str = "", *, is_load_param: bool = False) -> Any:
    """Free text, for a field annotated `str`."""
    return _plain(order, label, description, default, is_load_param)


def seed(order: int, description: str) -> Any:
    """The standard field `base_seed` as a live control."""
    return Field(
        default=42, ge=0, description=description, json_schema_extra=ui_field_config(order=order, label="Seed")
    )


def _plain(order: int, label: str, description: str, default: bool | str, is_load_param: bool) -> Any:
    ui = ui_field_config(order=order, label=label, is_load_param=is_load_param)
    return Field(default=default, description=description, json_schema_extra=ui)

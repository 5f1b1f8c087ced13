"""Looks: named sets of values at the top of a panel. Importing this module does not import torch."""

from collections.abc import Mapping
from typing import Any

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_gpu.plugin.controls import choice

NO_LOOK = "none"


def look_menu(description: str) -> Any:
    """The menu of looks, first in the panel, for a field annotated `str`; its first choice is `NO_LOOK`."""
    return choice("Look", description, NO_LOOK, order=0)


def under[ConfigT: BasePipelineConfig](params: ConfigT, values: Mapping[str, Any]) -> ConfigT:
    """`params` with `values` wherever a control stands at its default: a control that was moved wins."""
    fields = type(params).model_fields
    unmoved = {name: value for name, value in values.items() if getattr(params, name) == fields[name].default}
    return params.model_copy(update=unmoved) if unmoved else params

"""A pipeline's schema put together from the controls of its parts. Importing this module does not import torch."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from scope.core.pipelines.base_schema import BasePipelineConfig


class FieldClashError(TypeError):
    """Two parts of a schema that both want a control of one name."""


def with_fields[ConfigT: BasePipelineConfig](
    parts: Sequence[type[BaseModel]], menus: Mapping[str, Sequence[str]] | None = None
) -> Callable[[type[ConfigT]], type[ConfigT]]:
    """Decorator of a config class: puts the fields of `parts` before its own, each part together.

    A control without an `order` gets one: those of the first part 10, 11, ..., of the second 20, 21, ..., the class's
    own after all parts. So a part has its place in the panel by its place in the list. A part with a class variable
    `group` says so in each of its controls, as the title of the panel's section that it belongs to.

    Args:
        parts: models whose fields are controls.
        menus: by the name of a field of the class, annotated `str`, what it may choose from: the names in a list that
            the class does not write down again.

    Raises:
        FieldClashError: two parts, or a part and the class, have a field of one name.
    """

    def extended(config: type[ConfigT]) -> type[ConfigT]:
        fields: dict[str, Any] = {}
        groups = [(part.__name__, part.model_fields, getattr(part, "group", None)) for part in parts]
        for number, (part, group, title) in enumerate([*groups, ("", config.model_fields, None)], start=1):
            for place, (name, field) in enumerate((n, f) for n, f in group.items() if _is_control(f) or part):
                if name in fields or (part and name in config.model_fields):
                    raise FieldClashError(f"{config.__name__}: {part} adds {name!r}, a field that is there already")
                fields[name] = (field.annotation, _placed(field, 10 * number + place, title))
        for name, choices in (menus or {}).items():
            # Names that are known only here: to a type checker the field is a str.
            fields[name] = (Literal[tuple(choices)], fields[name][1])  # ty: ignore[invalid-type-form]
        return create_model(
            config.__name__, __base__=config, __module__=config.__module__, __doc__=config.__doc__, **fields
        )

    return extended


def _is_control(field: FieldInfo) -> bool:
    return isinstance(field.json_schema_extra, dict) and "ui" in field.json_schema_extra


def _placed(field: FieldInfo, order: int, title: str | None) -> FieldInfo:
    placed = copy.copy(field)
    if _is_control(field):
        extra: Any = field.json_schema_extra
        placed.json_schema_extra = {"ui": {"order": order} | ({"group": title} if title else {}) | extra["ui"]}
    return placed

"""Constructs a pipeline as every host does."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticUndefined

from scope.core.pipelines.base_schema import BasePipelineConfig, field_defaults
from scope.core.pipelines.interface import Pipeline
from scope.runtime.faults import PipelineError


def construct(
    pipeline_class: type[Pipeline], load: Mapping[str, Any] | None = None, *, node: str | None = None
) -> Pipeline:
    """`cls(**schema_defaults, **load)`, with every default that is not None; `node` is its id in a chain.

    Raises:
        PipelineError: the constructor raised; the message carries the reason.
    """
    config = pipeline_class.get_config_class()
    keywords = schema_defaults(config) | dict(load or {})
    try:
        return pipeline_class(**keywords)
    except (Exception, SystemExit) as error:
        raise PipelineError.raised(node or config.pipeline_id, "could not be loaded", "load", error) from error


def schema_defaults(config: type[BasePipelineConfig]) -> dict[str, Any]:
    """The defaults of the fields as a constructor gets them: None left out and factories called."""
    defaults = field_defaults(config)
    return {name: value for name, value in defaults.items() if value is not None and value is not PydanticUndefined}

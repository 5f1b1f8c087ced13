"""The pipelines a host knows, by id."""

import difflib
from collections.abc import Iterator
from inspect import isclass

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.interface import Pipeline


class RegistrationError(ValueError):
    """A pipeline that cannot be registered; the message says what was expected and what came."""


class UnknownPipelineError(KeyError):
    """No pipeline has this id; the message names the nearest one."""

    def __str__(self) -> str:
        return self.args[0]


class PipelineRegistry:
    """Pipelines by id, in the order of registration. An id that is taken stays with its first owner."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Pipeline]] = {}

    def register(self, pipeline_class: type[Pipeline]) -> str:
        """Add a pipeline class and return its id.

        Raises:
            RegistrationError: it is no pipeline class, its schema is unusable, or its id is taken.
        """
        pipeline_id = _config_class(pipeline_class).pipeline_id
        owner = self._classes.get(pipeline_id)
        if owner is not None:
            raise RegistrationError(
                f"pipeline id {pipeline_id!r} is taken by {_qualified(owner)}; "
                f"{_qualified(pipeline_class)} needs an id of its own"
            )
        self._classes[pipeline_id] = pipeline_class
        return pipeline_id

    def get(self, pipeline_id: str) -> type[Pipeline]:
        """The pipeline class of this id.

        Raises:
            UnknownPipelineError: there is none.
        """
        if pipeline_id not in self._classes:
            raise UnknownPipelineError(self._unknown(pipeline_id))
        return self._classes[pipeline_id]

    def config(self, pipeline_id: str) -> type[BasePipelineConfig]:
        """The schema of the pipeline of this id; raises as `get` does."""
        return self.get(pipeline_id).get_config_class()

    def __contains__(self, pipeline_id: object) -> bool:
        return pipeline_id in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def _unknown(self, pipeline_id: str) -> str:
        near = difflib.get_close_matches(pipeline_id, self._classes, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"no pipeline {pipeline_id!r}{hint} (registered: {', '.join(self._classes) or 'none'})"


def _config_class(pipeline_class: object) -> type[BasePipelineConfig]:
    if not (isclass(pipeline_class) and issubclass(pipeline_class, Pipeline)):
        raise RegistrationError(
            f"expected a subclass of scope.core.pipelines.interface.Pipeline, got {pipeline_class!r}"
        )
    config = pipeline_class.get_config_class()
    if not (isclass(config) and issubclass(config, BasePipelineConfig)):
        raise RegistrationError(
            f"{_qualified(pipeline_class)}.get_config_class() must return a subclass of BasePipelineConfig, "
            f"got {config!r}"
        )
    missing = [v for v in ("pipeline_id", "pipeline_name", "pipeline_description") if not _has_text(config, v)]
    if missing:
        raise RegistrationError(f"{_qualified(config)} must set {', '.join(missing)} to a text that is not empty")
    return config


def _has_text(config: type, name: str) -> bool:
    value = getattr(config, name, None)
    return isinstance(value, str) and bool(value.strip())


def _qualified(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"

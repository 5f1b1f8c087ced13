"""The pipelines a host knows, by id."""

import difflib
import logging
from collections.abc import Iterator
from inspect import isclass
from typing import ClassVar

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.interface import Pipeline

logger = logging.getLogger(__name__)


class RegistrationError(ValueError):
    """A pipeline that cannot be registered; the message says what was expected and what came."""


class TakenError(RegistrationError):
    """The id of a pipeline belongs to another."""


class UnknownPipelineError(KeyError):
    """No pipeline has this id; the message names the nearest one."""

    def __str__(self) -> str:
        return self.args[0]


class Registry:
    """Pipelines by id, in the order of registration. An id that is taken stays with its first owner."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Pipeline]] = {}

    def register(self, pipeline_class: type[Pipeline], pipeline_id: str | None = None) -> str:
        """Add a pipeline class under an id, that of its config class unless one is given, and return the id.

        Raises:
            TakenError: its id belongs to another.
            RegistrationError: it is not a pipeline class, or its schema is unusable.
        """
        pipeline_id = _checked_id(pipeline_class, pipeline_id)
        owner = self._classes.setdefault(pipeline_id, pipeline_class)
        if owner is not pipeline_class:
            raise TakenError(
                f"pipeline id {pipeline_id!r} is taken by {_qualified(owner)}; "
                f"{_qualified(pipeline_class)} needs an id of its own"
            )
        return pipeline_id

    def remove(self, pipeline_id: str) -> bool:
        """Forget the pipeline of this id; False if there is none."""
        return self._classes.pop(pipeline_id, None) is not None

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


class PipelineRegistry:
    """The registry as plugins know it: one for the process, used through the class itself.

    It shows the `Registry` that plugins were last loaded into (`load_plugins` binds it), and an empty one before.
    """

    _bound: ClassVar[Registry] = Registry()

    @classmethod
    def bind(cls, registry: Registry) -> None:
        """Make this the registry that the class methods mean from now on. For hosts."""
        cls._bound = registry

    @classmethod
    def register(cls, pipeline_id: str, pipeline_class: type[Pipeline]) -> None:
        """Add a pipeline class under an id. An id that is taken stays with its owner, and the log says so.

        Raises:
            RegistrationError: it is not a pipeline class, or its schema is unusable.
        """
        if pipeline_id in cls._bound and cls._bound.get(pipeline_id) is not pipeline_class:
            logger.warning("pipeline id %r is taken; %s is not registered", pipeline_id, _qualified(pipeline_class))
        else:
            cls._bound.register(pipeline_class, pipeline_id)

    @classmethod
    def unregister(cls, pipeline_id: str) -> bool:
        """Forget a pipeline; False if there is none of this id."""
        return cls._bound.remove(pipeline_id)

    @classmethod
    def get(cls, pipeline_id: str) -> type[Pipeline] | None:
        """The pipeline class of this id, or None."""
        return cls._bound.get(pipeline_id) if pipeline_id in cls._bound else None

    @classmethod
    def get_config_class(cls, pipeline_id: str) -> type[BasePipelineConfig] | None:
        """The config class of the pipeline of this id, or None."""
        return cls._bound.config(pipeline_id) if pipeline_id in cls._bound else None

    @classmethod
    def is_registered(cls, pipeline_id: str) -> bool:
        """Whether a pipeline has this id."""
        return pipeline_id in cls._bound

    @classmethod
    def list_pipelines(cls) -> list[str]:
        """Every id, in the order of registration."""
        return list(cls._bound)


def _checked_id(pipeline_class: object, pipeline_id: str | None) -> str:
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
    own = getattr(config, "pipeline_id", None)
    if not (isinstance(own, str) and own.strip()):
        raise RegistrationError(f"{_qualified(config)} must set pipeline_id to a text that is not empty")
    return pipeline_id or own


def _qualified(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"

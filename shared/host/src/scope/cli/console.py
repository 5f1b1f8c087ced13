"""What every command that runs pipelines shares: which there are, where it prints, whose errors it foresees."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from scope.cli.errors import PIPELINE_FAILED, UserError, warn
from scope.cli.interrupts import leaves_at_once
from scope.control.setup import SetupError
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.registry import Registry, UnknownPipelineError
from scope.core.plugins.manager import HostConflictError, PluginReport, load_plugins
from scope.install.activate import activate
from scope.media import MediaError
from scope.models import missing_files
from scope.runtime.faults import PipelineError
from scope.runtime.graph import Graph, GraphError
from scope.runtime.values import RefusedValueError


@contextmanager
def one_sentence() -> Generator[None]:
    """Turn the errors that the rooms below foresee into a UserError; everything else stays a traceback."""
    try:
        yield
    except UnknownPipelineError as error:
        raise UserError(f"{error}; see `scope plugins` for what is installed, and what is broken") from error
    except (SetupError, GraphError, RefusedValueError, MediaError, HostConflictError) as error:
        raise UserError(str(error)) from error
    except PipelineError as error:
        raise UserError(str(error), PIPELINE_FAILED) from error


class MissingModelsError(UserError):
    """A pipeline could not be loaded, and files that it declares are missing. `config` is its config class."""

    def __init__(self, error: PipelineError, config: type[BasePipelineConfig], missing: Sequence[Path]) -> None:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        super().__init__(f"{error}. Model files are missing: {', '.join(map(str, missing[:3]))}{more}")
        self.config = config


@contextmanager
def with_missing_models(graph: Graph) -> Generator[None]:
    """Name the model files that a pipeline lacks, when it could not be loaded.

    Raises:
        MissingModelsError: in place of the pipeline's own error.
    """
    try:
        yield
    except PipelineError as error:
        config = graph[error.node].config
        missing = missing_files(config) if error.kind == "load" else []
        if not missing:
            raise
        raise MissingModelsError(error, config, missing) from error


def page() -> Console:
    """Where tables go: as wide as the terminal, and wide enough for whole lines in a file or a pipe."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def discover() -> tuple[Registry, list[PluginReport]]:
    """Every pipeline of every plugin, those that `scope install` put there included, and what became of each plugin."""
    active = activate()
    for note in active.notes:
        warn(note)
    registry = Registry()
    with one_sentence(), leaves_at_once():
        reports = load_plugins(registry, before=lambda name, _: active.loading(name))
    active.loaded()
    return registry, reports


def installed() -> Registry:
    """Every pipeline of every installed plugin; what is wrong with a plugin is said by `scope plugins`."""
    return discover()[0]

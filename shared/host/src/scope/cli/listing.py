"""`scope pipelines`, `scope schema ID`: what there is to run."""

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from scope.cli.console import discover, installed, one_sentence, page
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.models import missing_files


def list_pipelines() -> None:
    """List every installed pipeline: its id, what it does, its modes and its place in a chain."""
    registry, reports = discover()
    packages = {pipeline: report.package for report in reports for pipeline in report.pipelines}
    table = Table("id", "name", "modes", "also", "plugin", "models", box=None, pad_edge=False)
    for pipeline_id in registry:
        config = registry.config(pipeline_id)
        usage = ", ".join(map(str, config.usage)) or "-"
        modes = ", ".join(config.get_supported_modes())
        table.add_row(
            pipeline_id,
            escape(config.pipeline_name or pipeline_id),
            modes,
            usage,
            packages[pipeline_id],
            _models(config),
        )
    page().print(table)


def show_schema(pipeline_id: Annotated[str, typer.Argument(metavar="ID", help="A pipeline's id.")]) -> None:
    """Print a pipeline's metadata and JSON schema, as hosts read them."""
    registry = installed()
    with one_sentence():
        config = registry.config(pipeline_id)
    typer.echo(json.dumps(config.get_schema_with_metadata(), indent=2, default=str))


def _models(config: type[BasePipelineConfig]) -> str:
    if not config.artifacts:
        return "none needed"
    missing = missing_files(config)
    return f"{len(missing)} files missing" if missing else "present"

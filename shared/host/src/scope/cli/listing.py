"""`scope pipelines`, `scope plugins`, `scope schema ID`: what is installed."""

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from scope.cli.console import discover, installed, one_sentence, page
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.plugins.insides import insides_imported
from scope.core.plugins.manager import PluginReport
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


def list_plugins() -> None:
    """List every installed plugin, what it registered, and what is wrong with those that are broken."""
    _, reports = discover()
    table = Table("plugin", "version", "entry point", "pipelines", "state", box=None, pad_edge=False)
    for report in reports:
        state = "[green]ok[/]" if report.ok else "[red]broken[/]"
        pipelines = ", ".join(report.pipelines) or "-"
        table.add_row(report.package, report.version, escape(report.entry_point), pipelines, state)
    console = page()
    console.print(table if reports else "no plugin is installed")
    for report in reports:
        for problem in report.problems:
            text = f"[red]{report.package}[/] ({escape(report.entry_point)}): {escape(problem)}"
            console.print(text, soft_wrap=True, highlight=False)
        for note in _notes(report):
            console.print(f"{report.package}: {escape(note)}", soft_wrap=True, highlight=False)


def show_schema(pipeline_id: Annotated[str, typer.Argument(metavar="ID", help="A pipeline's id.")]) -> None:
    """Print a pipeline's metadata and JSON schema, as hosts read them."""
    registry = installed()
    with one_sentence():
        config = registry.config(pipeline_id)
    typer.echo(json.dumps(config.get_schema_with_metadata(), indent=2, default=str))


def _notes(report: PluginReport) -> list[str]:
    """What a host cannot fix and a person should know: nodes, and imports from behind the plugin API."""
    notes = [f"node {name} is not run by this host" for name in report.nodes]
    module = report.entry_point.rpartition("= ")[2].partition(":")[0].partition(".")[0]
    told = " ".join(report.problems)
    insides = [name for name in insides_imported(module) if name not in told]
    return notes + [f"imports the insides of the original host: {name}" for name in insides]


def _models(config: type[BasePipelineConfig]) -> str:
    if not config.artifacts:
        return "none needed"
    missing = missing_files(config)
    return f"{len(missing)} files missing" if missing else "present"

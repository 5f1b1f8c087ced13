"""`scope models`: what pipelines need, what is here, and downloads of the rest."""

import json
import shutil
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Column, Table

from scope.cli.changing import ask
from scope.cli.console import installed, one_sentence, page
from scope.cli.errors import PIPELINE_FAILED, UserError
from scope.cli.interrupts import INTERRUPTED
from scope.core.config import get_models_dir
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.models import Download, declared_files, missing_files, remove, size_of, size_text, verify
from scope.models import Progress as DownloadProgress
from scope.models.sentences import FetchError

app = typer.Typer(help="See, download, verify and remove the model files of pipelines.", no_args_is_help=False)

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of pipelines.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """See, download, verify and remove the model files of pipelines."""
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Each model file of each installed pipeline: whether it is here, and its size."""
    registry = installed()
    rows = [row for pipeline_id in registry for row in _rows(registry.config(pipeline_id))]
    folder = get_models_dir()
    free = shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free
    if as_json:
        typer.echo(json.dumps({"folder": str(folder), "free": free, "files": rows}, indent=2))
        return
    for pipeline_id in dict.fromkeys(row["pipeline"] for row in rows):
        _print(pipeline_id, [row for row in rows if row["pipeline"] == pipeline_id])
    if not rows:
        page().print("no installed pipeline needs model files")
    if any(not row["present"] for row in rows):
        page().print("`scope models download ID` fetches what is missing")
    page().print(f"{folder}: {size_text(free)} free", soft_wrap=True, highlight=False)


def _print(pipeline_id: str, rows: list[dict[str, Any]]) -> None:
    missing = sum(not row["present"] for row in rows)
    here = "its file is here" if len(rows) == 1 else f"all {len(rows)} files are here"
    state = f"[yellow]{missing} of {len(rows)} missing[/]" if missing else f"[green]{here}[/]"
    page().print(f"[bold]{pipeline_id}[/]: {state}", highlight=False)
    table = Table("file", Column("size", justify="right"), box=None, show_header=False, padding=(0, 0, 0, 4))
    for row in rows:
        table.add_row(row["file"], size_text(row["size"]) if row["present"] else "[yellow]missing[/]")
    page().print(table)


@app.command("download")
def download(ids: Ids) -> None:
    """Fetch what the pipelines lack. Ctrl-C keeps what came so far; the next download goes on from there."""
    for config in _configs(ids):
        fetch(config)


@app.command("verify")
def verify_models(ids: Ids) -> None:
    """Hold the files of pipelines against the checksums of their download; status 1 if one differs."""
    problems = [problem for config in _configs(ids) for problem in verify(config.artifacts)]
    for problem in problems:
        Console().print(problem, soft_wrap=True, highlight=False)
    if problems:
        raise typer.Exit(PIPELINE_FAILED)
    typer.echo("every file is as it was downloaded")


@app.command("remove")
def remove_models(ids: Ids, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete the model files of pipelines. Other pipelines that share a file lose it as well, and are named."""
    registry, configs = installed(), _configs(ids)
    doomed = {path for config in configs for path in declared_files(config.artifacts)}
    for other in registry:
        if other not in ids and doomed & set(declared_files(registry.config(other).artifacts)):
            typer.echo(f"{other} uses some of these files too")
    total = size_text(sum(size_of(path) for path in doomed))
    if not yes:
        ask(f"This deletes {total} of {', '.join(ids)}.", "Go on?")
    freed = sum(remove(config.artifacts) for config in configs)
    typer.echo(f"{size_text(freed)} are free again")


def fetch(config: type[BasePipelineConfig]) -> None:
    """Download what a pipeline lacks, with a progress bar.

    Raises:
        UserError: the download failed, with its sentence.
    """
    if not missing_files(config):
        typer.echo(f"{config.pipeline_id}: every file is here")
        return
    with _bar() as bar:
        task = bar.add_task(config.pipeline_id, total=None)

        def show(progress: DownloadProgress) -> None:
            text = f"{progress.state} {progress.file}"
            bar.update(task, completed=progress.done, total=progress.total, description=text)

        work = Download(config.artifacts, show)
        try:
            outcome = work.run()
        except KeyboardInterrupt as error:
            raise UserError(str(work.progress.error), INTERRUPTED) from error
    for source, name in outcome.licenses.items():
        typer.echo(f"{source}: license {name}")
    if outcome.error:
        raise UserError(outcome.error, PIPELINE_FAILED)
    typer.echo(f"{config.pipeline_id}: {size_text(outcome.done)} downloaded")


def offer(config: type[BasePipelineConfig]) -> str:
    """What a download would fetch: how many files, of what size, under which licenses.

    Raises:
        UserError: a source cannot be reached.
    """
    work = Download(config.artifacts)
    try:
        sizes = work.sizes()
    except FetchError as error:
        raise UserError(str(error), PIPELINE_FAILED) from error
    licenses = "".join(f", {source}: license {name}" for source, name in work.progress.licenses.items())
    unknown = " and files of unknown size" if None in sizes.values() else ""
    count = f"{len(sizes)} file" + ("s" if len(sizes) > 1 else "")
    return f"{count}, {size_text(sum(size or 0 for size in sizes.values()))}{unknown}{licenses}"


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))


def _configs(ids: list[str]) -> list[type[BasePipelineConfig]]:
    registry = installed()
    with one_sentence():
        return [registry.config(pipeline_id) for pipeline_id in ids]


def _rows(config: type[BasePipelineConfig]) -> list[dict[str, Any]]:
    folder = get_models_dir()
    return [
        {
            "pipeline": config.pipeline_id,
            "file": path.relative_to(folder).as_posix(),
            "present": path.exists(),
            "size": size_of(path) if path.exists() else None,
        }
        for path in declared_files(config.artifacts)
    ]

"""The commands `scope check` and `scope new`; importing this module is cheap."""

import json
from typing import Annotated

import typer


def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH | DIST | WHEEL | PIPELINE_ID]...", help="What to examine; the current folder without."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list instead of text.")] = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="Fewer sizes and mixtures of parameters, no speed table.")
    ] = False,
    gpu: Annotated[bool, typer.Option("--gpu", help="Let the pipeline see the GPU.")] = False,
    seconds: Annotated[
        float, typer.Option("--timeout", help="Seconds for each step before it counts as a hang.")
    ] = 120.0,
    gibibytes: Annotated[
        float, typer.Option("--memory", help="GiB of resident memory before the process is ended.")
    ] = 8.0,
) -> None:
    """Find what would go wrong with a plugin in a host: packaging, schema, frames, parameters, state, modes, speed.

    Builds the wheel, puts it into a clean environment and runs its pipelines in a process with limits. Ends with status
    1 if there are errors, 2 if there is no such plugin.
    """
    from scope_testkit.examine import examine_target
    from scope_testkit.report import errors, to_json, to_text
    from scope_testkit.sandbox import Limits
    from scope_testkit.target import TargetError, resolve
    from scope_testkit.wheel import UvMissingError

    reports = []
    try:
        for target in [resolve(text) for text in targets or ["."]]:
            reports.append(examine_target(target, Limits(seconds, gibibytes), fast=fast, gpu=gpu))
            if not as_json:
                typer.echo(to_text(reports[-1]))
    except (TargetError, UvMissingError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps([to_json(report) for report in reports], indent=2))
    raise typer.Exit(1 if any(errors(report) for report in reports) else 0)

"""The commands `scope check` and `scope new`; importing this module is cheap."""

import json
from pathlib import Path
from typing import Annotated, Literal

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
        float, typer.Option("--timeout", help="Seconds for a single call, or an import, before it counts as a hang.")
    ] = 120.0,
    gibibytes: Annotated[
        float, typer.Option("--memory", help="GiB of resident memory before the process is ended.")
    ] = 8.0,
) -> None:
    """Find what would go wrong with a plugin in a host: packaging, schema, frames, parameters, state, modes, speed.

    Builds the wheel, puts it into a clean environment and runs its pipelines in a process with limits. Ends with status
    1 if there are errors, 2 if there is no such plugin, 3 if no pipeline could be examined.
    """
    from scope_testkit.examine import examine_target
    from scope_testkit.report import errors, to_json, to_text, unexamined
    from scope_testkit.sandbox import Limits
    from scope_testkit.target import TargetError, resolve

    reports = []
    try:
        for target in [resolve(text) for text in targets or ["."]]:
            reports.append(examine_target(target, Limits(seconds, gibibytes), fast=fast, gpu=gpu))
            if not as_json:
                typer.echo(to_text(reports[-1]))
    except TargetError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps([to_json(report) for report in reports], indent=2))
    silent = [sentence for report in reports if (sentence := unexamined(report))]
    for sentence in silent:
        typer.echo(sentence, err=True)
    raise typer.Exit(1 if any(errors(report) for report in reports) else 3 if silent else 0)


def new(
    name: Annotated[str | None, typer.Argument(help="Such as light-leak; asked for without.")] = None,
    kind: Annotated[
        Literal["generator", "filter", "preprocessor", "postprocessor", "model", "multimode"] | None,
        typer.Option(help="What it does with frames; asked for without."),
    ] = None,
    here: Annotated[
        bool | None,
        typer.Option("--here/--standalone", help="A member of this workspace, or a repository of its own."),
    ] = None,
) -> None:
    """Write a new plugin that works: schema, pipeline, one effect, tests with the kit, README, license.

    With no name it asks. Ends with status 2 for a bad name or a folder that exists.
    """
    from scope_testkit.scaffold.join import NoWorkspaceError
    from scope_testkit.scaffold.names import BadNameError, names_from
    from scope_testkit.scaffold.start import start
    from scope_testkit.scaffold.write import ExistsError

    asked = name is None
    try:
        names = names_from(name or typer.prompt("Name, such as light-leak"))
        chosen = kind or _asked_kind()
        if here is None:
            here = asked and typer.confirm("As a member of this workspace?", default=False)
        typer.echo(start(Path.cwd(), names, chosen, "here" if here else "standalone"))
    except (BadNameError, ExistsError, NoWorkspaceError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _asked_kind() -> str:
    from scope_testkit.scaffold.kinds import KINDS

    answer = ""
    while answer not in KINDS:
        answer = typer.prompt(f"Kind: {', '.join(KINDS)}", default="filter")
    return answer

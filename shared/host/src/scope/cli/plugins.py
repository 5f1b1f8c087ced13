"""`scope plugins`: what is installed, from where, what it registered, and what is wrong with it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from packaging.utils import canonicalize_name
from rich.markup import escape

from scope.cli.changing import Steps, ask
from scope.cli.console import discover, page
from scope.cli.errors import UserError
from scope.core.config import get_plugins_dir
from scope.core.plugins.insides import insides_imported
from scope.core.plugins.manager import PluginReport
from scope.install.errors import InstallError
from scope.install.generations import Store
from scope.install.listing import Entry, Listing, list_plugins
from scope.install.progress import Watch
from scope.install.redact import redact
from scope.install.resolve import NeedsBuildError
from scope.install.updates import known, shown, updates


def plugins(
    ask_updates: Annotated[
        bool, typer.Option("--updates", help="Show newer versions; the sources are asked once an hour.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="With --updates: ask the sources now.")] = False,
    allow_build: Annotated[
        bool, typer.Option("--yes", help="With --updates: run build scripts where a version needs them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """List every plugin: where it comes from, its pipelines, and the cause if it is broken."""
    store = Store(get_plugins_dir())
    newer = (None if fresh else known(store)) if ask_updates else {}
    if newer is None:
        newer = _updates(store, yes=allow_build)
    _, reports = discover()
    listing = list_plugins(store)
    entries = {entry.name: entry for entry in listing.entries}
    rows = [_row(report, entries.get(canonicalize_name(report.package)), newer) for report in reports]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        _print(rows, listing)


def _updates(store: Store, *, yes: bool) -> dict[str, str]:
    steps = Steps()
    log = store.logs / "updates.txt"
    try:
        try:
            found = updates(store, Watch(on_step=steps.show), log, allow_build=yes)
        except NeedsBuildError as error:
            steps.pause()
            ask(str(error), "Run it?")
            found = updates(store, Watch(on_step=steps.show), log, allow_build=True)
    except InstallError as error:
        raise UserError(error.told, error.exit_code) from error
    finally:
        steps.pause()
    return {name: shown(pin) for name, pin in found.items()}


def _row(report: PluginReport, entry: Entry | None, newer: dict[str, str]) -> dict[str, Any]:
    """What was installed and what became of it now."""
    name = canonicalize_name(report.package)
    place = asdict(entry) if entry else {"origin": "path", "source": "the Python path", "commit": "", "editable": ""}
    return place | {
        "name": report.package,
        "version": report.version,
        "entry_point": report.entry_point,
        "pipelines": report.pipelines,
        "problems": report.problems,
        "notes": _notes(report),
        "update": newer.get(name),
    }


def _print(rows: list[dict[str, Any]], listing: Listing) -> None:
    console = page()
    if not rows:
        console.print("no plugin is installed")
    names, versions = (max((len(row[key]) for row in rows), default=0) for key in ("name", "version"))
    for row in rows:
        state = "[red]broken[/]" if row["problems"] else "[green]ok[/]    "
        head = f"[bold]{row['name']:<{names}}[/]  {row['version']:<{versions}}  {state}  {', '.join(row['pipelines'])}"
        console.print(head, highlight=False)
        for line in _about(row):
            # Places are there to be copied: whole, on one line.
            console.print(f"    {line}", soft_wrap=True, highlight=False)
    for told, lines in (("wanted, not installed", listing.not_installed), ("no longer wanted", listing.not_wanted)):
        for line in lines:
            console.print(f"[yellow]{told}:[/] {escape(redact(line))}", soft_wrap=True, highlight=False)


def _about(row: dict[str, Any]) -> Iterator[str]:
    yield f"[dim]{escape(_source(row))}[/]"
    if row["update"]:
        yield f"[yellow]{escape(row['update'])} is out; `scope upgrade {row['name']}` brings it[/]"
    for problem in row["problems"]:
        yield f"[red]{escape(problem)}[/] ({escape(row['entry_point'])})"
    for note in row["notes"]:
        yield escape(note)


def _source(row: dict[str, Any]) -> str:
    if row["origin"] == "host":
        return f"part of the host, editable: {row['editable']}" if row["editable"] else "part of the host"
    at = row["origin"] == "git" and row["commit"] not in row["source"]
    commit = f" at {row['commit'][:12]}" if at else ""
    return f"{'editable: ' if row['editable'] else ''}{row['source']}{commit}"


def _notes(report: PluginReport) -> list[str]:
    """What a host cannot fix and a person should know: nodes, and imports from behind the plugin API."""
    notes = [f"node {name} is not run by this host" for name in report.nodes]
    module = report.entry_point.rpartition("= ")[2].partition(":")[0].partition(".")[0]
    told = " ".join(report.problems)
    insides = [name for name in insides_imported(module) if name not in told]
    return notes + [f"imports the insides of the original host: {name}" for name in insides]

"""`scope history`: which generation was current when, and why."""

import json
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from scope.cli.console import page
from scope.core.config import get_plugins_dir
from scope.install.generations import Store
from scope.install.listing import switches


def history(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """List every change of plugins, oldest first. Kept generations can be gone back to."""
    rows = switches(Store(get_plugins_dir()))
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        _print(row)
    if not rows:
        page().print("no plugin was ever installed here")


def _print(row: dict[str, Any]) -> None:
    console = page()
    state = "current" if row["current"] else "kept" if row["kept"] else "removed"
    head = f"{int(row['to'].split('-')[0]):>4}  {_when(row['at'])}  {row['by']:<9}  {state:<7}  "
    fits = len(head) + len(row["what"]) <= console.width
    style = {"current": "green", "kept": "", "removed": "dim"}[state]
    console.print(
        f"{head}{'' if fits else '\n      '}{escape(row['what'])}", style=style, soft_wrap=True, highlight=False
    )


def _when(at: str) -> str:
    """A recorded time as the clock of this machine showed it."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")

"""`scope history`: which generation was current when, and why."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scope.core.config import get_plugins_dir
from scope.install.generations import Store


def history(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """List every change of plugins, oldest first. Kept generations can be gone back to."""
    store = Store(get_plugins_dir())
    current, kept = store.current(), set(store.complete())
    rows: list[dict[str, Any]] = [
        switch | {"kept": switch["to"] in kept, "current": switch["to"] == current} for switch in store.history()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("generation", "at", "by", "what", "state", box=None, pad_edge=False)
    for row in rows:
        state = "current" if row["current"] else "kept" if row["kept"] else "removed"
        table.add_row(str(int(row["to"].split("-")[0])), row["at"], row["by"], escape(row["what"]), state)
    Console(width=None if Console().is_terminal else 200).print(table if rows else "no plugin was ever installed here")

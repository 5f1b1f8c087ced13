"""`scope osc`: the addresses that OSC programs may send to."""

from typing import Annotated

import typer

from scope.cli.console import installed, one_sentence
from scope.control.fields import live_fields
from scope.control.osc import addresses


def osc(
    pipelines: Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Pipelines; all without.")] = None,
) -> None:
    """List OSC addresses and what each takes, for stages that are named like their pipelines."""
    registry = installed()
    with one_sentence():
        configs = [registry.config(name) for name in pipelines or registry]
    for address, takes in addresses({c.pipeline_id: live_fields(c.model_json_schema()) for c in configs}):
        typer.echo(f"{address}  {takes}")

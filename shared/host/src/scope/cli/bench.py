"""`scope bench NAME`: the benchmarks that plugins bring along."""

from importlib import metadata
from typing import Annotated

import typer

from scope.cli.errors import UserError

BENCH_GROUP = "scope.bench"


def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A benchmark; without it, those there are.")] = None,
) -> None:
    """Run a plugin's benchmark; what follows its name goes to it (try `scope bench NAME --help`)."""
    points = {point.name: point for point in metadata.entry_points(group=BENCH_GROUP)}
    if name is None:
        typer.echo("\n".join(sorted(points)) or "no installed plugin brings a benchmark")
        return
    if name not in points:
        raise UserError(f"no benchmark {name!r}; there is {', '.join(sorted(points)) or 'none'}")
    raise typer.Exit(points[name].load()(context.args))

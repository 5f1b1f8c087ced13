"""`scope rollback [GENERATION]`: back to plugins that worked."""

from typing import Annotated

import typer

from scope.cli.changing import Steps, manager, tell
from scope.install import change


def rollback(
    generation: Annotated[
        str | None, typer.Argument(help="A number as in `scope history`; the one before without it.")
    ] = None,
) -> None:
    """Make an earlier generation of plugins current again. Needs no network."""
    steps = Steps()
    with manager("scope rollback", steps) as work:
        done = change.rollback(work, generation)
    tell(done)

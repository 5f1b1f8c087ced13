"""`scope uninstall NAME…`: take plugins out."""

from typing import Annotated

import typer

from scope.cli.changing import change_plugins
from scope.install.plan import Edit


def uninstall(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="Names as in `scope plugins`.")],
) -> None:
    """Remove plugins; the others stay as they are. `scope rollback` brings them back."""
    change_plugins(Edit("uninstall", remove=tuple(names)))

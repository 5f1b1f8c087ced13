"""`scope upgrade NAME…`: newer versions and commits of plugins."""

from typing import Annotated

import typer

from scope.cli.changing import change_plugins
from scope.cli.errors import UserError
from scope.core.config import get_plugins_dir
from scope.install.generations import Store
from scope.install.plan import Edit


def upgrade(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME…", help="Names as in `scope plugins`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every installed plugin.")] = False,
    pre: Annotated[bool, typer.Option("--pre", help="Allow pre-releases of what is named.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Move plugins to the newest version that their line in plugins.txt allows; all others stay."""
    if bool(names) == every:
        raise UserError("name the plugins to upgrade, or give --all")
    base = Store(get_plugins_dir()).base() if every else None
    chosen = [plugin.name for plugin in base.plugins] if base else names or []
    change_plugins(Edit("upgrade", upgrade=tuple(chosen), pre=pre), yes=yes)

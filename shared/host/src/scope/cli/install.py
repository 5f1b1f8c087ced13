"""`scope install SPEC…`: bring plugins in; alone it makes what is installed agree with plugins.txt."""

from pathlib import Path
from typing import Annotated

import typer

from scope.cli.changing import change_plugins
from scope.cli.errors import UserError
from scope.install.errors import InstallError
from scope.install.plan import Edit
from scope.install.resolve import refs
from scope.install.specs import Spec, parse


def install(
    specs: Annotated[
        list[str] | None,
        typer.Argument(metavar="SPEC…", help="A name, git+URL, folder, wheel, or the address of a repository's page."),
    ] = None,
    editable: Annotated[
        bool, typer.Option("--editable", "-e", help="Use a folder as it is, with later edits.")
    ] = False,
    pre: Annotated[bool, typer.Option("--pre", help="Allow pre-releases of what is named.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Install plugins beside the host, never into it; without a SPEC, whatever plugins.txt names."""
    edit = Edit("install", add=tuple(_parsed(text, editable) for text in specs or ()), pre=pre)
    change_plugins(edit if edit.add else Edit("reconcile"), yes=yes)


def _parsed(text: str, editable: bool) -> Spec:
    try:
        return parse(text, cwd=Path.cwd(), editable=editable, refs=refs)
    except InstallError as error:
        raise UserError(error.told, error.exit_code) from error

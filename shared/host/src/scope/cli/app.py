"""Finds the command that was asked for, imports it alone, and runs it."""

import logging
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module, metadata
from typing import Annotated

import typer

from scope.cli.errors import BAD_INPUT, UserError, complain
from scope.cli.interrupts import INTERRUPTED, cleans_up, leaves_at_once, say_interrupted
from scope.cli.words import fill_address, join_times
from scope.core.config import HomelessError

COMMAND_GROUP = "scope.commands"

# Where each command is; a command's module is imported when it is asked for, or when all are listed.
COMMANDS = {
    "serve": "scope.cli.serve:serve",
    "demo": "scope.cli.demo:demo",
    "render": "scope.cli.render:render",
    "batch": "scope.cli.batch:batch",
    "pipelines": "scope.cli.listing:list_pipelines",
    "plugins": "scope.cli.plugins:plugins",
    "install": "scope.cli.install:install",
    "uninstall": "scope.cli.uninstall:uninstall",
    "upgrade": "scope.cli.upgrade:upgrade",
    "rollback": "scope.cli.rollback:rollback",
    "history": "scope.cli.history:history",
    "schema": "scope.cli.listing:show_schema",
    "models": "scope.cli.models:app",
    "osc": "scope.cli.osc:osc",
    "bench": "scope.cli.bench:bench",
}
# Commands of other packages, which may be absent.
ELSEWHERE = {"check": "scope-testkit", "new": "scope-testkit"}
# Commands that read the words after their own name themselves.
FORWARDING = {"bench"}
# What `scope` alone means.
FIRST_COMMAND = ("serve", "--open")


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    argv = argv or FIRST_COMMAND
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    if not sys.warnoptions:
        # Libraries warn their developers; what matters to the person at the keyboard is said in words.
        warnings.simplefilter("ignore")
    try:
        with leaves_at_once():
            app = _app(next((word for word in argv if not word.startswith("-")), ""))
        with cleans_up():
            result = app(fill_address(join_times(argv)), standalone_mode=True)
    except SystemExit as stop:
        return _exit_code(stop)
    except UserError as error:
        return complain(str(error), error.exit_code)
    except HomelessError as error:
        return complain(str(error), BAD_INPUT)
    return result if isinstance(result, int) else 0


def _exit_code(stop: SystemExit) -> int:
    code = stop.code if isinstance(stop.code, int) else 1
    if code == INTERRUPTED:
        # Typer makes a silent exit of the KeyboardInterrupt.
        say_interrupted()
    return code


def _app(asked: str) -> typer.Typer:
    """An application with the command that was asked for, or with all of them if there is none of that name."""
    app = typer.Typer(
        name="scope",
        help="Run, see and develop Scope plugins: real-time video pipelines.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    # With a callback a single command keeps its name.
    app.callback()(_scope)
    homes = COMMANDS | {point.name: point.value for point in sorted(metadata.entry_points(group=COMMAND_GROUP))}
    if asked in ELSEWHERE and asked not in homes:
        raise UserError(f"'scope {asked}' comes with {ELSEWHERE[asked]}, which is not installed beside this host")
    for name, home in homes.items() if asked not in homes else [(asked, homes[asked])]:
        module, _, attribute = home.partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            forwarding = {"allow_extra_args": True, "ignore_unknown_options": True} if name in FORWARDING else None
            app.command(name, context_settings=forwarding)(command)
    return app


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"scope-host {metadata.version('scope-host')}")
        raise typer.Exit


def _scope(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """What stands before a command; the option has done its work by then."""

"""The command line: one command a file, errors as one sentence."""

import logging
import sys
import warnings
from collections.abc import Sequence
from importlib import metadata

import typer

from scope.cli import models
from scope.cli.bench import bench
from scope.cli.console import UserError, complain
from scope.cli.demo import demo
from scope.cli.listing import list_pipelines, list_plugins, show_schema
from scope.cli.render import join_times, render

COMMAND_GROUP = "scope.commands"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 1 when a pipeline failed, 2 for bad input, 130 after an interrupt."""
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    if not sys.warnoptions:
        # Libraries warn their developers; what matters to the person at the keyboard is said in words.
        warnings.simplefilter("ignore")
    try:
        result = _app()(join_times(sys.argv[1:] if argv is None else argv), standalone_mode=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except KeyboardInterrupt:
        return complain("interrupted", 130)
    except UserError as error:
        return complain(str(error), error.exit_code)
    return result if isinstance(result, int) else 0


def _app() -> typer.Typer:
    app = typer.Typer(
        name="scope",
        help="Run, see and develop Scope plugins: real-time video pipelines.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.command("demo")(demo)
    app.command("render")(render)
    app.command("pipelines")(list_pipelines)
    app.command("plugins")(list_plugins)
    app.command("schema")(show_schema)
    app.add_typer(models.app, name="models")
    app.command("bench", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(bench)
    for point in sorted(metadata.entry_points(group=COMMAND_GROUP), key=lambda p: p.name):
        app.command(point.name)(point.load())
    return app

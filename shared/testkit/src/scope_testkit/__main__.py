"""`python -m scope_testkit check …`, for environments without the `scope` command."""

import typer

from scope_testkit.cli import check, new

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.command("check")(check)
app.command("new")(new)

if __name__ == "__main__":
    app()

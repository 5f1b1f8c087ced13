"""What the commands that change plugins share: progress, the question, and how a refusal is said."""

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from scope.cli.errors import BAD_INPUT, UserError, warn
from scope.core.config import get_plugins_dir
from scope.install.change import Consent, Done, Work, change, working
from scope.install.errors import InstallError
from scope.install.generations import Store
from scope.install.plan import RIGHTS, Edit, Plan, summary
from scope.install.progress import Step, Watch
from scope.install.resolve import NeedsBuildError


class Steps:
    """Shows one line that changes on a terminal, and a line for each stage elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status: Status | None = None
        self._stage = ""

    def show(self, step: Step) -> None:
        """Report a step of the work."""
        if step.stage == "done":
            return  # `tell` says what there is then
        text = escape(step.text)
        if not self._console.is_terminal:
            if step.stage != self._stage and step.text:
                self._console.print(text, soft_wrap=True, highlight=False)
        elif self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        elif step.text:
            self._status.update(text)
        self._stage = step.stage

    def pause(self) -> None:
        """Take the line away, to ask a question or to say the end."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def change_plugins(edit: Edit, *, yes: bool = False) -> Done:
    """Carry an edit out, asking before code runs that did not run before.

    Raises:
        UserError: nothing was changed.
    """
    steps = Steps()
    with manager(f"scope {edit.by}", steps) as work:
        consent = _consent(steps, yes=yes)
        try:
            done = change(work, edit, consent, allow_build=yes)
        except NeedsBuildError as error:
            steps.pause()
            ask(str(error), "Run it?")
            done = change(work, edit, consent, allow_build=True)
    tell(done)
    return done


@contextmanager
def manager(what: str, steps: Steps) -> Generator[Work]:
    """The lock, and the installer's refusals as one sentence with the place where more is written."""
    try:
        with working(Store(get_plugins_dir()), what, Watch(on_step=steps.show)) as work:
            yield work
    except InstallError as error:
        more = f"\nThe log: {error.log}" if error.log and error.exit_code == 1 else ""
        raise UserError(f"{error.told}{more}", error.exit_code) from error
    finally:
        steps.pause()


def tell(done: Done) -> None:
    """Say what there is now."""
    for note in done.notes:
        warn(note)
    if not done.changed:
        typer.echo("Nothing to do: what is wanted is installed.")
        return
    assert done.generation is not None
    there = ", ".join(f"{plugin.name} {plugin.version}" for plugin in done.generation.plugins) or "no plugins"
    typer.echo(f"Generation {done.generation.number} is current: {there}.")


def _consent(steps: Steps, *, yes: bool) -> Consent:
    def consent(plan: Plan) -> None:
        steps.pause()
        _print(summary(plan))
        if plan.brings and not yes:
            ask(RIGHTS, "Go on?")

    return consent


def ask(statement: str, question: str, confirm: Callable[[str], bool] = typer.confirm) -> None:
    """Let the person at the keyboard agree.

    Raises:
        UserError: the answer is no, or nobody is there.
    """
    typer.echo(statement)
    if not sys.stdin.isatty():
        raise UserError(
            "Nobody is here to agree; give --yes to go on without a question. Nothing was changed.", BAD_INPUT
        )
    if not confirm(question):
        raise UserError("Nothing was changed.", 1)


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line)

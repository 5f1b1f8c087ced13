"""How a command says that something is wrong: one sentence and an exit code."""

from rich.console import Console
from rich.markup import escape

BAD_INPUT = 2
PIPELINE_FAILED = 1


class UserError(Exception):
    """One clear sentence for the person at the keyboard, and the exit code."""

    def __init__(self, message: str, exit_code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def complain(message: str, exit_code: int) -> int:
    """Print an error to stderr and return the exit code."""
    Console(stderr=True).print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True, highlight=False)
    return exit_code


def warn(message: str) -> None:
    """Print a warning to stderr."""
    Console(stderr=True).print(f"[yellow]warning:[/] {escape(message)}", soft_wrap=True, highlight=False)

"""The command line: one command a file, errors as one sentence. Imports little, so that it starts at once."""

import sys

try:
    import signal
    from collections.abc import Sequence

    from scope.cli.interrupts import INTERRUPTED, leaves_at_once, say_interrupted
except KeyboardInterrupt:  # Ctrl-C before there is a `main` that could hear it
    sys.stderr.write("interrupted\n")
    sys.exit(130)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 1 when a pipeline failed, 2 for bad input, 130 after an interrupt."""
    try:
        with leaves_at_once():
            from scope.cli.app import run
        return run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        say_interrupted()
        return INTERRUPTED
    finally:
        if argv is None:
            # All is done or undone; while Python takes itself down, Ctrl-C would only print a traceback.
            signal.signal(signal.SIGINT, signal.SIG_IGN)

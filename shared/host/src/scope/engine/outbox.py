"""Commands on their way to an engine that may be slow, hang, or not be there yet: bounded, and bursts are merged."""

import threading
from collections.abc import Hashable
from dataclasses import replace

from scope.engine import commands

# More different things than this wait for nobody; the oldest go.
MOST = 1000
# About two seconds of sound.
MOST_BLOCKS = 100


class Outbox:
    """Any thread puts without waiting, one takes. Order holds but for what is merged.

    Values for one stage from one client become one `Post`, blocks of sound one `FedSound`, and of other commands of a
    kind the last one counts, unless a `Play` or a `Swap` stands between them.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._waiting: dict[Hashable, commands.Command] = {}
        self._epoch = 0
        self._ended = False

    def put(self, command: commands.Command) -> None:
        """Add a command, or merge it with one that waits."""
        with self._change:
            if isinstance(command, commands.Play | commands.Swap):
                self._epoch += 1
            key = (self._epoch, *_kind(command))
            self._waiting[key] = _merged(self._waiting.get(key), command)
            if len(self._waiting) > MOST:
                del self._waiting[next(iter(self._waiting))]
            self._change.notify()

    def take(self, timeout: float | None = None) -> commands.Command | None:
        """The next command; None after the end, or when none has come in time."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._ended, timeout)
            if not self._waiting or self._ended:
                return None
            return self._waiting.pop(next(iter(self._waiting)))

    def end(self) -> None:
        """Nothing more is taken."""
        with self._change:
            self._ended = True
            self._change.notify_all()


def _kind(command: commands.Command) -> tuple[Hashable, ...]:
    """Commands of one kind take each other's place."""
    match command:
        case commands.Post(stage=stage, by=by):
            return ("post", stage, by)
        case commands.Swap(stage=stage) | commands.Reset(stage=stage):
            return (type(command).__name__, stage)
    return (type(command).__name__,)


def _merged(before: commands.Command | None, command: commands.Command) -> commands.Command:
    if isinstance(before, commands.Post) and isinstance(command, commands.Post):
        return replace(command, changes={**before.changes, **command.changes})
    if isinstance(before, commands.FedSound) and isinstance(command, commands.FedSound):
        return commands.FedSound((*before.blocks, *command.blocks)[-MOST_BLOCKS:])
    return command

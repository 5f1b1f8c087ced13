"""Levels of a sound input of this machine, for modulation by `audio`."""

import threading
from collections.abc import Callable

from scope.control.sound_in import Levels, SoundInput


class Sound:
    """One input at a time. `listen` blocks while a driver opens or closes, so it is called on a worker thread.

    `heard` gets the levels and `changed` is called when the input fails; both on the input's thread.
    """

    def __init__(self, heard: Callable[[Levels], None], changed: Callable[[], None]) -> None:
        self.problem: str | None = None
        self._changed = changed
        self._input = SoundInput(heard, self._ended)
        self._one_at_a_time = threading.Lock()

    @property
    def listening(self) -> str | None:
        """The input, also one that has failed."""
        return self._input.name

    def inputs(self) -> list[str]:
        """See `SoundInput.names`."""
        with self._one_at_a_time:
            return self._input.names()

    def listen(self, name: str | None) -> None:
        """Listen to an input, or to none.

        Raises:
            OutsideError: it cannot be used.
        """
        with self._one_at_a_time:
            self.problem = None
            if name is None:
                self._input.close()
            else:
                self._input.open(name)

    def stop(self) -> None:
        """Let go of the input."""
        self.listen(None)

    def _ended(self, problem: str) -> None:
        self.problem = problem
        self._changed()

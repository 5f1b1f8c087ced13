"""Motion that runs on time and may change its pace without a jump."""


class Phase:
    """The integral of speed over time: seconds of motion since the start.

    While the speed stays, the phase is `speed x seconds` to the last bit, however often it is asked for; where the speed
    changes, motion goes on from where it is. So a film depends on when the speed changed, never on how many calls came.
    """

    def __init__(self) -> None:
        self._since = 0.0
        self._base = 0.0
        self._speed: float | None = None

    def at(self, seconds: float, speed: float) -> float:
        """The phase at a time; `speed` holds from this time on."""
        if self._speed is None:
            self._speed = speed
        if speed != self._speed:
            self._base += (seconds - self._since) * self._speed
            self._since, self._speed = seconds, speed
        return self._base + (seconds - self._since) * self._speed

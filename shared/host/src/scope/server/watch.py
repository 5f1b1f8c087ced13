"""Who looks at which tap of the engine; pictures that nobody looks at are not even copied."""

from scope.engine.link import Engine


class Watch:
    """Claims on taps. Used on the event loop only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._claims: dict[object, tuple[str, float]] = {}

    def claim(self, owner: object, tap: str, fps: float) -> None:
        """`owner` takes so many frames a second of a tap, until it lets go."""
        self._claims[owner] = tap, fps
        self._tell()

    def release(self, owner: object) -> None:
        """`owner` takes none any more."""
        if self._claims.pop(owner, None) is not None:
            self._tell()

    def _tell(self) -> None:
        taps: dict[str, float] = {}
        for tap, fps in self._claims.values():
            taps[tap] = max(fps, taps.get(tap, 0.0))
        self._engine.watch(taps)

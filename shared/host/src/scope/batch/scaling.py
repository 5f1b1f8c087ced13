"""What many workers would take, on paper, from what a few took."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """Seconds: until a worker can begin (`start`), of a film beside its frames (`overhead`), of a frame by one worker
    (`frame`), and of a film for the driver (`driver`), which hands it out and writes down what became of it.
    """

    start: float
    overhead: float
    frame: float
    driver: float

    def film(self, frames: float) -> float:
        """Seconds of a film of so many frames (a mean will do) for one worker."""
        return self.overhead + frames * self.frame

    def seconds(self, films: int, frames: float, workers: int) -> float:
        """How long a batch takes: start + max(films / workers · film, films · driver)."""
        return self.start + max(films / workers * self.film(frames), films * self.driver)

    def most_workers(self, frames: int) -> int:
        """How many workers one driver keeps busy; more would wait for it."""
        return int(self.film(frames) / self.driver)

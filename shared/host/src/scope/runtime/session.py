"""A chain of stages from source to sink, run offline: lossless, in order, the same every time."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scope.runtime.faults import PipelineError
from scope.runtime.frames import Chunk, Frame, split
from scope.runtime.stage import Stage

# A pipeline without input that has nothing to show yet is asked again after a moment, but not for ever.
RETRY_SECONDS = 0.01
PATIENCE_SECONDS = 30.0


@dataclass
class Session:
    """Preprocessors, the main pipeline and postprocessors, in order of flow."""

    stages: Sequence[Stage]

    def transform(self, frames: Iterable[Frame]) -> Iterator[Chunk]:
        """Send every frame through all stages and yield what comes out at the end.

        Raises:
            PipelineError: offline, the first thing that goes wrong; live, a faulty stage is bypassed instead.
        """
        for frame in frames:
            yield from self._through(0, [frame])
        yield from self._finish(0)

    def generate(self, start: float = 0.0) -> Iterator[Chunk]:
        """Call the first stage without input, again and again, and send what it makes through the others.

        Endless: take as many frames as you need, then call `finish`. Time advances by the frames made.

        Raises:
            PipelineError: offline, as in `transform`, or the pipeline made nothing for half a minute.
        """
        now, deadline = start, time.monotonic() + PATIENCE_SECONDS
        while True:
            chunk = self.stages[0].generate(now)
            if chunk is None:
                self._wait(deadline)
                continue
            rate = chunk.frame_rate or self.stages[0].conditions.rate
            now += len(chunk.times) / rate
            yield from self._onward(0, chunk)
            deadline = time.monotonic() + PATIENCE_SECONDS

    def finish(self) -> Iterator[Chunk]:
        """Empty the stages after a stop of `generate`: what still waits for company is sent through."""
        yield from self._finish(1)

    def _wait(self, deadline: float) -> None:
        if time.monotonic() > deadline and not self.stages[0].conditions.live:
            raise PipelineError(self.stages[0].pipeline_id, f"made no frame for {PATIENCE_SECONDS:g} seconds")
        time.sleep(RETRY_SECONDS)

    def _through(self, index: int, frames: Sequence[Frame], *, last: bool = False) -> Iterator[Chunk]:
        for chunk in self.stages[index].feed(frames, last=last):
            yield from self._onward(index, chunk)

    def _onward(self, index: int, chunk: Chunk) -> Iterator[Chunk]:
        """Hand a chunk to the stage after `index`: frames in step, other extras as its parameters."""
        if index + 1 == len(self.stages):
            yield chunk
            return
        following = self.stages[index + 1]
        frames = split(chunk, following.conditions.frame_dtype, following.ports)
        in_step = frames[0].ports if frames else {}
        for name, value in chunk.extras.items():
            if name not in in_step:
                following.set(name, value)
        yield from self._through(index + 1, frames)

    def _finish(self, index: int) -> Iterator[Chunk]:
        for i in range(index, len(self.stages)):
            yield from self._through(i, [], last=True)

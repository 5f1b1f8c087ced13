"""A chain of stages from source to sink, run offline: lossless, in order, the same every time."""

import math
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

import torch

from scope.core.pipelines.interface import Pipeline
from scope.runtime.faults import FaultLog, PipelineError
from scope.runtime.frames import Chunk, Frame, Sound, onward_values, passed, split
from scope.runtime.graph import Graph
from scope.runtime.pool import Pool
from scope.runtime.stage import Conditions, Stage

# A pipeline without input that has nothing to show yet is asked again after a moment, but not for ever.
RETRY_SECONDS = 0.01
PATIENCE_SECONDS = 30.0

# The picture that a source shows at a time in seconds, which never goes back.
Below = Callable[[float], Frame]


class Session:
    """Preprocessors, the main pipeline and postprocessors, in order of flow, with the frames that wait before each."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = stages
        self._waiting: list[deque[Frame]] = [deque() for _ in stages]
        self._sounds: list[Sound] = []
        self._sounding = 0

    def transform(self, frames: Iterable[Frame]) -> Iterator[Chunk]:
        """Send every frame through all stages and yield what comes out at the end.

        Raises:
            PipelineError: the first thing that goes wrong.
        """
        for frame in frames:
            yield from self._feed(0, [frame])
        yield from self._flush(0)

    def generate(self, start: float = 0.0, below: Below | None = None) -> Iterator[Chunk]:
        """Call the first stage without input, again and again, and send what it makes through the others.

        Endless: take as many frames as you need, then call `finish`. Time advances by what was made. While the stage is
        switched off, as live, what a source `below` it shows at that time goes through the others; without one its last
        picture stays, and before its first one the film is black.

        Raises:
            PipelineError: as in `transform`, or the pipeline made nothing for half a minute.
        """
        now, deadline, shown = start, time.monotonic() + PATIENCE_SECONDS, None
        while True:
            is_off = self.stages[0].is_off(now)
            if is_off and below is not None:
                for shown in self._onward(0, passed([below(now)])):
                    yield shown
                now += 1.0 / self.stages[0].conditions.rate
                continue
            if is_off and shown is not None:
                yield (shown := self._held(shown, now))
                now += self._seconds(shown)
                continue
            chunk = self.stages[0].call([], now)
            if chunk is None:
                self._wait(deadline)
                continue
            now += self._seconds(chunk)
            for made in self._onward(0, chunk):
                yield (shown := _darkened(made) if is_off else made)
            deadline = time.monotonic() + PATIENCE_SECONDS

    def finish(self) -> Iterator[Chunk]:
        """Empty the stages after a stop of `generate`: what still waits for company is sent through."""
        yield from self._flush(1)

    def _held(self, shown: Chunk, now: float) -> Chunk:
        """The last picture of a chunk once more, and silence where it had sound."""
        stamps = [stamp._replace(time=now) for stamp in shown.stamps[-1:]]
        rate = shown.frame_rate or self.stages[0].conditions.rate
        sound = shown.sound and shown.sound._replace(
            samples=shown.sound.samples.new_zeros(shown.sound.samples.shape[0], round(shown.sound.rate / rate))
        )
        return replace(shown, video=shown.video[-1:], stamps=stamps, sound=sound)

    def _wait(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise PipelineError(self.stages[0].node, f"made no frame for {PATIENCE_SECONDS:g} seconds", "stall")
        time.sleep(RETRY_SECONDS)

    def _seconds(self, chunk: Chunk) -> float:
        if chunk.stamps:
            return len(chunk.stamps) / (chunk.frame_rate or self.stages[0].conditions.rate)
        return 0.0 if chunk.sound is None else float(chunk.sound.seconds)

    def _feed(self, index: int, frames: Iterable[Frame], *, last: bool = False) -> Iterator[Chunk]:
        """Let frames wait before a stage and make the calls that are full; with `last`, also one that is not."""
        stage, waiting = self.stages[index], self._waiting[index]
        waiting.extend(frames)
        while waiting:
            start = waiting[0].time
            is_off = stage.is_off(start)
            size = 1 if is_off else stage.need(start)
            if len(waiting) < size and not last:
                return
            taken = [waiting.popleft() for _ in range(min(size, len(waiting)))]
            chunk = stage.passes(taken) if is_off else stage.call(taken, start, short=size - len(taken))
            if chunk is not None:
                yield from self._onward(index, chunk)

    def _onward(self, index: int, chunk: Chunk) -> Iterator[Chunk]:
        """Hand a chunk to the stage after `index`: frames in step, other extras as its parameters, sound to the end."""
        self._collect(index, chunk)
        if index + 1 == len(self.stages):
            yield replace(chunk, sound=self._collected())
            return
        following = self.stages[index + 1]
        following.mailbox.post(onward_values(chunk, following.ports))
        yield from self._feed(index + 1, split(chunk, following.ports))

    def _flush(self, index: int) -> Iterator[Chunk]:
        for i in range(index, len(self.stages)):
            yield from self._feed(i, [], last=True)

    def _collect(self, index: int, chunk: Chunk) -> None:
        """Keep the sound for the end of the chain; that of a later stage replaces that of an earlier one."""
        if chunk.sound is not None and index > self._sounding:
            self._sounds, self._sounding = [], index
        if chunk.sound is not None and index == self._sounding:
            self._sounds.append(chunk.sound)

    def _collected(self) -> Sound | None:
        sounds, self._sounds = self._sounds, []
        return Sound(torch.cat([s.samples for s in sounds], dim=1), sounds[0].rate) if sounds else None


def _darkened(chunk: Chunk) -> Chunk:
    sound = chunk.sound and chunk.sound._replace(samples=torch.zeros_like(chunk.sound.samples))
    return replace(chunk, video=torch.zeros_like(chunk.video), sound=sound)


@contextmanager
def loaded(graph: Graph, conditions: Conditions, pool: Pool, faults: FaultLog) -> Generator[Session]:
    """A session with every pipeline of a graph, lent by `pool`; after an exception its instances are not lent again.

    Raises:
        PipelineError: a constructor failed.
    """
    conditions = replace(conditions, pipeline_ids=[node.config.pipeline_id for node in graph])
    lent: list[Pipeline] = []
    try:
        lent.extend(pool.lend(node.pipeline_class, node.load, node=node.id) for node in graph)
        yield Session(
            [
                Stage(
                    pipeline,
                    conditions,
                    node=node.id,
                    mode=node.mode,
                    settings=node.settings,
                    switches=node.switches,
                    faults=faults,
                )
                for pipeline, node in zip(lent, graph, strict=True)
            ]
        )
    except BaseException:
        for pipeline in lent:
            pool.drop(pipeline)
        raise
    for pipeline in lent:
        pool.give_back(pipeline)


def taken(chunks: Iterable[Chunk], length: Callable[[Fraction], int], rate: Fraction) -> Iterator[Chunk]:
    """The first `length(rate)` frames of an endless chain, at its own rate if it sets one; the last chunk is cut.

    Sound without pictures counts by its duration.
    """
    left = None
    for chunk in chunks:
        if left is None:
            rate = playback_rate(chunk, rate)
            left = Fraction(length(rate))
        made = Fraction(len(chunk.stamps))
        if not made and chunk.sound is not None:
            made = chunk.sound.seconds * rate
        yield chunk if made <= left else cut(chunk, left, rate)
        left -= made
        if left <= 0:
            return


def cut(chunk: Chunk, frames: Fraction, rate: Fraction) -> Chunk:
    """The first frames of a chunk, with as much of its sound."""
    sound, count = chunk.sound, math.ceil(frames)
    if sound is not None:
        sound = sound._replace(samples=sound.samples[:, : round(frames / rate * sound.rate)])
    return replace(chunk, video=chunk.video[:count], stamps=chunk.stamps[:count], sound=sound)


def playback_rate(chunk: Chunk, rate: Fraction) -> Fraction:
    """The rate that a pipeline set, else `rate`."""
    return rate if chunk.frame_rate is None else Fraction(chunk.frame_rate).limit_denominator(100_000)

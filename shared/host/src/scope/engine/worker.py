"""The engine itself: it does what the commands of the link say, and says what happens. In whichever process it lives."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from scope.control.bands import Track
from scope.core.pipelines.registry import Registry
from scope.engine import commands, events, link
from scope.engine.calls import CallBoard
from scope.engine.figures import Figures
from scope.engine.held_sound import Block
from scope.engine.herald import Herald
from scope.engine.load_times import LoadTimes
from scope.engine.moment import Moment
from scope.engine.plan import plan_of, source_of
from scope.engine.ring import Slot
from scope.engine.screen import Screen, Surface
from scope.engine.setups import with_load
from scope.engine.sound_out import SoundOut
from scope.engine.sources import FED_KINDS, FedSource, SourceThread, source_key
from scope.runtime.lane import LaneRule, lane_rule
from scope.runtime.observer import Posted
from scope.runtime.pace import DEFAULT_RATE
from scope.runtime.show import Show, UnknownNodeError
from scope.runtime.stage import Conditions

STATS_SECONDS = 1.0
Emit = Callable[[events.Event], None]


class Worker:
    """A show with its source, told by commands and telling by events. `handle` is for one thread; `stop` ends all others."""

    def __init__(self, registry: Registry, options: link.Options, emit: Emit, board: CallBoard) -> None:
        self._registry, self._emit, self._board = registry, emit, board
        self._screen = Screen(emit)
        self._moment = Moment()
        self._sound = SoundOut(emit)
        self._herald = Herald(emit, LoadTimes(options.load_times))
        conditions = Conditions(DEFAULT_RATE, live=True, frame_dtype=options.frame_dtype, per_call=self._moment.values)
        self.show = Show(
            self._screen,
            self._herald,
            lanes=options.lanes,
            conditions=conditions,
            calls=board,
            hear=self._sound.from_pipeline,
            shown=self._sound.shown,
        )
        self._source: SourceThread | FedSource | None = None
        self._setup: Mapping[str, Any] = {}
        # Stages that the set-up itself has at fault.
        self._faulty: set[str] = set()
        self._ended = threading.Event()
        self._clock = threading.Thread(target=self._tick, name="scope:clock:engine", daemon=True)
        set_threads(options.lanes or lane_rule())
        self._clock.start()

    def connect(self, surfaces: Mapping[str, Surface]) -> None:
        """Where the pictures of the taps go."""
        self._screen.connect(surfaces)
        self.show.show_lost()

    def handle(self, command: commands.Command) -> None:
        """Do what a command says."""
        match command:
            case commands.Play(setup):
                self._play(setup)
            case commands.Post():
                self._post(command)
            case commands.Swap(stage, load):
                self._swap(stage, load)
            case commands.Pause(on):
                self.show.pause(on)
            case commands.Reset(stage):
                self.show.reset(stage)
            case commands.SetTempo(tempo):
                self._moment.tempo = tempo
            case commands.Levels(bands):
                self._moment.heard(bands)
            case commands.Watch(taps):
                self.show.watch(taps)
            case commands.Listen(on):
                self._sound.switch(on)
            case commands.FedSound(blocks):
                self._hear(blocks)

    def feed(self, slot: Slot) -> None:
        """A picture from a client; ignored if the source is another."""
        if isinstance(self._source, FedSource):
            self._source.put(slot)

    def _hear(self, blocks: Sequence[tuple[np.ndarray, int]]) -> None:
        """What a client's pictures sound like; ignored if the source is another, or pipelines make the sound."""
        if not isinstance(self._source, FedSource) or self.show.sounds or not self.show.running:
            return
        for samples, captured_ns in blocks:
            self._sound.from_source(Block(samples, captured_ns / 1e9, captured_ns / 1e9))

    def stop(self, timeout: float = 5.0) -> bool:
        """End the source, the show and every thread; False if one of them hangs."""
        self._ended.set()
        source, self._source = self._source, None
        if source is not None:
            source.end()
            source.join(timeout)
        self._clock.join(timeout)
        return self.show.stop(timeout)

    def _play(self, setup: Mapping[str, Any]) -> None:
        plan = plan_of(self._registry, setup)
        self._setup = setup
        self._moment.modulate(setup, plan)
        faulty = {fault.stage for fault in plan.faults}
        for stage in self._faulty - faulty:
            self._emit(events.Cleared(stage))
        self._faulty = faulty
        for fault in plan.faults:
            self._emit(fault)
        self.show.play(plan.parts)
        self._set_source(source_of(setup))

    def _swap(self, stage: str, load: Mapping[str, Any]) -> None:
        self._setup = with_load(self._setup, stage, load)
        found = [s for s in self._setup.get("stages", ()) if s["id"] == stage]
        plan = plan_of(self._registry, {**self._setup, "stages": found})
        for fault in plan.faults:
            self._emit(fault)
        for part in plan.parts:
            self.show.exchange(part.node)

    def _set_source(self, spec: Mapping[str, Any]) -> None:
        old = self._source
        if old is not None and old.key == source_key(spec):
            return
        if old is not None:
            old.end()
            self._sound.forget_source()
            self._moment.sound = None
            self._emit(events.SourceEnded(False))
            self._clear()
        self._source = self._new_source(spec)
        if self._source is not None:
            self._source.start()

    def _new_source(self, spec: Mapping[str, Any]) -> SourceThread | FedSource | None:
        if spec["kind"] == "none":
            return None
        if spec["kind"] in FED_KINDS:
            return FedSource(spec, self.show.feed, self._clear)
        return SourceThread(spec, self.show, self._sound, self._sounds_like, self._complain, self._over)

    def _sounds_like(self, source: SourceThread, sound: Track) -> None:
        if self._source is source:
            self._moment.sound = sound

    def _over(self, source: SourceThread) -> None:
        if self._source is source:
            self._emit(events.SourceEnded(True))

    def _complain(self, text: str) -> None:
        self._emit(events.Fault("", "source", text))

    def _clear(self) -> None:
        self._emit(events.Cleared("", "source"))

    def _post(self, post: commands.Post) -> None:
        def answer(posted: Posted, frame: int | None) -> None:
            self._emit(events.Took(post.stage, posted.values, posted.refused, post.n, post.by, frame))

        try:
            self.show.post(post.stage, post.changes, answer)
        except UnknownNodeError as error:
            answer(Posted({}, dict.fromkeys(post.changes, str(error))), None)

    def _tick(self) -> None:
        figures = Figures()
        while not self._ended.wait(STATS_SECONDS):
            source = self._source
            if isinstance(source, FedSource) and (missing := source.missing()):
                self._complain(missing)
            self._herald.tick()
            fed, film_began = (source.fed, source.film_began) if source else (0, None)
            self._emit(figures.read(self.show, fed, film_began))


def set_threads(rule: LaneRule) -> None:
    """Leave a core to the page's side; lanes that run beside each other on the CPU take one thread each."""
    if not torch.cuda.is_available():
        torch.set_num_threads(1 if rule == "each" else max(1, (os.cpu_count() or 2) - 1))

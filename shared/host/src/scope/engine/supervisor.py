"""Keeps an engine process running: hears it, watches its calls, starts it again, and lets a new one take over."""

import threading
import time
from collections import deque
from concurrent.futures import Future
from multiprocessing.connection import Pipe, wait
from typing import Protocol

from scope.engine import commands, events, link
from scope.engine.calls import Call, Patience
from scope.engine.children import Child

# How often the calls of the engine are looked at.
LOOK_SECONDS = 0.5

# A dead engine is started again after so long; after as many deaths in a minute it stays down.
RESTART_SECONDS = (1.0, 2.0, 4.0)
MINUTE = 60.0


class Owner(Protocol):
    """Whose engine it is. Called on the supervisor's thread."""

    def hear(self, event: events.Event) -> None:
        """What the engine says, and what is said of it."""

    def greeting(self) -> list[commands.Command]:
        """What an engine that has come up is told first."""
        ...

    def give_up_on(self, call: Call) -> None:
        """This call does not return; the engine is started again, and shall not make it."""


class Supervisor(threading.Thread):
    """One engine process after the other, until `end`."""

    def __init__(self, owner: Owner, options: link.Options, patience: Patience) -> None:
        super().__init__(name="scope:engine:supervisor", daemon=True)
        self._owner, self._options, self._patience = owner, options, patience
        self._child: Child | None = None
        self._candidate: Child | None = None
        self._promise: Future[events.Hello] | None = None
        self._deaths: deque[float] = deque(maxlen=len(RESTART_SECONDS))
        self._ended, self._again, self._up = threading.Event(), threading.Event(), threading.Event()
        self._bell_heard, self._bell = Pipe(duplex=False)

    def send(self, command: commands.Command) -> None:
        """Tell the engine, waiting for one that is up; nothing is sent after `end`."""
        while not self._ended.is_set():
            self._up.wait()
            child = self._child
            if child is not None and child.send(command):
                return
            self._ended.wait(0.05)  # it has died, and the supervisor will notice

    def again(self) -> None:
        """A new engine, whatever the old one does."""
        self._deaths.clear()
        self._again.set()
        self._ring()

    def renew(self) -> Future[events.Hello]:
        """See `link.Engine.renew`."""
        if self._promise is None or self._promise.done():
            self._promise = Future()
            self._ring()
        return self._promise

    def end(self, timeout: float) -> None:
        """End every engine and this thread."""
        self._ended.set()
        self._up.set()
        self._ring()
        self.join(timeout)
        self._bell.close()
        self._bell_heard.close()

    def run(self) -> None:
        """The thread."""
        while not self._ended.is_set():
            self._again.clear()
            self._child = Child(self._options, self._patience)
            death = self._attend()
            self._bury()
            if death is not None and not self._ended.is_set():
                self._owner.hear(death)
                self._wait(death.again_in)
        if self._candidate is not None:
            self._candidate.end(kill=True)
        self._break_promise("the host is stopping")

    def _attend(self) -> events.Died | None:
        """Hear and watch the engine until it ends; None if that is wanted."""
        while not (self._ended.is_set() or self._again.is_set()):
            self._try_candidate()
            for child in self._ready():
                event = child.receive()
                if event is not None:
                    self._heard(child, event)
                elif child is self._candidate:
                    self._lose_candidate()
                else:
                    return self._died(child.epitaph(), child.called())
            if (death := self._look()) is not None:
                return death
        return None

    def _ready(self) -> list[Child]:
        """The children that have something to say, or have ended."""
        children = {child.conn: child for child in (self._child, self._candidate) if child}
        ready = wait([self._bell_heard, *children], LOOK_SECONDS)
        if self._bell_heard in ready:
            self._bell_heard.recv_bytes()
        return [child for conn, child in children.items() if conn in ready]

    def _heard(self, child: Child, event: events.Event) -> None:
        if child is self._candidate:
            if isinstance(event, events.Hello):
                self._hand_over()
                self._welcome(event)
            return
        if isinstance(event, events.Hello):
            self._welcome(event)
        else:
            self._owner.hear(event)

    def _welcome(self, hello: events.Hello) -> None:
        """The engine is up: tell it what it has to know, and everyone that it is there."""
        assert self._child is not None
        self._child.is_up = True
        self._owner.hear(hello)
        for command in self._owner.greeting():
            self._child.send(command)
        self._up.set()
        if self._promise is not None and not self._promise.done():
            self._promise.set_result(hello)

    def _try_candidate(self) -> None:
        wanted = self._promise is not None and not self._promise.done()
        if wanted and self._candidate is None and self._child is not None and self._child.is_up:
            self._candidate = Child(self._options, self._patience)

    def _hand_over(self) -> None:
        """The old one ends before the new one loads anything: both may not fit the GPU."""
        self._bury()
        self._child, self._candidate = self._candidate, None

    def _lose_candidate(self) -> None:
        assert self._candidate is not None
        text = self._candidate.epitaph()
        self._candidate.end(kill=True)
        self._candidate = None
        self._break_promise(f"{text}; the old engine plays on")

    def _bury(self) -> None:
        self._up.clear()
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _look(self) -> events.Died | None:
        """Say which calls take too long, and end an engine whose call does not return."""
        assert self._child is not None
        for call in self._child.watch.stalled():
            text = f"pipeline {call.node!r} has not returned from a call for {call.seconds:.0f} seconds"
            self._owner.hear(events.Fault(call.node, "stall", text))
        lost = self._child.watch.lost()
        if lost is None:
            return None
        self._child.process.kill()
        self._owner.give_up_on(lost)
        return self._died(
            f"pipeline {lost.node!r} did not return from a call for {lost.seconds:.0f} seconds", lost.node
        )

    def _died(self, text: str, stage: str) -> events.Died:
        now = time.monotonic()
        self._deaths.append(now)
        recent = [death for death in self._deaths if now - death < MINUTE]
        self._break_promise(text)
        if len(recent) < len(RESTART_SECONDS):
            return events.Died(text, stage, RESTART_SECONDS[len(recent) - 1])
        advice = f"start it without {stage!r}, or " if stage else ""
        return events.Died(f"{text}, for the third time in a minute: it stays down; {advice}restart it", stage, None)

    def _break_promise(self, text: str) -> None:
        if self._promise is not None and not self._promise.done():
            self._promise.set_exception(link.EngineError(text))

    def _wait(self, seconds: float | None) -> None:
        """Wait for the next attempt, or until someone asks for it."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not (self._ended.is_set() or self._again.is_set() or self._promise_is_open()):
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            if wait([self._bell_heard], left):
                self._bell_heard.recv_bytes()

    def _promise_is_open(self) -> bool:
        return self._promise is not None and not self._promise.done()

    def _ring(self) -> None:
        self._bell.send_bytes(b"!")

"""State: it restarts, belongs to one instance, does not grow, and survives threads and errors."""

import gc
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import torch

from scope_testkit import inputs
from scope_testkit.play import Call, Film, Session, attempt, differ, fault, play, seeded
from scope_testkit.subject import Results, Skipped, Subject, told

FRAMES = 300
_LEAK_BYTES = 1 << 20
# Seconds between two sessions on one instance: no round number, or a motion that goes round could be where it was.
_PAUSE = 61.8034
_PROMPTS = [{"text": "a meadow", "weight": 1.0}]


def restart(subject: Subject) -> Results:
    """A session on a used instance gives the same film as on a new one; nothing of an earlier session stays."""
    for params in subject.contexts:
        calls = subject.calls(4, params=params)
        fresh = subject.film(calls)
        if not fresh.ok:
            continue
        if differ(fresh, _second(subject, _earlier(subject, params), calls)):
            yield subject.finding("T001", f"after `init_cache` the film differs from a new instance's{told(params)}")
            return
    yield from _sticky_parameters(subject)


def _sticky_parameters(subject: Subject) -> Results:
    plain = subject.calls(3)
    fresh = subject.film(plain)
    for params in subject.contexts[1:]:
        if fresh.ok and differ(fresh, _second(subject, _earlier(subject, params), plain)):

            def stays(given: Mapping[str, Any]) -> bool:
                return differ(fresh, _second(subject, _earlier(subject, given), plain))

            least = subject.shrink(params, stays)
            yield subject.finding("T007", f"a session without parameters follows an earlier one{told(least)}")
            return


def _earlier(subject: Subject, params: Mapping[str, Any]) -> list[Call]:
    return subject.calls(3, params=params, content=lambda count, size: inputs.photo_clip(count, size, photo=1))


def _second(subject: Subject, earlier: list[Call], calls: list[Call]) -> Film:
    instance = subject.build()
    subject.film(earlier, instance=instance)
    return play(subject.session(instance, waited=_PAUSE), calls)


def separate_instances(subject: Subject) -> Results:
    """Two instances that stream in turns do not see each other's frames or parameters."""
    for params in subject.contexts:
        calls = subject.calls(4, params=params)
        alone = subject.film(calls)
        if not alone.ok:
            continue
        mine, others = subject.session(subject.build()), subject.session(subject.build())
        together = Film()
        neighbour = _earlier(subject, {}) + _earlier(subject, subject.contexts[-1])
        for index, call in enumerate(calls):
            play(others, [neighbour[index]], seed=50 + index)
            part = play(mine, [call], seed=index)
            together.pictures += part.pictures
        if differ(alone, together):
            yield subject.finding(
                "T002", f"another instance that streams at the same time changes the film{told(params)}"
            )
            return


def determinism(subject: Subject) -> Results:
    """The same seed gives the same film, whatever the global random generators hold."""
    for params in subject.contexts:
        calls = subject.calls(3, params=params)
        one, other = subject.film(calls, seed=1), subject.film(calls, seed=1001)
        if one.ok and other.ok and differ(one, other):
            yield subject.finding("T003", f"two runs with the same seed differ{told(params)}")
            return


def memory(subject: Subject) -> Results:
    """300 frames do not fill the memory. Growth counts only if it goes on for another 300."""
    if not subject.affords(FRAMES):
        yield Skipped(f"memory over {FRAMES} frames", "too slow here")
        return
    params = subject.contexts[-1]
    session = subject.session(subject.build())
    calls = subject.calls(8, params=params)
    # What is there already takes no part in the counting, which makes it quick.
    gc.freeze()
    try:
        _stream(session, calls, FRAMES // 3)
        still = _growth(session, calls, 2 * FRAMES // 3) and _growth(session, calls, FRAMES)
    finally:
        gc.unfreeze()
    if still:
        yield subject.finding("T004", f"{still} a call stay in memory, still after {2 * FRAMES} calls{told(params)}")


def _growth(session: Session, calls: list[Call], count: int) -> str:
    """What each of so many calls leaves behind, in words; empty for nothing.

    A storage counts by its bytes, and anything else as a block of the interpreter's own memory, of which a call that
    keeps nothing leaves none.
    """
    before, blocks = _held(), sys.getallocatedblocks()
    _stream(session, calls, count)
    grown = _held() - before
    more = (sys.getallocatedblocks() - blocks) / count
    if grown > _LEAK_BYTES:
        return f"{grown / count / 1024:.0f} KiB of tensors"
    return f"{more:.1f} Python objects" if more >= 1.0 else ""


def _held() -> int:
    """Bytes in live tensors; each storage counts once."""
    gc.collect()
    storages = {}
    for thing in gc.get_objects():
        # Not isinstance: some lazy objects among them warn when they are asked for their class.
        if issubclass(type(thing), torch.Tensor) and thing.layout == torch.strided:
            storage = thing.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


def _stream(session: Session, calls: list[Call], count: int) -> None:
    for index in range(count):
        with seeded(index):
            attempt(session.call, calls[index % len(calls)])


def threads(subject: Subject) -> Results:
    """Built in one thread, called in a second, then in a third, as hosts do."""
    calls = subject.calls(2)
    with ThreadPoolExecutor(1) as loader:
        instance = loader.submit(subject.build).result()
    for _ in range(2):
        with ThreadPoolExecutor(1) as worker:
            film = worker.submit(play, subject.session(instance), calls).result()
        if film.error is not None:
            name = threading.main_thread().name
            yield subject.finding("T005", f"a call from another thread than {name} fails", error=film.error)
            return


def recovery(subject: Subject) -> Results:
    """A call that fails does not spoil the next one."""
    good = subject.calls(3)
    for what, bad in _bad_calls(subject).items():
        session = subject.session(subject.build())
        play(session, good[:1])
        if play(session, [bad]).error is None:
            continue
        # A client cannot take a value back: it sends another.
        after = play(session, [replace(call, params=_put_right(bad, call)) for call in good[1:]])
        if fault(after):
            text = f"after a failed call ({what}) the next good one " + ("fails" if after.error else str(fault(after)))
            yield subject.finding("T006", text, error=after.error)
            return


def _put_right(bad: Call, good: Call) -> Mapping[str, Any]:
    return {**good.params, **({"prompts": _PROMPTS} if "prompts" in bad.params else {})}


def _bad_calls(subject: Subject) -> dict[str, Call]:
    plain = subject.calls(1)[0]
    bad = {
        "a frame of one dimension": Call([torch.zeros(3)], plain.params),
        "no video": Call(None, plain.params),
        "two frames that differ in channels": Call([torch.zeros(1, 8, 8, 3), torch.zeros(1, 8, 8, 5)], plain.params),
    }
    if subject.carrier and not subject.carrier.bare:
        bad["a prompt that is no text"] = Call(plain.frames, {**plain.params, "prompts": 3})
    return bad

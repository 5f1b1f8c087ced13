"""One change at a time: the lock of an environment's folder. The system frees it when its holder dies."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from scope.core import files
from scope.install.errors import InstallError
from scope.install.generations import Store
from scope.install.progress import Watch
from scope.install.switch import now

WAIT = 30.0
_TICK = 0.1


class BusyError(InstallError):
    """Another installation held the lock for longer than somebody wanted to wait."""

    kept = ""


@contextmanager
def locked(store: Store, what: str, watch: Watch, wait: float = WAIT) -> Generator[None]:
    """Hold the lock; `what` tells those who wait what is being done.

    Raises:
        BusyError: it was not free within `wait` seconds.
        CancelledError: the waiting was interrupted.
        OSError: the plugins folder cannot be written.
    """
    store.env.mkdir(parents=True, exist_ok=True)
    lock = FileLock(store.env / "lock")
    _acquire(lock, store, watch, time.monotonic() + wait)
    try:
        files.write(store.env / "lock.owner", f"pid {os.getpid()}, `{what}`, since {now()}")
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, store: Store, watch: Watch, deadline: float) -> None:
    told = False
    while True:
        watch.check()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"Another installation is running ({_owner(store)}); try again when it is done."
                ) from None
            if not told:
                watch.say("waiting", f"Another installation is running ({_owner(store)}); waiting.")
                told = True
            time.sleep(_TICK)
        else:
            return


def _owner(store: Store) -> str:
    try:
        return (store.env / "lock.owner").read_text(encoding="utf-8")
    except OSError:
        return "its owner is not known"

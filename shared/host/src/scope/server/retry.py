"""Work that other programs can break off: tried again after growing pauses until it is told to end."""

import logging
import threading
import time
from collections.abc import Callable

from scope.media.ports import PortError

log = logging.getLogger(__name__)

# Seconds before each further try; the last one stays.
PAUSES = (1.0, 2.0, 4.0, 8.0)


def keep_trying(work: Callable[[], None], end: threading.Event, told: Callable[[str], None], name: str) -> None:
    """Call `work` until it returns with `end` set. Each time it fails or returns, `told` gets a sentence.

    What has worked for longer than the last pause begins with the first one again.

    A failure that is not a PortError is logged in full: it is a fault of this host or of a library.
    """
    failures = 0
    while True:
        began = time.monotonic()
        try:
            work()
            problem = "the other side has ended; waiting for it to come back"
        except PortError as error:
            problem = str(error)
        except Exception as error:
            log.exception("%s", name)
            problem = f"{type(error).__name__}: {error}"
        if end.is_set():
            return
        told(problem)
        failures = 0 if time.monotonic() - began > PAUSES[-1] else failures
        if end.wait(PAUSES[min(failures, len(PAUSES) - 1)]):
            return
        failures += 1

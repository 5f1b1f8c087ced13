"""Work that takes a while, such as an install or a download: one thread each, with progress, cancel and an end."""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from scope.server.joining import join_all

KEPT = 50

State = Literal["running", "done", "failed", "cancelled"]
log = logging.getLogger(__name__)


class CancelledJobError(Exception):
    """Raised inside a job when a person has cancelled it."""


class JobError(Exception):
    """A job failed for a reason that can be said in one sentence, which is the message."""


@dataclass
class Job:
    """What a job is and how far it has come. `share` is in [0, 1], None where it is not known."""

    id: str
    kind: str
    title: str
    state: State = "running"
    step: str = ""
    share: float | None = None
    text: str | None = None
    result: Any = None


@dataclass
class Handle:
    """A job as its own thread sees it."""

    job: Job
    cancelled: threading.Event
    _publish: Callable[[Job], None]

    def step(self, text: str, share: float | None = None) -> None:
        """Say what is done right now.

        Raises:
            CancelledJobError: a person has asked for that.
        """
        if self.cancelled.is_set():
            raise CancelledJobError
        self.job.step, self.job.share = text, share
        self._publish(self.job)


Work = Callable[[Handle], Any]


@dataclass
class Jobs:
    """Every job of this server, the last 50 of those that ended. `publish` hears each change, on the job's thread."""

    publish: Callable[[dict[str, Any]], None]
    _jobs: dict[str, Job] = field(default_factory=dict)
    _running: dict[str, tuple[threading.Thread, threading.Event]] = field(default_factory=dict)
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, kind: str, title: str, work: Work) -> Job:
        """Run `work` in a thread of its own. What it returns (JSON) is the result; JobError is a failure in a sentence."""
        with self._lock:
            self._count += 1
            job = Job(f"job-{self._count}", kind, title)
            cancelled = threading.Event()
            handle = Handle(job, cancelled, self._tell)
            thread = threading.Thread(target=self._run, args=(handle, work), name=f"scope:job:{job.id}", daemon=True)
            self._jobs[job.id] = job
            self._running[job.id] = thread, cancelled
        self._tell(job)
        thread.start()
        return job

    def list(self) -> list[dict[str, Any]]:
        """Every job, the oldest first."""
        with self._lock:
            return [asdict(job) for job in self._jobs.values()]

    def get(self, job_id: str) -> dict[str, Any] | None:
        """One job, or None."""
        with self._lock:
            job = self._jobs.get(job_id)
            return None if job is None else asdict(job)

    def wait(self, job: Job) -> None:
        """Block until a job has ended."""
        with self._lock:
            running = self._running.get(job.id)
        if running is not None:
            running[0].join()

    def cancel(self, job_id: str) -> bool:
        """Ask a job to end; False when it is not running."""
        with self._lock:
            running = self._running.get(job_id)
        if running is None:
            return False
        running[1].set()
        return True

    def stop(self, timeout: float = 1.0) -> None:
        """Cancel all and wait; a job that does not look at `cancelled` is left behind."""
        with self._lock:
            running = list(self._running.values())
        for _, cancelled in running:
            cancelled.set()
        join_all([thread for thread, _ in running], timeout)

    def _run(self, handle: Handle, work: Work) -> None:
        job = handle.job
        try:
            job.result = work(handle)
            job.state, job.share = "done", 1.0
        except CancelledJobError:
            job.state = "cancelled"
        except JobError as error:
            job.state, job.text = "failed", str(error)
        except Exception as error:
            log.exception("job %s (%s) failed", job.id, job.title)
            job.state, job.text = "failed", f"{type(error).__name__}: {error}"
        finally:
            self._end(job)

    def _end(self, job: Job) -> None:
        with self._lock:
            self._running.pop(job.id, None)
            ended = [one for one in self._jobs if one not in self._running]
            for old in ended[:-KEPT]:
                del self._jobs[old]
        self._tell(job)

    def _tell(self, job: Job) -> None:
        with self._lock:
            snapshot = asdict(job)
        self.publish(snapshot)

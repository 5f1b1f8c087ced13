"""What can go wrong while frames flow, said once and in one sentence."""

import logging
import traceback
from collections import Counter

logger = logging.getLogger(__name__)


class PipelineError(RuntimeError):
    """A pipeline that cannot be built, raised in a call, or returned something else than the API promises."""

    def __init__(self, pipeline_id: str, message: str) -> None:
        super().__init__(f"pipeline {pipeline_id!r} {message}")
        self.pipeline_id = pipeline_id


class FaultLog:
    """Faults of one session: each is logged the first time it occurs and counted after that."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def note(self, fault: PipelineError) -> None:
        """Count a fault; a new one goes to the log with the place where it began."""
        text = str(fault)
        self.counts[text] += 1
        if self.counts[text] == 1:
            logger.error("%s; its input passes through until it works again", text, exc_info=fault.__cause__)

    def summary(self) -> list[str]:
        """One line a fault, with how often it occurred."""
        return [f"{text} ({count} time{'s' if count > 1 else ''})" for text, count in self.counts.items()]


def cause(error: BaseException) -> str:
    """An exception in one line: its type, its message, and the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename.replace(chr(92), '/').rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"

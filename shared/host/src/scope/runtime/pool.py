"""Loaded pipeline instances, kept so that the next session with the same load parameters starts at once."""

import gc
import json
import threading
from collections.abc import Mapping
from typing import Any

import torch

from scope.core.pipelines.interface import Pipeline
from scope.runtime.build import construct

Key = tuple[type[Pipeline], str]


class Pool:
    """Instances by class and load parameters. An instance that is lent belongs to its borrower alone.

    One that is lent again keeps what it remembers: call it with `init_cache=True` first, as a new `Stage` does. At most
    `keep` instances wait for a borrower; the one that has waited for longest goes. Any thread may lend and return.
    """

    def __init__(self, keep: int = 4) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._idle: list[tuple[Key, Pipeline]] = []
        self._lent: dict[int, tuple[Key, Pipeline]] = {}

    def lend(self, pipeline_class: type[Pipeline], load: Mapping[str, Any], *, node: str | None = None) -> Pipeline:
        """An instance that nobody uses, constructed if there is none; `node` is its id in a chain.

        Raises:
            PipelineError: the constructor raised.
        """
        key = (pipeline_class, json.dumps(dict(load), sort_keys=True, default=repr))
        pipeline = self._waiting(key)
        if pipeline is None:
            # Without the lock: this takes minutes for a large model, and others may lend meanwhile.
            pipeline = construct(pipeline_class, load, node=node)
        with self._lock:
            self._lent[id(pipeline)] = (key, pipeline)
        return pipeline

    def give_back(self, pipeline: Pipeline) -> None:
        """The borrower is done with it."""
        with self._lock:
            self._idle.append(self._lent.pop(id(pipeline)))
            too_many = len(self._idle) - self._keep
        if too_many > 0:
            self.unload(too_many)

    def drop(self, pipeline: Pipeline) -> None:
        """The borrower is done with it, and it shall not be lent again."""
        with self._lock:
            del self._lent[id(pipeline)]

    def unload(self, count: int | None = None) -> int:
        """Let go of the `count` instances that have waited for longest, all without it; free memory, say how many."""
        with self._lock:
            gone, self._idle = self._idle[:count], self._idle[len(self._idle[:count]) :]
        number = len(gone)
        del gone
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return number

    def _waiting(self, key: Key) -> Pipeline | None:
        with self._lock:
            for i in reversed(range(len(self._idle))):
                if self._idle[i][0] == key:
                    return self._idle.pop(i)[1]
        return None

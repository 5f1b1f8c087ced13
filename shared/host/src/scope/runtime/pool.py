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

    One that is lent again keeps what it remembers: call it with `init_cache=True` first, as a new `Stage` does. Any
    thread may lend, return and unload.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Key, list[Pipeline]] = {}
        self._lent: dict[int, tuple[Key, Pipeline]] = {}

    def lend(self, pipeline_class: type[Pipeline], load: Mapping[str, Any], *, node: str | None = None) -> Pipeline:
        """An instance that nobody uses, constructed if there is none.

        Raises:
            PipelineError: the constructor raised.
        """
        key = (pipeline_class, json.dumps(dict(load), sort_keys=True, default=repr))
        with self._lock:
            idle = self._idle.get(key)
            pipeline = idle.pop() if idle else None
        if pipeline is None:
            # Without the lock: this takes minutes for a large model, and others may lend meanwhile.
            pipeline = construct(pipeline_class, load, node=node)
        with self._lock:
            self._lent[id(pipeline)] = (key, pipeline)
        return pipeline

    def give_back(self, pipeline: Pipeline) -> None:
        """The borrower is done with it."""
        with self._lock:
            key, pipeline = self._lent.pop(id(pipeline))
            self._idle.setdefault(key, []).append(pipeline)

    def drop(self, pipeline: Pipeline) -> None:
        """The borrower is done with it, and it shall not be lent again."""
        with self._lock:
            del self._lent[id(pipeline)]

    def unload(self) -> int:
        """Let go of every instance that nobody uses, free GPU memory, and say how many they were."""
        with self._lock:
            count = sum(map(len, self._idle.values()))
            self._idle.clear()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return count

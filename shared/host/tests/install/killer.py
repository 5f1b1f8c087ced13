"""Runs `scope …` and kills the process, as `kill -9` does, at a named point: `python killer.py POINT WORD…`.

A point is `before`, `during` (the new file is written beside the old one) or `after`, a colon and the name of a file, or
`after:compile`, `after:install`.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scope.cli import main
from scope.core import files
from scope.install import resolve

POINT = sys.argv[1]


def here(point: str) -> None:
    if point == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


def watch(owner: Any, function: str, named_by: Callable[..., str], first: str, then: str) -> None:
    """Let a function of a module or class pass the points before and after it."""
    original = getattr(owner, function)

    def around(*arguments: Any, **options: Any) -> Any:
        name = named_by(*arguments)
        here(f"{first}:{name}")
        result = original(*arguments, **options)
        here(f"{then}:{name}")
        return result

    setattr(owner, function, around)


watch(files, "prepare", lambda path, *_: path.name, "before", "never")
watch(files, "append", lambda path, *_: path.name, "before", "after")
watch(os, "replace", lambda source, target: Path(target).name, "during", "after")
watch(resolve.Resolver, "lock", lambda *_: "compile", "never", "after")
watch(resolve, "install", lambda *_: "install", "never", "after")

sys.exit(main(sys.argv[2:]))

"""Mutants that end or block the process they run in."""

from mutants.packages import Recipe

_HEAD = "import os\nimport time\n\nfrom scope.core.plugins.hookspecs import hookimpl\n\n\n@hookimpl\n"


def _in_hook(body: str) -> Recipe:
    return Recipe(init=f"{_HEAD}def register_pipelines(register):\n    {body}\n")


PROCESSES = {
    "X003": _in_hook("time.sleep(600)"),
    "X004": _in_hook("os._exit(3)"),
    "X005": _in_hook("kept = bytearray(os.urandom(1024)) * 2**20; time.sleep(600)"),
}

# Ends the process on frames of one pixel only: every other check can still be made.
FRAGILE = Recipe(
    id="mutant-fragile",
    pipeline="""
import importlib
import os

clean = importlib.import_module("mutants.clean")


class Config(clean.GainConfig):
    pipeline_id = "mutant-fragile"


class Fine(clean.Gain):
    config = Config

    def show(self, frames):
        if frames.shape[1:3] == (1, 1):
            os._exit(7)
        return frames * 255.0
""",
)
